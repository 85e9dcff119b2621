"""The real workbook against cells read by eye, and against another reader; and what is refused."""

import datetime as dt
import re
from pathlib import Path

import polars as pl
import pytest

from sources.reading.catalog import load_source
from sources.reading.errors import SourceError
from sources.world_bank_pink_sheet import layouts
from sources.world_bank_pink_sheet.reader import READER
from tests.sheet_cells import sheet_cells

SOURCE = load_source("world_bank_pink_sheet")
EDITION = SOURCE.editions[0]
BOOK = "world_bank_pink_sheet/CMO-Historical-Data-Monthly.xlsx"
Tables = dict[str, pl.DataFrame]

# Cell of the sheet `Monthly Prices`, what stands in it, and the series and month it must reach.
GOLDEN = [
    ("BK800", 3065.19, "aluminium", dt.date(2026, 2, 1)),
    ("BM800", 12951.35, "copper", dt.date(2026, 2, 1)),
    ("BO800", 48694.34, "tin", dt.date(2026, 2, 1)),
    ("BP800", 17173.1, "nickel", dt.date(2026, 2, 1)),
    ("BQ800", 3323.71, "zinc", dt.date(2026, 2, 1)),
    ("BN800", 1917.43, "lead", dt.date(2026, 2, 1)),
    ("BJ800", 372.5, "potash", dt.date(2026, 2, 1)),
    ("BJ7", 28.5, "potash", dt.date(1960, 1, 1)),
    ("BF800", 152.5, "phosphate", dt.date(2026, 2, 1)),
    ("BF7", 13, "phosphate", dt.date(1960, 1, 1)),
    ("BF583", 71.5, "phosphate", dt.date(2008, 1, 1)),
    ("BK583", 2445.523, "aluminium", dt.date(2008, 1, 1)),
]


@pytest.fixture(scope="module")
def cells(shared_data: Path) -> dict[str, float | str]:
    return sheet_cells(shared_data / BOOK, "Monthly Prices")


@pytest.mark.shared
@pytest.mark.parametrize(("cell", "printed", "mineral", "month"), GOLDEN)
def test_a_printed_price_arrives(
    cells: dict[str, float | str],
    lake_tables: Tables,
    *,
    cell: str,
    printed: float,
    mineral: str,
    month: dt.date,
) -> None:
    assert cells[cell] == pytest.approx(printed, rel=1e-9)
    [got] = lake_tables["commodity_price"].filter(mineral_id=mineral, price_month=month).to_dicts()
    assert got["price_usd_per_tonne"] == cells[cell]
    assert (got["derivation"], got["published_unit"]) == ("as_published", "($/mt)")
    assert got["file_row"] == int(re.sub(r"\D", "", cell))


@pytest.mark.shared
@pytest.mark.parametrize(
    ("column", "name", "price"), [("BS", "Platinum", 2137.33), ("BT", "Silver", 81.946)]
)
def test_precious_metals_are_converted_from_troy_ounces(
    cells: dict[str, float | str], lake_tables: Tables, *, column: str, name: str, price: float
) -> None:
    assert cells[f"{column}5"] == name
    assert cells[f"{column}6"] == "($/troy oz)"
    assert cells[f"{column}800"] == price
    [got] = (
        lake_tables["commodity_price"]
        .filter(mineral_id=name.lower(), price_month=dt.date(2026, 2, 1))
        .to_dicts()
    )
    # 31.1034768 grams in a troy ounce.
    assert got["price_usd_per_tonne"] == pytest.approx(price / 31.1034768e-6, rel=1e-12)
    assert (got["derivation"], got["published_value"]) == ("converted", str(price))


@pytest.mark.shared
def test_every_price_keeps_its_digits(cells: dict[str, float | str], published: Tables) -> None:
    assert published["price_cell"].height == 10 * 794
    for row in published["price_cell"].iter_rows(named=True):
        first, second = divmod(row["file_column"] - 1, 26)
        name = (chr(64 + first) if first else "") + chr(65 + second) + str(row["file_row"])
        held = cells[name]
        if isinstance(held, str):
            assert row["published_value"] == held
        else:
            assert float(row["published_value"]) == held, name


def test_dots_are_null(embedded: Tables) -> None:
    prices = READER.lake_tables(embedded)["commodity_price"]
    missing = prices.filter(pl.col("price_usd_per_tonne").is_null())
    assert missing.height == 1
    assert set(missing["published_value"]) <= {"…", "..."}
    assert set(missing["value_status"]) == {"not_available"}


def test_ten_minerals_have_every_month(embedded: Tables) -> None:
    prices = READER.lake_tables(embedded)["commodity_price"]
    counts = dict(prices.group_by("mineral_id", "stage").len().drop("stage").iter_rows())
    minerals = {"aluminium", "copper", "lead", "nickel", "phosphate", "platinum", "potash"}
    minerals |= {"silver", "tin", "zinc"}
    assert counts == dict.fromkeys(minerals, 794)
    assert set(prices.filter(stage="mine")["mineral_id"]) == {"phosphate", "potash"}


