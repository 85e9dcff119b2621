"""Cells of the publisher's file, read by eye and turned into our terms by hand; and what is refused."""

import csv
from pathlib import Path

import polars as pl
import pytest

from sources.reading.catalog import load_source
from sources.reading.errors import SourceError
from sources.reading.input import Input
from sources.reading.lake_checks import checks_of
from sources.reading.passport import in_schema
from sources.reading.published import read_published
from sources.usgs_outlook.reader import READER

SOURCE = load_source("usgs_outlook")
[EDITION] = SOURCE.editions
[FILE] = EDITION.files
Tables = dict[str, pl.DataFrame]
HEADER = (
    "Mineral_Commodity,Year,Note,Quantity,Data_type,Unit_MEAS,Form,Geographic_Region,Figure_Use,"
    "Data Sources,,,,,,,,,,,,,,,,"
)

# Row of the file (header = row 1), its cell, and table, mineral, form, place, year, tonnes, estimated.
GOLDEN = [
    (5, "104000", "production", "cobalt", "ore_or_concentrate", "COD", 2018, 104_000, False),
    (128, "220000", "production", "cobalt", "ore_or_concentrate", "COD", 2024, 220_000, True),
    (127, "273.1", "capacity", "cobalt", "ore_or_concentrate", "COD", 2024, 273_100, True),
    (
        154,
        "483.1",
        "capacity_outlook",
        "cobalt",
        "ore_or_concentrate",
        "WORLD",
        2029,
        483_100,
        True,
    ),
    # Both wordings of gallium are one series; so are both spellings of Korea.
    (177, "600000", "production", "gallium", "primary", "CHN", 2022, 600, False),
    (183, "621000", "production", "gallium", "primary", "CHN", 2023, 621, True),
    (179, "2000", "production", "gallium", "primary", "KOR", 2022, 2, False),
    (185, "3000", "production", "gallium", "primary", "KOR", 2023, 3, False),
    (203, "16", "capacity", "gallium", "primary", "KOR", 2024, 16, True),
    (199, "0.5", "capacity", "gallium", "primary", "REST", 2024, 0.5, True),
    (296, "91800", "production", "lithium", "ore_or_concentrate", "WORLD", 2018, 91_800, False),
    (353, "106.7", "capacity", "lithium", "ore_or_concentrate", "AUS", 2024, 106_700, True),
    (
        377,
        "561.7",
        "capacity_outlook",
        "lithium",
        "ore_or_concentrate",
        "WORLD",
        2029,
        561_700,
        True,
    ),
    (444, "5", "production", "magnesium", "smelter", "IRN", 2024, 5_000, True),
    (449, "69", "capacity", "magnesium", "smelter", "REST", 2024, 69_000, True),
    (507, "14591", "production", "palladium", "ore_or_concentrate", "CAN", 2022, 14.591, False),
    (526, "25", "capacity", "palladium", "ore_or_concentrate", "CAN", 2024, 25, True),
    (598, "30", "production", "platinum", "ore_or_concentrate", "ETH", 2022, 0.03, True),
    (636, "0.25", "production", "titanium", "sponge", "IND", 2018, 250, True),
    (674, "351", "capacity", "titanium", "sponge", "WORLD", 2022, 351_000, True),
    (683, "139", "capacity", "titanium", "sponge_idled", "WORLD", 2022, 139_000, True),
    (685, "320", "capacity", "titanium", "sponge", "CHN", 2024, 320_000, True),
]
# Row, cell, status, and the same key of a row that holds no tonnes, or a printed zero.
WITHOUT_FIGURE = [
    (297, "W", "withheld", "production", "lithium", "USA", 2018, None),
    (397, "W", "withheld", "production", "magnesium", "USA", 2019, None),
    (390, "--", "zero", "production", "magnesium", "IRN", 2019, 0),
    (455, "0", "zero", "production", "magnesium", "USA", 2024, 0),
    (200, "0", "zero", "production", "gallium", "REST", 2024, 0),
]
# Row, cell, statistic, published country, year, million cubic metres, lower and upper bound.
# Row, its cell, and table, country, year, status, then tonnes and bounds: 169.2 a million cubic metres, since helium of
# 4.0026 g a mole fills 23.66 litres at 15 °C and 101.325 kPa.
HELIUM = [
    (214, "<0.5", "production", "CAN", 2018, "bounded", None, 0, 84.6),
    (219, "90", "production", "USA", 2018, "numeric", 15_228, None, None),
    (252, "341", "capacity", "WORLD", 2022, "numeric", 57_697.2, None, None),
    (267, "0", "production", "AUS", 2024, "zero", 0, None, None),
    (274, "8", "capacity", "REST", 2024, "numeric", 1_353.6, None, None),
    (278, "204", "capacity", "USA", 2024, "numeric", 34_516.8, None, None),
    (287, "462.8", "capacity_outlook", "WORLD", 2029, "numeric", 78_305.76, None, None),
]
# The United States in two rows: the first of them, both cells, their year and sum in tonnes.
IN_PARTS = [(261, "64 + 18", 2023, 82 * 169.2), (279, "68 + 13", 2024, 81 * 169.2)]


