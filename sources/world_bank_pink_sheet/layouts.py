"""How the workbook is laid out: sheet `Monthly Prices`, a row a month, a column a series.

Rows 1-4 are text (row 4 the day of release), row 5 the names, row 6 the units, data from row 7.
"""

import contextlib
import datetime as dt
import re
from collections.abc import Sequence

import polars as pl

from sources.reading.catalog import Source
from sources.reading.mappings import mapping
from sources.reading.open_file import Layout, OpenFile, Tables
from sources.reading.workbook import Cell, Grid, grid, open_workbook

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
    return {row["commodity"]: row for row in mapping(source, "commodities").iter_rows(named=True)}


def _refuse(
    source: Source, where: str, problem: str, expected: str, got: str, *, faults: Sequence[str]
) -> None:
    """Stop where there are faults."""
    if faults:
        raise source.error(
            problem=problem,
            where=where,
            expected=expected,
            got=got,
            next_step=(
                f"look at the workbook; if the publisher changed it, adapt sources/{source.source_id}/"
                "layouts.py and mappings/commodities.csv"
            ),
            offenders=faults,
        )


def _day_of(text: Cell) -> dt.date | None:
    """Day of release in the words of row 4, with or without a zero before the day; none where they are others."""
    with contextlib.suppress(ValueError):
        return dt.datetime.strptime(text or "", RELEASED).replace(tzinfo=dt.UTC).date()
    return None


def released_on(source: Source, name: str, content: bytes) -> dt.date:
    """Day of release of a sheet, as its row 4 says it ("Updated on March 03, 2026").

    Raises:
        SourceError: no workbook, no such sheet, or no day in its place.
    """
    workbook = open_workbook(source, name, content)
    where = f"{name}, sheet {SHEET!r}, cell A{RELEASE_ROW}"
    cells = grid(source, where, workbook, SHEET) if SHEET in workbook.sheet_names else []
    text = cells[RELEASE_ROW - 1][0] if len(cells) >= RELEASE_ROW else None
    day = _day_of(text)
    unread = [] if day else [repr(text)]
    _refuse(
        source, where, "no day of release", "Updated on March 03, 2026", repr(text), faults=unread
    )
    return day or dt.date.min


def read_monthly_prices(file: OpenFile) -> Tables:
    """Cells of the series that we use, and an account of the others.

    Raises:
        SourceError: no workbook, no such sheet, another title, day of release, name or unit than
            expected, a month missing or twice, or an empty cell.
    """
    source, workbook = file.source, open_workbook(file.source, file.name, file.content)
    sheets = workbook.sheet_names
    lacking = [] if SHEET in sheets else [SHEET]
    _refuse(source, file.name, "the sheet is missing", SHEET, ", ".join(sheets), faults=lacking)
    where = f"{file.name}, sheet {SHEET!r}"
    cells = grid(source, where, workbook, SHEET)
    known = commodities(source)
    _refuse_other_head(file, where, cells)
    names, units = cells[NAME_ROW - 1][1:], cells[UNIT_ROW - 1][1:]
    months = cells[FIRST_DATA_ROW - 1 :]
    series = _series_faults([commodity_of(name or "") for name in names], units, known)
    _refuse(
        source,
        f"{where}, rows {NAME_ROW} and {UNIT_ROW}",
        "the series are not those of mappings/commodities.csv",
        f"{len(known)} series, each once and in its unit",
        f"{len(names)} series, {len(series)} faults",
        faults=series,
    )
    gaps = _month_faults([row[0] for row in months])
    _refuse(
        source,
        f"{where}, column A",
        "months are missing, twice or unreadable",
        f"every month from {FIRST_MONTH} on, once",
        f"{len(months)} rows, {len(gaps)} faults",
        faults=gaps,
    )
    empty = [
        f"row {row}, {name}"
        for row, line in enumerate(months, FIRST_DATA_ROW)
        for name, cell in zip(names, line[1:], strict=True)
        if cell is None
    ]
    _refuse(
        source, where, "empty cells", "a price or … in each", f"{len(empty)} empty", faults=empty
    )
    rows: list[dict[str, object]] = []
    account: list[dict[str, object]] = []
    for column, (published, unit) in enumerate(zip(names, units, strict=True), 2):
        if reason := known[commodity_of(published or "")]["not_used_reason"]:
            unused = {"label": published, "not_used_reason": reason, "file_rows": len(months)}
            account.append(unused)
            continue
        rows += [
            {
                "file_row": row,
                "file_column": column,
                "published_month": line[0],
                "published_commodity": published,
                "published_unit": unit,
                "published_value": line[column - 1],
            }
            for row, line in enumerate(months, FIRST_DATA_ROW)
        ]
    return {
        "price_cell": file.placed(pl.DataFrame(rows)),
        "row_account": file.placed(pl.DataFrame(account)),
        "file_rows": file.file_rows(len(months) * len(names)),
    }


def _refuse_other_head(file: OpenFile, where: str, cells: Grid) -> None:
    released = file.edition.released_on
    title, day = (
        cells[row - 1][0] if len(cells) >= FIRST_DATA_ROW else None for row in (1, RELEASE_ROW)
    )
    for row, text, got, is_it in (
        (1, TITLE, title, title == TITLE),
        (RELEASE_ROW, released.strftime(RELEASED), day, _day_of(day) == released),
    ):
        place, fault = f"{where}, cell A{row}", [] if is_it else [str(got)]
        _refuse(file.source, place, "another title or day of release", text, str(got), faults=fault)


def _series_faults(
    found: list[str], units: list[Cell], known: dict[str, dict[str, Cell]]
) -> list[str]:
    return [
        *(f"unknown series {name!r}" for name in found if name not in known),
        *(f"missing series {name!r}" for name in known if name not in found),
        *(
            f"series {name!r} stands {found.count(name)} times"
            for name in sorted(set(found))
            if found.count(name) > 1
        ),
        *(
            f"{name!r} is in {unit}, not in {known[name]['published_unit']}"
            for name, unit in zip(found, units, strict=True)
            if name in known and unit != known[name]["published_unit"]
        ),
    ]


def _month_faults(months: list[Cell]) -> list[str]:
    """Months that are unreadable, or do not follow the one above; no month at all is a fault too."""
    faults = [] if months else ["no month"]
    before: tuple[int, int] | None = None
    for row, text in enumerate(months, FIRST_DATA_ROW):
        found = MONTH.match(text or "")
        if found is None or (before is None and text != FIRST_MONTH):
            faults.append(f"row {row}: {text!r}")
            continue
        now = int(found[1]), int(found[2])
        if before and now != (before[0] + before[1] // 12, before[1] % 12 + 1):
            faults.append(f"row {row}: {text} after {before[0]}M{before[1]:02}")
        before = now
    return faults


LAYOUTS: dict[str, Layout] = {
    "monthly_prices": read_monthly_prices,
}
