"""Notes of a release against the one before: two small databases made by hand, and what must be said of them."""

from collections.abc import Sequence
from pathlib import Path

import duckdb
import pytest

from dagster_project.publishing.artifacts.release_notes import write_notes

ABOUT = {
    "release": "2026.12.1",
    "built_at": "2026-12-01T00:00:00+00:00",
    "software_version": "0.1.0",
    "input": "embedded",
    "as_of": "9999-12-31",
    "content_digest": "d1",
}
Row = tuple[str, str, int, float | None]


def made(path: Path, rows: Sequence[Row], extra: str = "") -> Path:
    with duckdb.connect(str(path)) as connection:
        connection.execute("create schema marts; create schema _build")
        connection.execute("create table _build.release as select '2026.11.9' as release")
        connection.execute(
            "create table _build.check_result as select * from (values "
            "('marts/a:one', true, 'ERROR', 'fine'), ('marts/a:two', false, 'WARN', 'odd by 3'))"
            " as t(check_key, passed, severity, summary)"
        )
        connection.execute(
            "create table marts.mart_production_share (mineral_id varchar, stage varchar, form varchar, "
            "basis varchar, country_iso3 varchar, reference_year integer, source_id varchar, "
            "is_current_edition boolean, production_share double)"
        )
        connection.executemany(
            "insert into marts.mart_production_share values (?, 'mine', 'ore', 'gross', ?, ?, 's', true, ?)",
            rows,
        )
        if extra:
            connection.execute(extra)
    return path


@pytest.fixture
def older(tmp_path: Path) -> Path:
    rows: list[Row] = [
        ("tin", "CHN", 2024, 0.40),
        ("tin", "IDN", 2024, 0.20),
        ("tin", "PER", 2024, 0.101),
        ("lead", "CHN", 2024, 0.50),
    ]
    return made(tmp_path / "old.duckdb", rows, "create table marts.mart_gone as select 1 as one")


def notes(tmp_path: Path, previous: Path | None) -> str:
    rows: list[Row] = [
        ("tin", "CHN", 2024, 0.30),
        ("tin", "IDN", 2024, 0.25),
        ("tin", "PER", 2024, 0.102),
        ("tin", "BOL", 2024, 0.05),
        ("zinc", "CHN", 2024, None),
    ]
    database = made(
        tmp_path / "new.duckdb",
        rows,
        "alter table marts.mart_production_share add column note varchar",
    )
    path = tmp_path / "RELEASE_NOTES.md"
    write_notes(path, database, ABOUT, previous)
    return path.read_text(encoding="utf-8")


def test_what_moved_is_said(tmp_path: Path, older: Path) -> None:
    text = notes(tmp_path, older)
    assert "Compared with release 2026.11.9." in text
    assert "| mart_production_share | 4 | 5 |" in text
    assert "| mart_gone | 1 | none |" in text
    assert "* mart_production_share: new `note`" in text
    assert "* `mineral_id`, new: zinc" in text
    assert "* `mineral_id`, vanished: lead" in text
    assert "* `country_iso3`, new: BOL" in text
    assert "`country_iso3`, vanished" not in text
    changes = text.split("## Largest changes of `mart_production_share.production_share`")[
        1
    ].splitlines()
    lines = [line for line in changes if line.startswith("| tin")]
    # By size: ten points, five points; a tenth of a point is not listed.
    assert [line.split(" | ")[4] for line in lines] == ["CHN", "IDN"]
    assert lines[0].endswith("| 40.0% | 30.0% |")


def test_rewritten_descriptions_are_named(tmp_path: Path, older: Path) -> None:
    with duckdb.connect(str(older)) as connection:
        connection.execute("comment on column marts.mart_production_share.stage is 'As it was.'")
    text = notes(tmp_path, older)
    assert "Rewritten: `mart_production_share.stage`." in text


def test_a_release_that_may_not_be_passed_on_says_so_first(tmp_path: Path) -> None:
    database = made(tmp_path / "new.duckdb", [("tin", "CHN", 2024, 0.3)])
    path = tmp_path / "RELEASE_NOTES.md"
    write_notes(path, database, {**ABOUT, "restricted_sources": "un_comtrade"}, None)
    assert path.read_text(encoding="utf-8").splitlines()[2] == (
        "**Not to be passed on: it holds rows of un_comtrade.**"
    )


def test_checks_that_warned_are_named(tmp_path: Path) -> None:
    text = notes(tmp_path, None)
    assert "1 passed, 1 warned" in text
    assert "* `marts/a:two`: odd by 3" in text


def test_nothing_moved(tmp_path: Path, older: Path) -> None:
    path = tmp_path / "RELEASE_NOTES.md"
    twin = tmp_path / "twin.duckdb"
    twin.write_bytes(older.read_bytes())
    write_notes(path, twin, ABOUT, older)
    text = path.read_text(encoding="utf-8")
    assert "No mart has more or fewer rows." in text
    assert "None is new, none vanished." in text
    assert "None moved by 0.5 points or more." in text


def test_rows_are_read_from_parquet_where_it_lies_beside(tmp_path: Path) -> None:
    """A view of millions of rows is not computed again: here the file says another figure than the database."""
    previous = made(tmp_path / "old.duckdb", [("tin", "CHN", 2024, 0.40)])
    (tmp_path / "parquet").mkdir()
    with duckdb.connect(str(previous)) as connection:
        connection.execute(
            "copy (select * replace (0.9 as production_share) from marts.mart_production_share) "
            f"to '{tmp_path}/parquet/mart_production_share.parquet'"
        )
    now = tmp_path / "now"
    now.mkdir()
    assert "| 90.0% | 30.0% |" in notes(now, previous)


def test_broken_older_release_does_not_stop_a_new_one(tmp_path: Path) -> None:
    broken = tmp_path / "broken.duckdb"
    broken.write_bytes(b"not a database" * 1000)
    text = notes(tmp_path, broken)
    assert "The previous release could not be read" in text
    assert "## Checks" in text


def test_missing_older_release_does_not_stop_a_new_one(tmp_path: Path) -> None:
    text = notes(tmp_path, tmp_path / "none.duckdb")
    assert "The previous release could not be read" in text


def test_lists_kept_by_hand_say_until_when_they_hold(tmp_path: Path) -> None:
    lists = (
        "create table marts.dim_reviewed_list as select * from (values "
        "('a.csv', date '2026-11-29', date '2027-01-28'), ('b.csv', date '2026-11-24', null)) "
        "as t(list_file, checked_on, review_by)"
    )
    path = tmp_path / "RELEASE_NOTES.md"
    write_notes(
        path, made(tmp_path / "now.duckdb", [("tin", "CHN", 2024, 0.3)], lists), ABOUT, None
    )
    text = path.read_text(encoding="utf-8")
    assert "| `a.csv` | 2026-11-29 | 2027-01-28 |" in text
    assert "b.csv" not in text
    assert "Lists kept by hand" not in notes(tmp_path, None)
