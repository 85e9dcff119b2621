"""Queries for the last release run in schema `marts_v1`, in every DuckDB that opens a release."""

from pathlib import Path

import duckdb
import pytest
import yaml

from dagster_project.publishing.renames import RENAMES, Renames, create_old_views, read_renames

# Columns of sentences and labels: the page says in words what changed in them.
PROSE = {
    "assumption_id",
    "defined_in",
    "note",
    "name",
    "title",
    "bloc_name",
    "reason",
    "claim_text",
    "explanation",
}
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def published(tmp_path: Path) -> Path:
    path = tmp_path / "critical_minerals.duckdb"
    with duckdb.connect() as connection:
        connection.execute(f"attach '{path}' as critical_minerals (storage_version 'v1.0.0')")
        connection.execute("use critical_minerals")
        connection.execute("create schema marts")
        connection.execute(
            "create table marts.mart_a as select * from (values ('declared', 0.5), (null, 0.25)) "
            "as t(view, declared_share)"
        )
        connection.execute("create table marts.dim_b as select 1 as id")
        renames = Renames(
            "mart_a", {"face_share": "declared_share"}, {"view": {"face": "declared"}}
        )
        create_old_views(connection, {"mart_z": renames})
    return path


def test_old_names_and_values_answer(published: Path) -> None:
    with duckdb.connect(str(published), read_only=True) as connection:
        query = "select view, face_share from marts_v1.mart_z order by face_share"
        assert connection.execute(query).fetchall() == [(None, 0.25), ("face", 0.5)]
        assert connection.execute("select id from marts_v1.dim_b").fetchall() == [(1,)]


def test_old_names_answer_when_the_file_has_another_name(published: Path) -> None:
    with duckdb.connect() as connection:
        connection.execute(f"attach '{published}' as elsewhere (read_only)")
        found = connection.execute("select count(*) from elsewhere.marts_v1.mart_z").fetchall()
    assert found == [(2,)]


def test_the_list_is_sorted_and_of_columns_that_are_there() -> None:
    lines = RENAMES.read_text(encoding="utf-8").splitlines()[1:]
    assert lines == sorted(set(lines))
    columns = {
        model["name"]: {column["name"] for column in model["columns"]}
        for path in (ROOT / "dbt" / "models" / "marts").rglob("*__models.yml")
        for model in yaml.safe_load(path.read_text(encoding="utf-8"))["models"]
    }
    for renames in read_renames().values():
        assert set(renames.columns.values()) <= columns[renames.mart]


def test_the_page_for_analysts_lists_every_rename() -> None:
    page = (ROOT / "docs" / "migrate-to-marts-v2.md").read_text(encoding="utf-8")
    for old, renames in read_renames().items():
        for column, new in renames.columns.items():
            if column != new:
                assert f"| `{old}` | `{column}` | `{new}` |" in page
        for column, values in renames.values.items():
            if column in PROSE:
                continue
            for value, other in values.items():
                assert f"| `{old}.{renames.columns[column]}` | `{value}` | `{other}` |" in page
