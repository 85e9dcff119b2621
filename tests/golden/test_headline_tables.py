"""CSVs and the workbook say what the marts say; their readme has credit lines, caveats and units."""

import csv
import shutil
from collections.abc import Iterator
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
from dagster_project.publishing.release_files import DATABASE
from dagster_project.publishing.releases import current_release

pytestmark = pytest.mark.slow


# Of two hundred: a workbook of all takes seconds to write and to read.
IMPORTERS = ["JPN", "DEU", "USA", "EU27", "ATA"]


@pytest.fixture(scope="module")
def cut(few: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    """A release of some importers."""
    path = tmp_path_factory.mktemp("cut") / DATABASE
    shutil.copyfile(few / "published" / "current" / DATABASE, path)
    with duckdb.connect(str(path)) as connection:
        for table in IN_WORKBOOK:
            others = f"delete from marts.mart_{table} where importer_id not in "
            connection.execute(f"{others} {tuple(IMPORTERS)}")
            counted = f"select count(*) > 400 from main.{table}"
            assert connection.execute(counted).fetchall() == [(True,)]
        yield connection


@pytest.fixture(scope="module")
def made(
    few: Path, cut: duckdb.DuckDBPyConnection, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    folder = tmp_path_factory.mktemp("tables")
    about = current_release(few / "published")
    assert about
    write_headline_tables(cut, folder, about)
    return folder


@pytest.mark.parametrize("table", TABLES)
def test_a_csv_has_every_row_and_column(
    made: Path, cut: duckdb.DuckDBPyConnection, table: str
) -> None:
    with (made / f"{table}.csv").open(encoding="utf-8", newline="") as file:
        head, *lines = csv.reader(file)
    described = cut.execute(f"describe main.{table}").fetchall()
    assert head == [column[0] for column in described]
    assert cut.execute(f"select count(*) from main.{table}").fetchall() == [(len(lines),)]


def test_the_workbook_holds_the_figures_and_their_terms(
    made: Path, cut: duckdb.DuckDBPyConnection
) -> None:
    book = openpyxl.load_workbook(made / WORKBOOK, read_only=True)
    assert book.sheetnames == ["readme", *IN_WORKBOOK]
    said = [tuple(row[:2]) for row in book["readme"].iter_rows(values_only=True)]
    text = "\n".join(str(cell) for row in said for cell in row)
    for (credit,) in cut.execute("select credit_line from marts.dim_source").fetchall():
        assert credit in text
    for (caveat,) in cut.execute(
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
            ((leader, share, reason),) = cut.execute(query, key).fetchall()
            assert row[place["leading_origin_id"]] == leader
            assert row[place["leading_share"]] == pytest.approx(share)
            assert row[place["null_reason"]] == reason
            seen += 1
    assert seen == len(wanted)
