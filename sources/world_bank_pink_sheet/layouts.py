"""How the workbook is laid out: sheet `Monthly Prices`, a row a month, a column a series.

Rows 1-4 are text (row 4 the day of release), row 5 the names, row 6 the units, data from row 7.
"""

import datetime as dt
import re

import polars as pl

from sources.reading.catalog import Edition, Source, SourceFile
from sources.reading.errors import SourceError
from sources.reading.passport import file_rows
from sources.reading.read_editions import Layout, Tables
from sources.reading.workbook import Grid, grid, open_workbook

SHEET = "Monthly Prices"
TITLE = "World Bank Commodity Price Data (The Pink Sheet)"
RELEASE_ROW, NAME_ROW, UNIT_ROW, FIRST_DATA_ROW = 4, 5, 6, 7
FIRST_MONTH = "1960M01"
RELEASED = "Updated on %B %d, %Y"
MONTH = re.compile(r"^(\d{4})M(0[1-9]|1[0-2])$")
# A footnote mark that comes and goes with the editions.
FOOTNOTE = " **"


def commodity_of(published: str) -> str:
    """Name of a series without its footnote mark."""
    return published.removesuffix(FOOTNOTE)


def commodities(source: Source) -> dict[str, dict[str, str | None]]:
    """Series to its row of `mappings/commodities.csv`: mapped, or not used with a reason."""
    table = pl.read_csv(source.folder / "mappings" / "commodities.csv", infer_schema=False)
    return {row["commodity"]: row for row in table.iter_rows(named=True)}


def released_on(source: Source, name: str, content: bytes) -> dt.date:
    """Day of release of a sheet, as its row 4 says it ("Updated on March 03, 2026").

    Raises:
        SourceError: no workbook, no such sheet, or no day in its place.
    """
    workbook = open_workbook(source, name, content)
    where = f"{name}, sheet {SHEET!r}, cell A{RELEASE_ROW}"
    cells = grid(source, where, workbook, SHEET) if SHEET in workbook.sheet_names else []
    text = (cells[RELEASE_ROW - 1][0] if len(cells) >= RELEASE_ROW else None) or ""
    try:
        return dt.datetime.strptime(text, RELEASED).replace(tzinfo=dt.UTC).date()
    except ValueError:
        raise _refusal(
            source, where, "no day of release", "Updated on March 03, 2026", repr(text)
        ) from None


def read_monthly_prices(
    source: Source, edition: Edition, file: SourceFile, content: bytes
) -> Tables:
    """Cells of the series that we use, and an account of the others.

    Raises:
        SourceError: no workbook, no such sheet, another title, day of release, name or unit than
            expected, a month missing or twice, or an empty cell.
    """
    name = file.name
    workbook = open_workbook(source, name, content)
    if SHEET not in workbook.sheet_names:
        raise _refusal(source, name, "the sheet is missing", SHEET, ", ".join(workbook.sheet_names))
    where = f"{name}, sheet {SHEET!r}"
    cells = grid(source, where, workbook, SHEET)
    _refuse_other_head(source, where, edition, cells)
    names, units = cells[NAME_ROW - 1][1:], cells[UNIT_ROW - 1][1:]
    known = commodities(source)
    _refuse_other_series(source, where, names, units, known)
    months = cells[FIRST_DATA_ROW - 1 :]
    _refuse_other_months(source, where, [row[0] for row in months])
    _refuse_empty(source, where, names, months)
    rows: list[dict[str, object]] = []
    account: list[dict[str, object]] = []
    for index, (published, unit) in enumerate(zip(names, units, strict=True)):
        commodity = known[commodity_of(published or "")]
        if commodity["not_used_reason"]:
            account.append(
                {"label": published, "not_used_reason": commodity["not_used_reason"],
                 "file_rows": len(months)}
            )  # fmt: skip
            continue
        rows += [
            {
                "file_row": FIRST_DATA_ROW + number,
                "file_column": index + 2,
                "published_month": row[0],
                "published_commodity": published,
                "published_unit": unit,
                "published_value": row[index + 1],
            }
            for number, row in enumerate(months)
        ]
    of_edition = {"edition": pl.lit(edition.edition)}
    return {
        "price_cell": pl.DataFrame(
            rows, schema_overrides={"file_row": pl.UInt32, "file_column": pl.UInt16}
        ).with_columns(**of_edition),
        "row_account": pl.DataFrame(
            account, schema_overrides={"file_rows": pl.UInt32}
        ).with_columns(**of_edition, source_file=pl.lit(name)),
        "file_rows": file_rows(edition, name, len(months) * len(names)),
    }


