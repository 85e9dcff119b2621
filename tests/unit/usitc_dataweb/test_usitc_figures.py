"""The real workbooks against their own cells, read from the XML by nothing of ours; and what is refused."""

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from sources.reading.catalog import load_source
from sources.reading.errors import SourceError
from sources.usitc_dataweb import layouts
from sources.usitc_dataweb.layouts import downloaded_on
from sources.usitc_dataweb.reader import READER
from tests.sheet_cells import sheet_cells

SOURCE = load_source("usitc_dataweb")
EDITION = SOURCE.editions[0]
IMPORTS, EXPORTS = (file for file in EDITION.files)
Tables = dict[str, pl.DataFrame]
Cells = dict[str, float | str]

PARTNERS = {"China": "CHN", "Japan": "JPN", "Canada": "CAN", "Australia": "AUS"}
HEADINGS = ("2504", "2605", "2805", "2846", "7202", "8101", "8105", "8110", "8112", "8505")
SHEETS = {
    ("import", "value"): "Customs Value",
    ("export", "value"): "FAS Value",
    ("import", "first_quantity"): "First Unit of Quantity",
    ("export", "first_quantity"): "First Unit of Quantity",
    ("import", "second_quantity"): "Second Unit of Quantity",
    ("export", "second_quantity"): "Second Unit of Quantity",
}


def column(number: int) -> str:
    """Name of a column of a sheet: 1 is A, 27 is AA."""
    first, second = divmod(number - 1, 26)
    return (chr(64 + first) if first else "") + chr(65 + second)


@pytest.mark.shared
@pytest.mark.parametrize("flow", ["import", "export"])
@pytest.mark.parametrize("measure", ["value", "first_quantity", "second_quantity"])
@pytest.mark.parametrize("to_date", ["", " YTD"])
def test_every_cell_of_ten_headings_and_four_partners_arrives(
    shared_data: Path, lake_tables: Tables, *, flow: str, measure: str, to_date: str
) -> None:
    file = IMPORTS if flow == "import" else EXPORTS
    cells = sheet_cells(shared_data / file.path, SHEETS[flow, measure] + to_date)
    years = range(1993, 2027)
    # The order of the lake's keys: heading, partner, unit, year.
    printed = {
        (
            str(cells[f"C{row}"]),
            PARTNERS[str(cells[f"B{row}"])],
            str(cells[f"E{row}"]).removeprefix("Value for: "),
            year,
        ): float(cells[f"{column(6 + year - 1993)}{row}"])
        for row in range(4, 500)
        if cells.get(f"B{row}") in PARTNERS and cells.get(f"C{row}") in HEADINGS
        for year in years
    }
    assert printed
    kind = "year_to_date" if to_date else "year"
    got = lake_tables["us_trade"].filter(
        pl.col("flow") == flow,
        pl.col("measure") == measure,
        pl.col("period_kind") == kind,
        pl.col("hs4").is_in(HEADINGS),
        pl.col("partner_iso3").is_in(list(PARTNERS.values())),
    )
    assert got.height == len(printed)
    for row in got.iter_rows(named=True):
        key = (
            row["hs4"], row["partner_iso3"], row["quantity_description"], row["reference_year"],
        )  # fmt: skip
        figure = row["value_usd"] if measure == "value" else row["quantity"]
        if kind == "year" and row["reference_year"] == 2026:
            assert (figure, row["value_status"], printed[key]) == (None, "not_available", 0)
        elif row["suppressed_records"]:
            assert figure is None
            assert (row["quantity_lower"] or 0) == printed[key]
        elif row["quantity_description"] == "no units collected" and measure != "value":
            assert (figure, row["value_status"], printed[key]) == (None, "not_applicable", 0)
        else:
            assert figure == printed[key], key
            assert row["value_status"] == ("numeric" if printed[key] else "zero")


@pytest.mark.shared
def test_a_year_that_is_not_over_is_no_zero_and_its_months_are(lake_tables: Tables) -> None:
    trade = lake_tables["us_trade"].filter(reference_year=2026, measure="value")
    years = trade.filter(period_kind="year")
    assert years.height == 2 * 414
    assert set(years["value_status"]) == {"not_available"}
    assert years["value_usd"].null_count() == years.height
    # Cobalt ores from Australia, January to April 2026: the sheet prints 0, and those months are over.
    [months] = trade.filter(
        flow="import", hs4="2605", partner_iso3="AUS", period_kind="year_to_date"
    ).to_dicts()
    assert (months["value_usd"], months["value_status"], months["period_months"]) == (0, "zero", 4)


