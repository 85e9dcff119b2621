"""Hand-made files: what is read of a whole one, and that each kind of damage is one clear refusal."""

import copy
import csv
import json

import polars as pl
import pytest
from iea_files import (
    CONVERSION,
    DEMAND,
    EDITION_2024,
    ERROR,
    SOURCE,
    SUPPLY,
    WORKBOOK,
    assert_error_says,
    changed,
    read_conversion,
    read_workbook,
    sheets,
    workbook_bytes,
)

from sources.iea_critical_minerals import closed_tables
from sources.iea_critical_minerals.reader import READER
from sources.reading.errors import SourceError

SUPPLY_YEARS = ("2024", "2030", "2035", "2040")
NOTE = "“Base case” is assessed through their probability of coming online."


def conversion() -> dict:
    """A small whole conversion, with a note that slipped in as a country."""

    def row(value: float | None) -> dict:
        return dict.fromkeys(SUPPLY_YEARS, value)

    def uses(value: float) -> dict:
        years = dict.fromkeys(("2030", "2035", "2040", "2045", "2050"), value)
        return {"2024": value, "STEPS": years, "APS": years, "NZE": years}

    return {
        "source": "IEA",
        "totalDemand": {
            "Cobalt": {
                "sectors": {"Electric vehicles": uses(6.0)},
                "totalClean": uses(6.0),
                "otherUses": uses(4.0),
                "totalDemand": uses(10.0),
                "cleanShare": uses(0.6),
            }
        },
        "supply": {
            "Cobalt": {
                "mining": {
                    "countries": {
                        "Indonesia": row(5.0),
                        "Rest of world": row(1.0),
                        NOTE: row(None),
                    },
                    "total": row(6.0),
                    "top3Share": row(0.8),
                }
            }
        },
        "cleantechByTech": {"Cobalt": {"sectors": {"Wind": uses(1.0)}}},
        "cleantechByMineral": {"Cobalt": uses(1.0)},
        "byTechnology": {"Wind": {"minerals": {"Cobalt": uses(1.0)}}},
    }


def test_a_whole_small_workbook_is_read() -> None:
    lake = READER.lake_tables(read_workbook(sheets()))
    production = lake["production"].select(
        "stage", "geography_id", "quantity_tonnes", "value_status"
    )
    assert production.sort(pl.all()).rows() == [
        ("mine", "IDN", 3000.0, "numeric"),
        ("mine", "REST", 1000.0, "numeric"),
        ("mine", "RUS", 2000.0, "numeric"),
        ("mine", "WORLD", 6000.0, "numeric"),
        ("refined", "CHN", 5500.0, "numeric"),
        ("refined", "JPN", 0.0, "zero"),
        ("refined", "REST", 500.0, "numeric"),
        # The publisher's slip: cobalt's refining total is labelled "Total clean technologies".
        ("refined", "WORLD", 6000.0, "numeric"),
    ]
    assert lake["supply_outlook"].height == 8 * 3
    assert lake["demand"].height == 4 * 16
    assert lake["file_rows"]["file_rows"].to_list() == [10 + 5 + 8]
    assert lake["not_used"]["file_rows"].sum() == 2 + 1 + 8


def test_a_whole_small_conversion_is_read_and_its_note_counted() -> None:
    lake = READER.lake_tables(read_conversion(json.dumps(conversion())))
    assert lake["production"].height == 3
    assert lake["demand"].height == 4 * 16
    assert lake["file_rows"]["file_rows"].to_list() == [5 + 5 + 3]
    note = lake["not_used"].filter(pl.col("label") == "supply/Cobalt/mining/countries")
    assert note["file_rows"].to_list() == [1]
    assert "took for a country" in note["not_used_reason"].item()