@pytest.fixture(scope="module")
def embedded() -> Tables:
    return read_published(READER, SOURCE, Input.EMBEDDED, None)


@pytest.fixture(scope="module")
def lake(embedded: Tables) -> Tables:
    return READER.lake_tables(embedded)


@pytest.mark.shared
def test_cells_stand_in_the_file_as_read(shared_data: Path) -> None:
    text = (shared_data / FILE.path).read_text(encoding="ascii")
    quantity = dict(enumerate((row["Quantity"] for row in csv.DictReader(text.splitlines())), 2))
    for row, cell, *_ in (*GOLDEN, *WITHOUT_FIGURE, *HELIUM):
        assert quantity[row] == cell
    assert len(quantity) == 703


@pytest.mark.parametrize("cell", GOLDEN, ids=lambda cell: f"row_{cell[0]}")
def test_a_printed_cell_arrives_in_tonnes(lake: Tables, cell: tuple) -> None:
    row, text, table, mineral, form, place, year, tonnes, is_estimated = cell
    [got] = lake[table].filter(file_row=row).to_dicts()
    assert (got["published_value"], got["mineral_id"], got["form"]) == (text, mineral, form)
    assert (got["geography_id"], got["reference_year"]) == (place, year)
    assert got["quantity_tonnes"] == pytest.approx(tonnes, rel=1e-12)
    assert (got["value_status"], got["is_estimated"]) == ("numeric", is_estimated)


@pytest.mark.parametrize("cell", WITHOUT_FIGURE, ids=lambda cell: f"row_{cell[0]}")
def test_withheld_and_zero_are_kept_apart(lake: Tables, cell: tuple) -> None:
    row, text, status, table, mineral, place, year, tonnes = cell
    [got] = lake[table].filter(file_row=row).to_dicts()
    assert (got["published_value"], got["value_status"]) == (text, status)
    assert (got["mineral_id"], got["geography_id"]) == (mineral, place)
    assert (got["reference_year"], got["quantity_tonnes"]) == (year, tonnes)


@pytest.mark.parametrize("cell", HELIUM, ids=lambda cell: f"row_{cell[0]}")
def test_helium_is_weighed_by_its_density(lake: Tables, cell: tuple) -> None:
    row, text, table, place, year, status, *tonnes = cell
    [got] = lake[table].filter(file_row=row).to_dicts()
    assert (got["published_value"], got["mineral_id"], got["stage"]) == (text, "helium", "refined")
    assert (got["geography_id"], got["reference_year"]) == (place, year)
    assert got["published_unit"].lower() == "million cubic meters"
    assert got["value_status"] == status
    assert [got[f"quantity_tonnes{end}"] for end in ("", "_lower", "_upper")] == [
        figure if figure is None else pytest.approx(figure) for figure in tonnes
    ]