@pytest.mark.shared
def test_suppressed_quantities_are_bounds_or_withheld(lake_tables: Tables) -> None:
    trade = lake_tables["us_trade"].filter(pl.col("suppressed_records") > 0)
    assert trade.height == 64
    # Magnets from China 2019, in kilograms: one shipment is left out of 15,248,142.
    [bounded] = trade.filter(hs4="8505", flow="import", reference_year=2019).to_dicts()
    assert (bounded["quantity"], bounded["quantity_lower"]) == (None, 15_248_142)
    assert bounded["value_status"] == "bounded"
    # Magnets to Australia 1993, in pieces: all 28 shipments.
    [withheld] = trade.filter(
        flow="export", partner_iso3="AUS", reference_year=1993, period_kind="year"
    ).to_dicts()
    assert (withheld["quantity"], withheld["quantity_lower"]) == (None, None)
    assert withheld["value_status"] == "withheld"


def test_every_cell_is_used_or_counted(embedded: Tables) -> None:
    tables = READER.lake_tables(embedded)
    unused = tables["not_used"]
    assert set(unused["label"]) == {"2601", "2612"}
    assert tables["us_trade"].height + unused["file_rows"].sum() == 130_424
    assert embedded["file_rows"]["file_rows"].sum() == 130_424


# --- refusals

Sheets = dict[str, list[list[str | None]]]
TITLE = "Imports For Consumption|Annual + Year-To-Date Data from Jan - Apr"
LABELS = ["Data Type", "Country", "HTS Number", "Description", "Quantity Description"]
GRAPHITE = ["China", "2504", "NATURAL GRAPHITE"]


def workbook() -> Sheets:
    """A flow of one heading, two years and a year that is not over; made by hand."""
    sheets: Sheets = {
        "Query Parameters": [
            ["Download Date", "2026-07-10 16:57:38.942"],
            ["Trade Flow", "Imports"],
        ]
    }
    for name in ("Customs Value", "First Unit of Quantity", "Second Unit of Quantity"):
        for suffix, mark in (("", ""), (" YTD", "_Year_to_date")):
            years = [f"{year}{mark}" for year in (2024, 2025, 2026)]
            is_value = name == "Customs Value"
            unit = "Value for: kilograms" if is_value else "kilograms"
            this_year = "3" if suffix else "0"
            row: list[str | None] = [name, *GRAPHITE, unit, "10", "5", this_year]
            header: list[str | None] = [*LABELS, *years]
            if not is_value:
                header += [f"{year}_Suppressed" for year in years]
                row += ["0", "2", "0"]
            sheets[name + suffix] = [[TITLE], ["Data Row Count", "1"], header, row]
            if is_value:
                sheets[name + suffix].append(
                    ["Total: ", None, None, None, None, "10", "5", this_year]
                )
    return sheets


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> Callable[[Sheets], Tables]:
    """Lake tables of a hand-made workbook."""

    class Book:
        def __init__(self, sheets: Sheets) -> None:
            self.sheet_names = list(sheets)

    def lake(sheets: Sheets) -> Tables:
        monkeypatch.setattr(layouts, "open_workbook", lambda *_: Book(sheets))
        monkeypatch.setattr(layouts, "grid", lambda _s, _w, _b, sheet: sheets[sheet])
        return READER.lake_tables(READER.read_file(SOURCE, EDITION, IMPORTS, b""))

    return lake


def test_a_hand_made_workbook_is_read(read: Callable[[Sheets], Tables]) -> None:
    trade = read(workbook())["us_trade"]
    assert trade.height == 18
    value = trade.filter(measure="value", period_kind="year").sort("reference_year")
    assert value["value_usd"].to_list() == [10, 5, None]
    quantity = trade.filter(measure="first_quantity", period_kind="year_to_date")
    assert quantity.sort("reference_year")["quantity"].to_list() == [10, None, 3]
    assert quantity.sort("reference_year")["quantity_lower"].to_list() == [None, 5, None]