@pytest.mark.parametrize("name", ["GCMO2024", "GCMO2025"])
def test_an_edition_without_a_base_year_is_refused(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(closed_tables, "base_years", lambda _source: {"GCMO2030": 2029})
    whole = {
        "GCMO2024": lambda: read_workbook(sheets()),
        "GCMO2025": lambda: read_conversion(json.dumps(conversion())),
    }
    with pytest.raises(SourceError) as raised:
        whole[name]()
    assert_error_says(
        raised,
        problem="an edition whose base year is not known",
        where="mappings/base_years.csv",
        expected=name,
        got="GCMO2030",
        next_step="add it there",
    )


@pytest.mark.parametrize(
    ("content", "got"),
    [
        (workbook_bytes(sheets())[:3000], "3,000 bytes that begin with b"),  # the clock is in them
        (b"<!DOCTYPE html><html>Sign in</html>", "begin with b'<!DOCTYPE html>'"),
        (b"", "0 bytes"),
    ],
    ids=["truncated", "html", "empty"],
)
def test_what_is_no_workbook_is_refused(content: bytes, got: str) -> None:
    with pytest.raises(SourceError) as raised:
        READER.read_file(SOURCE, EDITION_2024, EDITION_2024.files[0], content)
    assert_error_says(
        raised,
        problem="the workbook can't be opened",
        where=WORKBOOK,
        expected=".xlsx",
        got=got,
        next_step="fetch it again",
    )


def test_other_sheets_are_refused() -> None:
    book = {("2 Supply" if name == SUPPLY else name): cells for name, cells in sheets().items()}
    with pytest.raises(SourceError) as raised:
        read_workbook(book)
    assert_error_says(
        raised,
        problem="the sheets are not those of this edition",
        where=WORKBOOK,
        expected=SUPPLY,
        got="2 Supply",
        next_step="mappings/sheets.csv",
        offenders=[f"missing sheet '{SUPPLY}'", "unknown sheet '2 Supply'"],
    )


@pytest.mark.parametrize(
    ("sheet", "cells", "offender"),
    [
        (SUPPLY, {"B4": 2024}, "cell B4: expected '2023', got '2024'"),
        (SUPPLY, {"A2": "Total supply, base case (t)"}, "cell A2: expected 'Total supply for key"),
        (SUPPLY, {"I4": None}, "cell I4: expected '2030', got None"),
        (DEMAND, {"J4": "Current Policies scenario"}, "cell J4: expected 'Announced Pledges"),
        (DEMAND, {"D5": 2035}, "cell D5: expected '2030', got '2035'"),
    ],
)
def test_a_changed_header_is_refused(sheet: str, cells: dict, offender: str) -> None:
    with pytest.raises(SourceError) as raised:
        read_workbook(changed(sheet, **cells))
    assert_error_says(
        raised,
        problem="title or header are not those of this edition",
        where=f"{WORKBOOK}, sheet {sheet!r}",
        expected="years 2023, 2030",
        got="1 cells differ",
        next_step="iea_critical_minerals/sheets.py",
        offenders=[offender],
    )


@pytest.mark.parametrize(
    ("cells", "offender"),
    [
        ({"B7": None}, "cell A7: no figure in B7 for 'Indonesia' of 'Cobalt'"),
        # The library gives an error value as an empty cell: it must not pass for "not available".
        ({"B7": ERROR}, "cell A7: no figure in B7 for 'Indonesia' of 'Cobalt'"),
        ({"A7": None}, "cell A7: figures without a label"),
        ({"A6": None}, "cell A7: 'Indonesia' stands in no block"),
        ({"A12": "Top 4 share", "A13": None, "A14": None}, "column A: 'Cobalt' is never closed"),
        ({"A6": "Cobalt mining"}, "cell A6: 'Cobalt mining' is no heading of a block"),
        ({"B14": 5.0}, "cell A14: figures below the notes"),
        (dict.fromkeys(["B8", "C8", "D8", "E8"]), "cell A8: 'Russia' has no figures"),
    ],
)
def test_rows_out_of_place_are_refused(cells: dict, offender: str) -> None:
    with pytest.raises(SourceError) as raised:
        read_workbook(changed(SUPPLY, **cells))
    assert_error_says(
        raised,
        problem="the blocks are not those of this edition",
        where=f"{WORKBOOK}, sheet {SUPPLY!r}",
        expected="'Top 3 share'",
        got="rows that do not fit",
        next_step="look at the cells named",
        offenders=[offender],
    )


def test_numbers_in_columns_that_are_not_read_are_refused() -> None:
    """A year more, as the next edition may have it: L4 the year, L6 a figure of it."""
    with pytest.raises(SourceError) as raised:
        read_workbook(changed(SUPPLY, L4="2050", L6=7.0))
    assert_error_says(
        raised,
        problem="numbers in columns that are not read",
        where=f"sheet {SUPPLY!r}",
        expected="figures in columns B, C, D, E, H, I, J, K",
        got="2 numbers elsewhere",
        next_step="OUTLOOK_YEARS",
        offenders=["cell L4: 2050", "cell L6: 7"],
    )


@pytest.mark.parametrize("text", ["n.a.", "..", "12 kt", "-3"])
def test_what_is_no_number_is_refused(text: str) -> None:
    with pytest.raises(SourceError) as raised:
        read_workbook(changed(SUPPLY, H7=text, I8=text))
    assert_error_says(
        raised,
        problem="values that are no number and no known token",
        where=WORKBOOK,
        expected="mappings/value_tokens.csv",
        got="2 cells",
        next_step="declare it",
        offenders=[
            f"Cobalt, Refining, China, 2023: {text!r}",
            f"Cobalt, Refining, Japan, 2030: {text!r}",
        ],
    )


def test_a_negative_number_is_refused() -> None:
    with pytest.raises(SourceError, match="Cobalt, Mining, Indonesia, 2023: '-3'"):
        read_workbook(changed(SUPPLY, B7=-3.0))


@pytest.mark.parametrize(
    ("sheet", "cells", "table", "offender"),
    [
        (
            SUPPLY,
            {"A6": "Silver - Mining"},
            "supply_blocks",
            "published_commodity 'Silver', published_stage 'Mining' (",
        ),
        (
            SUPPLY,
            {"G6": "Cobalt - Smelting"},
            "supply_blocks",
            "published_commodity 'Cobalt', published_stage 'Smelting' (",
        ),
        (DEMAND, {"A7": "Uranium"}, "demand_blocks", "published_commodity 'Uranium' ("),
        (DEMAND, {"A8": "Data centres"}, "uses", "published_use 'Data centres' ("),
    ],
)
def test_a_new_label_is_refused(sheet: str, cells: dict, table: str, offender: str) -> None:
    with pytest.raises(SourceError) as raised:
        READER.lake_tables(read_workbook(changed(sheet, **cells)))
    assert_error_says(
        raised,
        problem="labels that a closed table does not have",
        where=WORKBOOK,
        expected=f"mappings/{table}.csv",
        got="labels without one",
        next_step=f"sources/iea_critical_minerals/mappings/{table}.csv",
        offenders=[offender],
    )


def test_a_new_country_is_refused() -> None:
    with pytest.raises(SourceError) as raised:
        READER.lake_tables(read_workbook(changed(SUPPLY, A7="Atlantis")))
    assert_error_says(
        raised,
        problem="country labels that the closed table does not have",
        where="scheme 'iea_name'",
        expected="country_aliases.csv",
        got="4 rows without one",
        next_step="country_aliases.csv",
        offenders=["'Atlantis' in 2023"],
    )


def test_a_block_without_a_total_is_refused() -> None:
    with pytest.raises(SourceError) as raised:
        READER.lake_tables(read_workbook(changed(SUPPLY, A11="Peru")))
    assert_error_says(
        raised,
        problem="blocks without exactly one world total",
        where=WORKBOOK,
        expected="one row of kind `world`",
        got="4 blocks and years",
        next_step="renamed its total",
        offenders=["Cobalt - Mining, 2023: 0 totals"],
    )


@pytest.mark.parametrize(
    ("text", "got"),
    [
        ("<!DOCTYPE html><html>Sign in</html>", "begin with '<!DOCTYPE html>'"),
        (json.dumps(conversion())[:500], "500 characters"),
        ("[]", "a list, no object"),
        ('{"source": "a", "source": "b"}', "a key stands twice: ['source', 'source']"),
    ],
    ids=["html", "truncated", "list", "twice"],
)
def test_what_is_no_conversion_is_refused(text: str, got: str) -> None:
    with pytest.raises(SourceError) as raised:
        read_conversion(text)
    assert_error_says(
        raised,
        problem="no whole JSON object",
        where=CONVERSION,
        expected="one JSON object",
        got=got,
        next_step="fetch it again",
    )


def _damaged(*path: str, value: object) -> str:
    whole = copy.deepcopy(conversion())
    node = whole
    for key in path[:-1]:
        node = node[key]
    node[path[-1]] = value
    return json.dumps(whole)


@pytest.mark.parametrize(
    ("path", "value", "offender"),
    [
        # A null is a figure that is not there; only a note may lack them all.
        (("mining", "countries", "Indonesia", "2024"), None, "Indonesia:2024: None"),
        (("mining", "countries", "Indonesia"), dict.fromkeys(SUPPLY_YEARS), "Indonesia:2024: None"),
        (("mining", "countries", NOTE, "2030"), 7.0, "2024: None where a figure belongs"),
        (("mining", "countries", "Indonesia", "2045"), 1.0, ":2045: a year or scenario not known"),
        (("mining", "top5Share"), dict.fromkeys(SUPPLY_YEARS, 1.0), "top5Share: no row of a block"),
        (("mining", "total"), 6.0, "total: a figure without a year"),
    ],
)
def test_other_rows_in_the_conversion_are_refused(
    path: tuple, value: object, offender: str
) -> None:
    with pytest.raises(SourceError) as raised:
        read_conversion(_damaged("supply", "Cobalt", *path, value=value))
    assert_error_says(
        raised,
        problem="the rows are not those of this conversion",
        where=f"{CONVERSION}, key 'supply'",
        expected="a figure for each of 2024, 2030",
        got="places that do not fit",
        next_step="converted.py",
        offenders=[offender],
    )


@pytest.mark.parametrize("value", ["n.a.", float("nan"), -1.0])
def test_what_is_no_number_in_the_conversion_is_refused(value: object) -> None:
    with pytest.raises(SourceError, match="values that are no number") as raised:
        read_conversion(_damaged("supply", "Cobalt", "mining", "total", "2024", value=value))
    assert "Cobalt, mining, Total, 2024" in raised.value.offenders[0]


def test_other_keys_of_the_conversion_are_refused() -> None:
    with pytest.raises(SourceError, match="unknown sheet 'prices'"):
        read_conversion(json.dumps({**conversion(), "prices": {}}))


def test_an_unknown_layout_is_refused() -> None:
    file = EDITION_2024.files[0].model_copy(update={"layout": "workbook_2031"})
    with pytest.raises(SourceError, match="unknown layout") as raised:
        READER.read_file(SOURCE, EDITION_2024, file, b"")
    assert raised.value.got == "workbook_2031"


def test_the_snapshot_holds_no_prose_and_no_big_file() -> None:
    tables = sorted(SOURCE.snapshot.rglob("*.csv"))
    assert len(tables) == 4 * len(SOURCE.editions)
    for path in tables:
        assert path.stat().st_size < 1_000_000, path
        with path.open(encoding="utf-8", newline="") as handle:
            long = [cell for row in csv.reader(handle) for cell in row if len(cell) > 125]
        assert not long, f"{path}: {long[:3]}"