@pytest.mark.parametrize("cell", IN_PARTS, ids=lambda cell: f"year_{cell[2]}")
def test_a_country_in_two_rows_is_one_figure(lake: Tables, cell: tuple) -> None:
    row, texts, year, tonnes = cell
    [got] = (
        lake["production"]
        .filter(mineral_id="helium", geography_id="USA", reference_year=year)
        .to_dicts()
    )
    assert (got["file_row"], got["published_value"]) == (row, texts)
    assert got["published_country"] == "United States"
    assert got["quantity_tonnes"] == pytest.approx(tonnes)


def test_a_part_alone_is_refused(embedded: Tables) -> None:
    alone = embedded["figure"].filter(
        ~pl.col("published_country").str.contains("extracted from natural gas")
    )
    with pytest.raises(SourceError, match="parts of a country without its other row"):
        READER.lake_tables({**embedded, "figure": alone})


def test_all_703_rows_are_used_and_none_twice(lake: Tables) -> None:
    used = {name: frame.height for name, frame in lake.items() if "file_row" in frame.columns}
    assert used == {"production": 571, "capacity": 90, "capacity_outlook": 40}
    rows = pl.concat(lake[name].select("file_row") for name in used)
    # The second rows of the United States' helium are added to the first ones.
    assert sorted({*rows["file_row"], 262, 280}) == list(range(2, 705))
    assert lake["not_used"]["file_rows"].to_list() == [2]
    failed = {check.name for check in checks_of(READER, SOURCE) if not check.run(lake).passed}
    assert not failed


def test_only_lithium_says_whom_its_totals_leave_out(lake: Tables) -> None:
    said = lake["production"].drop_nulls("excluded_producers")
    assert set(said.select("mineral_id", "reference_year", "excluded_producers").iter_rows()) == {
        ("lithium", 2023, "USA"),
        ("lithium", 2024, "USA"),
    }


def test_the_outlook_is_of_the_world_and_of_later_years(lake: Tables) -> None:
    outlook = lake["capacity_outlook"]
    assert set(outlook["geography_id"]) == {"WORLD"}
    assert set(outlook["reference_year"]) == set(range(2025, 2030))
    assert (
        max(lake["production"]["reference_year"]) == max(lake["capacity"]["reference_year"]) == 2024
    )


def test_parts_of_sponge_capacity_exceed_the_printed_total(lake: Tables) -> None:
    """README.md, caveats: 320 + 65.2 + 26 + 1 + 46.5 + 15.6 + 12 = 486.3 thousand tonnes against 414."""
    sponge = lake["capacity"].filter(form="sponge", reference_year=2024)
    parts = sponge.filter(pl.col("geography_kind") != "world")["quantity_tonnes"].sum()
    [total] = sponge.filter(geography_kind="world")["quantity_tonnes"]
    assert (parts, total) == (pytest.approx(486_300), 414_000)


# --- refusals


def _line(**cells: str) -> str:
    """A line of the file, typed by hand, with some cells changed."""
    line = {
        "commodity": "Palladium",
        "year": "2024",
        "note": "estimated",
        "quantity": "15000",
        "statistic": "Production",
        "unit": "kilograms",
        "form": "Palladium metal content",
        "region": "Zimbabwe",
        **cells,
    }
    return ",".join(f'"{cell}"' for cell in line.values()) + ",figure,source" + "," * 16