def test_a_year_whose_december_is_not_out_is_no_zero_in_january(
    monkeypatch: pytest.MonkeyPatch, read: Callable[[Sheets], Tables]
) -> None:
    sheets = workbook()
    sheets["Query Parameters"][0][1] = "2027-01-15 16:57:38.942"
    edition = EDITION.model_copy(update={"released_on": dt.date(2027, 1, 15)})
    january = SOURCE.model_copy(update={"editions": (edition,)})
    read(workbook())
    monkeypatch.setattr(layouts, "grid", lambda _s, _w, _b, sheet: sheets[sheet])
    published = READER.read_file(january, edition, IMPORTS, b"")
    year = READER.tidy(published, january)["us_trade"].filter(
        period_kind="year", reference_year=2026
    )
    assert set(year["value_status"]) == {"not_available"}
    # Printed once its December is in.
    for row in (3, 4):
        sheets["Customs Value"][row][7] = "7"
    published = READER.read_file(january, edition, IMPORTS, b"")
    [value] = READER.tidy(published, january)["us_trade"].filter(
        period_kind="year", reference_year=2026, measure="value"
    )["value_usd"]
    assert value == 7


@pytest.mark.parametrize(
    ("sheet", "row", "cell", "new", "problem"),
    [
        ("Query Parameters", 0, 1, "2026-08-10", "another day"),
        ("Query Parameters", 0, 0, "Day", "no day of download"),
        ("Customs Value", 0, 0, "Exports|Annual", "the flow is not known"),
        ("First Unit of Quantity", 0, 0, "Imports", "another title, or no data"),
        ("Query Parameters", 0, 1, "July", "no day of download"),
        ("Customs Value", 1, 1, "2", "rows are missing or too many"),
        ("Customs Value", 2, 1, "Land", "the header is not the one of this edition"),
        ("Customs Value", 2, 6, "2024", "the header is not the one of this edition"),
        ("Customs Value", 2, 6, "2023_Year_to_date", "the header is not the one of this edition"),
        ("Customs Value", 4, 5, "11", "the rows do not add up"),
        ("Customs Value", 3, 5, "9", "the rows do not add up"),
        ("Customs Value", 4, 0, "Sum", "rows are missing or too many"),
        ("First Unit of Quantity", 3, 7, "1", "figures for a year that was not over"),
        ("First Unit of Quantity", 3, 1, "Atlantis", "country labels that the closed table does not have"),
        ("First Unit of Quantity", 3, 2, "2505", "labels that a closed table does not have"),
        ("First Unit of Quantity", 3, 3, "SAND", "labels that a closed table does not have"),
        ("First Unit of Quantity", 3, 4, "pounds", "labels that a closed table does not have"),
    ],
)  # fmt: skip
def test_what_is_not_known_is_refused(
    read: Callable[[Sheets], Tables], *, sheet: str, row: int, cell: int, new: str, problem: str
) -> None:
    sheets = workbook()
    sheets[sheet][row][cell] = new
    with pytest.raises(SourceError) as raised:
        read(sheets)
    assert raised.value.problem == problem
    assert raised.value.next_step


def test_a_missing_sheet_is_refused(read: Callable[[Sheets], Tables]) -> None:
    sheets = workbook()
    del sheets["Customs Value YTD"]
    with pytest.raises(SourceError) as raised:
        read(sheets)
    assert raised.value.problem == "sheets are missing"


@pytest.mark.parametrize(
    ("rows", "problem"),
    [([], "the flow is not known"), ([[TITLE], ["Data Row Count", "0"], LABELS], "another title, or no data")],
)  # fmt: skip
def test_an_empty_sheet_is_refused(
    read: Callable[[Sheets], Tables], rows: list[list[str | None]], problem: str
) -> None:
    sheets = workbook()
    sheets["Customs Value"] = rows
    with pytest.raises(SourceError) as raised:
        read(sheets)
    assert raised.value.problem == problem


def test_a_workbook_of_another_query_is_refused(read: Callable[[Sheets], Tables]) -> None:
    sheets = workbook()
    with pytest.raises(SourceError) as raised:
        read({"Query Parameters": sheets["Query Parameters"]})
    assert raised.value.problem == "the flow is not known"


def test_an_error_page_is_no_workbook() -> None:
    with pytest.raises(SourceError) as raised:
        READER.read_file(SOURCE, EDITION, IMPORTS, b"<!DOCTYPE html><title>503</title>")
    assert raised.value.problem == "the workbook can't be opened"


@pytest.mark.shared
def test_the_day_of_download_stands_in_the_workbook(shared_data: Path) -> None:
    for file in EDITION.files:
        content = (shared_data / file.path).read_bytes()
        assert downloaded_on(SOURCE, file.name, content) == dt.date(2026, 7, 10)