def test_unused_series_are_counted_with_their_reason(embedded: Tables) -> None:
    not_used = READER.lake_tables(embedded)["not_used"]
    assert not_used.height == 61
    assert set(not_used["file_rows"]) == {794}
    reasons = dict(not_used.select("label", "not_used_reason").iter_rows())
    assert reasons["Gold"] == "metal outside reference/minerals.csv"


# --- refusals

FOUR: list[list[str | None]] = [["x"], ["x"], ["x"], ["x"]]


def _grid(**changes: object) -> list[list[str | None]]:
    """A sheet of the known series with two months, with one thing spoilt."""
    known = layouts.commodities(SOURCE)
    rows: list[list[str | None]] = [[text[0], *[None] * len(known)] for text in FOUR]
    rows[0][0] = "World Bank Commodity Price Data (The Pink Sheet)"
    rows[3][0] = "Updated on March 03, 2026"
    rows.append([None, *known])
    rows.append([None, *(row["published_unit"] for row in known.values())])
    rows.append(["1960M01", *["1.5"] * len(known)])
    rows.append(["1960M02", *["…"] * len(known)])
    for place, value in changes.items():
        row, column = (int(part) for part in place.removeprefix("r").split("c"))
        rows[row - 1][column - 1] = value  # pyright: ignore[reportArgumentType, reportCallIssue]
    return rows


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch):
    """Read a hand-made grid in place of a workbook."""

    class Book:
        sheet_names = ("Monthly Prices",)

    def reader(**changes: object) -> Tables:
        monkeypatch.setattr(layouts, "open_workbook", lambda *_: Book())
        monkeypatch.setattr(layouts, "grid", lambda *_: _grid(**changes))
        return READER.read_file(SOURCE, EDITION, EDITION.files[0], b"")

    return reader


def test_a_sound_grid_is_read(read) -> None:
    tables = read()
    assert tables["price_cell"].height == 20
    assert tables["file_rows"]["file_rows"].to_list() == [71 * 2]
    # The day is one day with and without its zero.
    assert read(r4c1="Updated on March 3, 2026")["price_cell"].equals(tables["price_cell"])


@pytest.mark.parametrize(
    ("place", "value", "problem", "offender"),
    [
        ("r1c1", "Annual prices", "another title or day of release", None),
        ("r4c1", "Updated on April 02, 2026", "another title or day of release", None),
        ("r5c2", "Unobtainium", "not those of mappings", "unknown series 'Unobtainium'"),
        ("r5c2", "Copper", "not those of mappings", "series 'Copper' stands 2 times"),
        ("r6c2", "($/lb)", "not those of mappings", "'Aluminum' is in ($/lb), not in ($/mt)"),
        ("r8c1", "1960M03", "months are missing", "row 8: 1960M03 after 1960M01"),
        ("r8c1", "Total", "months are missing", "row 8: 'Total'"),
        ("r7c1", "1961M01", "months are missing", "row 7: '1961M01'"),
        ("r8c2", None, "empty cells", "row 8, Aluminum"),
    ],
)
def test_another_sheet_is_refused(
    read, place: str, value: str | None, problem: str, offender: str | None
) -> None:
    with pytest.raises(SourceError, match=problem) as raised:
        read(**{place: value})
    if offender:
        assert offender in raised.value.offenders


@pytest.mark.parametrize("content", [b"", b"<html>503</html>", b"PK\x03\x04truncated"])
def test_no_workbook_is_refused(content: bytes) -> None:
    with pytest.raises(SourceError, match="the workbook can't be opened"):
        READER.read_file(SOURCE, EDITION, EDITION.files[0], content)


def _changed(tables: Tables, **cells: str) -> Tables:
    first = pl.int_range(pl.len()) == 0
    changed = tables["price_cell"].with_columns(
        pl.when(first).then(pl.lit(value)).otherwise(name).alias(name)
        for name, value in cells.items()
    )
    return {**tables, "price_cell": changed}


@pytest.mark.parametrize("cell", ["n/a", "0", "-5", "1,000.5", "1e5", "0.0"])
def test_an_unreadable_price_is_refused(embedded: Tables, cell: str) -> None:
    with pytest.raises(SourceError, match="no number and no known token") as raised:
        READER.lake_tables(_changed(embedded, published_value=cell))
    assert len(raised.value.offenders) == 1
    assert repr(cell) in raised.value.offenders[0]


def test_an_unknown_series_is_refused(embedded: Tables) -> None:
    with pytest.raises(SourceError, match="closed table does not have") as raised:
        READER.lake_tables(_changed(embedded, published_commodity="Lithium"))
    assert raised.value.offenders == [
        "CMO-Historical-Data-Monthly.xlsx, row 7: commodity 'Lithium' (1 records)"
    ]
