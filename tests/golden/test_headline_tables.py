"""CSVs and the workbook say what the marts say; their readme has credit lines, caveats and units."""

import csv
from pathlib import Path

import duckdb
import openpyxl
import pytest

from dagster_project.publishing.artifacts.headline_tables import (
    IN_WORKBOOK,
    TABLES,
    WORKBOOK,
    write_headline_tables,
)
from dagster_project.publishing.releases import current_release

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def made(
    data: Path, release: duckdb.DuckDBPyConnection, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    folder = tmp_path_factory.mktemp("tables")
    about = current_release(data / "published")
    assert about
    write_headline_tables(release, folder, about)
    return folder


@pytest.mark.parametrize("table", TABLES)
def test_a_csv_has_every_row_and_column(
    made: Path, release: duckdb.DuckDBPyConnection, table: str
) -> None:
    with (made / f"{table}.csv").open(encoding="utf-8", newline="") as file:
        head, *lines = csv.reader(file)
    described = release.execute(f"describe main.{table}").fetchall()
    assert head == [column[0] for column in described]
    assert release.execute(f"select count(*) from main.{table}").fetchall() == [(len(lines),)]


def test_the_workbook_holds_the_figures_and_their_terms(
    made: Path, release: duckdb.DuckDBPyConnection
) -> None:
    book = openpyxl.load_workbook(made / WORKBOOK, read_only=True)
    assert book.sheetnames == ["readme", *IN_WORKBOOK]
    said = [tuple(row[:2]) for row in book["readme"].iter_rows(values_only=True)]
    text = "\n".join(str(cell) for row in said for cell in row)
    for (credit,) in release.execute("select credit_line from marts.dim_source").fetchall():
        assert credit in text
    for (caveat,) in release.execute(
        "select distinct main_caveat_text from marts.mart_headline where main_caveat is not null"
    ).fetchall():
        assert caveat in text
    assert "Unit: US dollars." in text
    rows = book["headline"].iter_rows(values_only=True)
    head = next(rows)
    place = {name: number for number, name in enumerate(head)}
    query = "select leading_origin_id, leading_share, null_reason from main.headline where importer_id = ? and mineral_id = ? and stage = ?"
    wanted = {("JPN", "rare_earths", "refined"), ("DEU", "gallium", "refined")}
    seen = 0
    for row in rows:
        key = (row[place["importer_id"]], row[place["mineral_id"]], row[place["stage"]])
        if key in wanted:
            ((leader, share, reason),) = release.execute(query, key).fetchall()
            assert row[place["leading_origin_id"]] == leader
            assert row[place["leading_share"]] == pytest.approx(share)
            assert row[place["null_reason"]] == reason
            seen += 1
    assert seen == len(wanted)
