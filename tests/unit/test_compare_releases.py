"""The comparison of two releases sees a lost row, a moved share, a new null and a lost column, and nothing else."""

from pathlib import Path

import duckdb
import pytest

from dagster_project.publishing.renames import Renames, read_renames
from scripts.compare_releases import compare

YML = """
models:
  - name: mart_a
    data_tests:
      - unique_key:
          name: mart_a__has_one_row_per_key
          arguments:
            columns: [party, "coalesce(hs6, '')"]
"""
ROWS = "(values ('CHN', null, 0.5, 'x'), ('USA', '010203', 0.25, 'y'), ('JPN', null, null, 'z'))"


def _release(path: Path, table: str = "mart_a", columns: str = "party, hs6, a_share, text") -> Path:
    with duckdb.connect(str(path)) as connection:
        connection.execute("create schema marts")
        connection.execute(f"create table marts.{table} as select * from {ROWS} as t({columns})")
    return path


@pytest.fixture
def models(tmp_path: Path) -> Path:
    folder = tmp_path / "models"
    folder.mkdir()
    (folder / "_a__models.yml").write_text(YML, encoding="utf-8")
    return folder


def test_equal_releases_differ_in_nothing(tmp_path: Path, models: Path) -> None:
    old, new = _release(tmp_path / "old.duckdb"), _release(tmp_path / "new.duckdb")
    assert compare(old, new, {}, 0.005, models) == ([], False)


def test_each_kind_of_difference_is_named(tmp_path: Path, models: Path) -> None:
    old, new = _release(tmp_path / "old.duckdb"), _release(tmp_path / "new.duckdb")
    with duckdb.connect(str(new)) as connection:
        connection.execute("update marts.mart_a set a_share = 0.51 where party = 'CHN'")
        connection.execute("update marts.mart_a set a_share = null where party = 'USA'")
        connection.execute("delete from marts.mart_a where party = 'JPN'")
        connection.execute("alter table marts.mart_a drop column text")
        connection.execute("create table marts.mart_b as select 1 as n")
    lines, differs = compare(old, new, {}, 0.005, models)
    assert differs
    assert "\n".join(lines) == (
        "mart_a\n"
        "  rows only in old: 1, only in new: 0\n"
        "  a_share: 2 changed, of which 1 became null and 0 were null, 1 moved by more than 0.005\n"
        "    CHN|: 0.5 -> 0.51\n"
        "  columns gone: text\n"
        "mart_b: added"
    )


def test_renamed_tables_and_columns_are_compared_as_one(tmp_path: Path, models: Path) -> None:
    old = _release(tmp_path / "old.duckdb", "mart_z", "id, hs6, b_share, text")
    new = _release(tmp_path / "new.duckdb")
    renamed = {"mart_z": Renames("mart_a", {"id": "party", "b_share": "a_share"})}
    assert compare(old, new, renamed, 0.005, models) == ([], False)
    with duckdb.connect(str(new)) as connection:
        connection.execute("update marts.mart_a set a_share = 0.75 where party = 'CHN'")
    lines, differs = compare(old, new, renamed, 0.005, models)
    assert differs
    assert "b_share -> a_share: 1 changed" in "\n".join(lines)


def test_a_renamed_value_is_no_difference(tmp_path: Path, models: Path) -> None:
    old, new = _release(tmp_path / "old.duckdb"), _release(tmp_path / "new.duckdb")
    with duckdb.connect(str(new)) as connection:
        connection.execute("update marts.mart_a set party = 'PRC' where party = 'CHN'")
    rows = "mart_a,mart_a,party,party,CHN,PRC\n"
    path = tmp_path / "renames.csv"
    path.write_text(
        "old_mart,new_mart,old_column,new_column,old_value,new_value\n" + rows, encoding="utf-8"
    )
    assert compare(old, new, read_renames(path), 0.005, models) == ([], False)
    assert compare(old, new, {}, 0.005, models)[1]