def _refusal(
    source: Source,
    where: str,
    problem: str,
    expected: str,
    got: str,
    *offenders: str,
) -> SourceError:
    return SourceError(
        source=source.source_id,
        problem=problem,
        where=where,
        expected=expected,
        got=got,
        next_step=(
            f"look at the workbook; if the publisher changed it, adapt sources/{source.source_id}/"
            "layouts.py and mappings/commodities.csv"
        ),
        offenders=offenders,
    )


def _refuse_other_head(source: Source, where: str, edition: Edition, cells: Grid) -> None:
    released = edition.released_on.strftime(RELEASED)
    expected = {1: TITLE, RELEASE_ROW: released}
    for row, text in expected.items():
        got = cells[row - 1][0] if len(cells) >= FIRST_DATA_ROW else None
        if got != text:
            raise _refusal(
                source, f"{where}, cell A{row}", "another title or day of release", text, str(got)
            )


def _refuse_other_series(
    source: Source,
    where: str,
    names: list[str | None],
    units: list[str | None],
    known: dict[str, dict[str, str | None]],
) -> None:
    found = [commodity_of(name or "") for name in names]
    faults = [f"unknown series {name!r}" for name in found if name not in known]
    faults += [f"missing series {name!r}" for name in known if name not in found]
    faults += [
        f"series {name!r} stands {found.count(name)} times"
        for name in sorted(set(found))
        if found.count(name) > 1
    ]
    faults += [
        f"{name!r} is in {unit}, not in {known[name]['published_unit']}"
        for name, unit in zip(found, units, strict=True)
        if name in known and unit != known[name]["published_unit"]
    ]
    if faults:
        raise _refusal(
            source,
            f"{where}, rows {NAME_ROW} and {UNIT_ROW}",
            "the series are not those of mappings/commodities.csv",
            f"{len(known)} series, each once and in its unit",
            f"{len(found)} series, {len(faults)} faults",
            *faults,
        )


def _refuse_other_months(source: Source, where: str, months: list[str | None]) -> None:
    year, month = dt.date.min.year, 1
    faults: list[str] = []
    for number, text in enumerate(months):
        row = FIRST_DATA_ROW + number
        match = MONTH.match(text or "")
        if match is None or (number == 0 and text != FIRST_MONTH):
            faults.append(f"row {row}: {text!r}")
            continue
        before = (year, month)
        year, month = int(match[1]), int(match[2])
        if number and (year, month) != (before[0] + before[1] // 12, before[1] % 12 + 1):
            faults.append(f"row {row}: {text} after {before[0]}M{before[1]:02}")
    if faults or not months:
        raise _refusal(
            source,
            f"{where}, column A",
            "months are missing, twice or unreadable",
            f"every month from {FIRST_MONTH} on, once",
            f"{len(months)} rows, {len(faults)} faults",
            *faults,
        )


def _refuse_empty(
    source: Source, where: str, names: list[str | None], months: list[list[str | None]]
) -> None:
    empty = [
        f"row {FIRST_DATA_ROW + number}, {name}"
        for number, row in enumerate(months)
        for name, cell in zip(names, row[1:], strict=True)
        if cell is None
    ]
    if empty:
        raise _refusal(
            source, where, "empty cells", "a price or … in each", f"{len(empty)} empty", *empty
        )


LAYOUTS: dict[str, Layout] = {
    "monthly_prices": read_monthly_prices,
}