def _read(text: str) -> Tables:
    return READER.read_file(SOURCE, EDITION, FILE, text.encode())


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("<html><body>503</body></html>\n", "the header is not the one of this edition"),
        (HEADER.replace("Note,", "Remark,") + "\n", "the header is not the one of this edition"),
        (HEADER + "\n", "the file holds a header and no rows"),
        ("", "the header is not the one of this edition"),
        (f"{HEADER}\n{_line()}\n{_line()[:40]}", "the file is no regular CSV"),
        (f"{HEADER}\n{_line()[:-3]}x,,\n", "the file is no regular CSV"),
        (
            f"{HEADER}\n{_line()[:-3]}x,,,\n",
            "the columns of the file are not told apart by their names",
        ),
        (f"{HEADER}\n{_line(region='Côte')}\n", "wrong text encoding"),
    ],
)
def test_another_file_is_refused(text: str, problem: str) -> None:
    with pytest.raises(SourceError) as raised:
        _read(text)
    assert raised.value.problem == problem


@pytest.mark.parametrize(
    ("cells", "problem", "offender"),
    [
        ({"commodity": "Rhodium"}, "labels that a closed table does not have", "'Rhodium'"),
        ({"form": "Palladium ore"}, "labels that a closed table does not have", "'Palladium ore'"),
        ({"statistic": "Reserves"}, "labels that a closed table does not have", "'Reserves'"),
        # A unit that we know, and that this series does not have: a slip of 1,000.
        ({"unit": "Metric tons"}, "labels that a closed table does not have", "'metric tons'"),
        ({"unit": "Troy ounces"}, "labels that a closed table does not have", "'troy ounces'"),
        ({"year": "2017"}, "labels that a closed table does not have", "2017"),
        ({"note": "guessed"}, "labels that a closed table does not have", "'guessed'"),
        ({"note": "outlook"}, "labels that a closed table does not have", "'outlook'"),
        ({"region": "Wakanda"}, "country labels that the closed table does not have", "'Wakanda'"),
        ({"quantity": "XX"}, "values that are no number and no known token", "'XX'"),
        ({"quantity": "15000e"}, "values that are no number and no known token", "'15000e'"),
        ({"quantity": "0.0"}, "values that are no number and no known token", "'0.0'"),
    ],
)
def test_what_is_not_known_is_refused(cells: dict[str, str], problem: str, offender: str) -> None:
    published = READER.checked(_in_schema(_read(f"{HEADER}\n{_line(**cells)}\n")))
    with pytest.raises(SourceError) as raised:
        READER.lake_tables(published)
    assert raised.value.problem == problem
    assert offender in str(raised.value.offenders)


def _in_schema(tables: Tables) -> Tables:
    return {name: in_schema(frame, READER.published[name]) for name, frame in tables.items()}


def test_the_typed_line_itself_is_read_whatever_the_case_of_its_unit() -> None:
    for unit in ("kilograms", "Kilograms"):
        lake = READER.lake_tables(_in_schema(_read(f"{HEADER}\n{_line(unit=unit)}\n")))
        [got] = lake["production"].to_dicts()
        assert (got["geography_id"], got["quantity_tonnes"]) == ("ZWE", 15)


def test_a_lost_row_and_a_doubled_row_stop(lake: Tables) -> None:
    checks = {(check.table, check.name): check for check in checks_of(READER, SOURCE)}
    short = {**lake, "capacity": lake["capacity"].head(80)}
    assert not checks["not_used", "records_are_accounted_for"].run(short).passed
    twice = {**lake, "capacity": pl.concat([lake["capacity"], lake["capacity"].head(1)])}
    assert not checks["capacity", "rows_satisfy_schema"].run(twice).passed


def test_a_slip_of_units_in_the_newest_year_stops(lake: Tables) -> None:
    slipped = lake["production"].with_columns(
        quantity_tonnes=pl.when(mineral_id="cobalt", reference_year=2024)
        .then(pl.col("quantity_tonnes") * 1_000)
        .otherwise("quantity_tonnes")
    )
    checks = {check.name: check for check in checks_of(READER, SOURCE)}
    outcome = checks["newest_year_keeps_its_magnitude"].run({**lake, "production": slipped})
    assert (outcome.passed, outcome.severity) == (False, "stop")
