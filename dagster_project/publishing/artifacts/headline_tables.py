"""The tables that people ask first, as CSV and as one Excel workbook with a readme sheet."""

import datetime as dt
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb

from dagster_project.publishing.artifacts.columns import Column, mart_columns
from dagster_project.publishing.warehouse import quoted, rows

# A view of `main` each; those of more rows are in Parquet only.
TABLES = ("headline", "vulnerability", "production_share", "claim_check", "coverage")
IN_WORKBOOK = ("headline", "vulnerability")
WORKBOOK = "headline.xlsx"


def write_headline_tables(
    connection: duckdb.DuckDBPyConnection, folder: Path, about: Mapping[str, Any]
) -> None:
    """Write `<table>.csv` and `headline.xlsx` of the open release into the folder; the same bytes each time.

    An empty cell has no figure, and the row says why. It is never zero.
    """
    held = {
        name
        for (name,) in connection.execute(
            "select view_name from duckdb_views() where schema_name = 'main' and not internal"
        ).fetchall()
    }
    # A part of the marts, as in tests of publishing, has no headline.
    if not held >= set(TABLES):
        return
    for table in TABLES:
        connection.execute(
            f"copy (from main.{table} order by all) to {quoted(f'{folder / table}.csv')} "
            "(format csv, header)"
        )
    _write_workbook(connection, folder / WORKBOOK, about)


def _write_workbook(
    connection: duckdb.DuckDBPyConnection, path: Path, about: Mapping[str, Any]
) -> None:
    from xlsxwriter import Workbook

    columns = mart_columns(connection)
    book = Workbook(str(path), {"constant_memory": True, "strings_to_formulas": False})
    # Not now, so that the file of a release is always the same.
    built = dt.datetime.fromisoformat(about["built_at"]).replace(tzinfo=None)
    book.set_properties({"title": f"Chokepoint, release {about['release']}", "created": built})
    bold = book.add_format({"bold": True})
    day = book.add_format({"num_format": "yyyy-mm-dd"})
    share = book.add_format({"num_format": "0.0%"})
    readme = book.add_worksheet("readme")
    readme.set_column(0, 0, 34)
    readme.set_column(1, 1, 110)
    for line, (name, text) in enumerate(_readme(connection, about, columns)):
        readme.write_string(line, 0, name, None if text else bold)
        readme.write_string(line, 1, text)
    for table in IN_WORKBOOK:
        sheet = book.add_worksheet(table)
        sheet.freeze_panes(1, 0)
        described = columns[f"mart_{table}"]
        formats = [
            share
            if (column.unit or "").startswith("share")
            else day
            if column.data_type == "DATE"
            else None
            for column in described
        ]
        for number, (column, cells) in enumerate(zip(described, formats, strict=True)):
            sheet.set_column(number, number, 16, cells)
            sheet.write_string(0, number, column.name, bold)
        found = connection.execute(f"from main.{table} order by all").fetchall()
        for line, values in enumerate(found, start=1):
            for number, value in enumerate(values):
                if value is not None:
                    sheet.write(line, number, value, formats[number])
        sheet.autofilter(0, 0, len(found), len(described) - 1)
    book.close()


def _readme(
    connection: duckdb.DuckDBPyConnection,
    about: Mapping[str, Any],
    columns: Mapping[str, list[Column]],
) -> list[tuple[str, str]]:
    """Lines of two cells; a heading has an empty second one."""
    restricted = about.get("restricted_sources")
    lines = [
        (f"Chokepoint, release {about['release']}", ""),
        ("built", about["built_at"]),
        ("empty cell", "no figure; null_reason says why. Never zero."),
        ("share", "a part of a whole, 0 to 1; shown here in percent"),
        ("quote", "the figure with its year, its basis, and the credit line of its source"),
    ]
    if restricted:
        lines.append(("not to be passed on", f"it holds rows of {restricted}"))
    lines += [("", ""), ("credit lines", "")]
    sources = rows(connection, "select * from marts.dim_source order by source_id")
    lines += [
        (row["source_id"], f"{row['credit_line']} ({row['licence_id']}, {row['licence_url']})")
        for row in sources
    ]
    caveats = connection.execute(
        "select distinct main_caveat, main_caveat_text from marts.mart_headline "
        "where main_caveat is not null order by all"
    ).fetchall()
    lines += [("", ""), ("caveats", ""), *caveats]
    for table in IN_WORKBOOK:
        lines += [("", ""), (f"columns of {table}", "")]
        lines += [
            (column.name, f"{column.description}{f' Unit: {column.unit}.' if column.unit else ''}")
            for column in columns[f"mart_{table}"]
        ]
    return lines
