"""Real rows of reserves and capacity, and every correction of the ledger against the publisher's own rows."""

import polars as pl
import pytest
from publisher_files import FILE_2025, FILE_2026, Records

from sources.reading.catalog import load_source
from sources.reading.corrections import corrections

pytestmark = pytest.mark.shared

QUANTITIES = ["quantity_tonnes", "quantity_tonnes_lower", "quantity_tonnes_upper"]
IN_THOUSAND = " (Reserve data is thousand metric tons)."


def _small(edition: str, code: str) -> str:
    return f"mcs{edition[3:]}-{code}_world.csv"


def _figure(
    lake: pl.DataFrame, edition: str, file: str, row: int, column: str = ""
) -> dict[str, object]:
    key = f"{edition}:{file}:{row}" + (f":{column}" if column else "")
    found = lake.filter(source_row_id=key)
    assert found.height == 1, key
    return found.row(0, named=True)


# Edition, file, row, column, printed cell; then status, tonnes, lower, upper.
RESERVES = [
    # Antimony, World total, metric tons: more than.
    ("MCS2026", FILE_2026, 467, "Value", ">2,000,000", "bounded", None, 2e6, None),
    ("MCS2025", FILE_2025, 63, "RESERVES_2024", ">2000000", "bounded", None, 2e6, None),
    # Nickel, Other countries and World total.
    ("MCS2026", FILE_2026, 5081, "Value", ">9,100,000", "bounded", None, 9.1e6, None),
    ("MCS2026", FILE_2026, 5082, "Value", ">140,000,000", "bounded", None, 140e6, None),
    # Rhenium, World total: a word.
    ("MCS2026", FILE_2026, 6265, "Value", "Large", "qualitative", None, None, None),
    # Graphite, United States, note "Included in “World total.”"
    ("MCS2026", FILE_2026, 3003, "Value", "s", "included_elsewhere", None, None, None),
    # Graphite, China.
    ("MCS2026", FILE_2026, 3007, "Value", "100,000,000", "numeric", 100e6, None, None),
    # Graphite, United States: the note alone says it in 2025, the cell itself in 2023.
    ("MCS2025", FILE_2025, 428, "RESERVES_2024", "", "included_elsewhere", None, None, None),
    (
        "MCS2023", _small("MCS2023", "graph"), 2, "Reserves_t", "Included in World total.",
        "included_elsewhere", None, None, None,
    ),
    # Selenium, Belgium: a printed zero.
    ("MCS2024", _small("MCS2024", "selen"), 3, "Reserves_kt", "0", "zero", 0.0, None, None),
]  # fmt: skip


@pytest.mark.parametrize("line", RESERVES, ids=[f"{line[0]}-{line[2]}" for line in RESERVES])
def test_a_printed_reserve_is_a_number_a_bound_or_a_word(
    records: Records, lake_tables: dict[str, pl.DataFrame], line: tuple
) -> None:
    edition, file, row, column, printed, status, *quantities = line
    assert records[edition, file][row][column].strip() == printed
    in_key = "" if edition == "MCS2026" else column
    got = _figure(lake_tables["reserve"], edition, file, row, in_key)
    assert (got["published_value"] or "") == printed
    assert got["value_status"] == status
    assert [got[name] for name in QUANTITIES] == quantities


def test_a_production_below_a_bound_has_bounds_and_no_number(
    records: Records, lake_tables: dict[str, pl.DataFrame]
) -> None:
    file = _small("MCS2023", "zirco-hafni")
    assert records["MCS2023", file][2]["Prod_kt_est_2021"] == "<100"
    got = _figure(lake_tables["production"], "MCS2023", file, 2, "Prod_kt_est_2021")
    assert (got["geography_id"], got["value_status"]) == ("USA", "bounded")
    assert [got[name] for name in QUANTITIES] == [None, 0.0, 100_000.0]


CAPACITY = [
    # Aluminum, Yearend capacity, thousand metric tons: China 2024 and 2025, World total 2024.
    (293, "44,600", "CHN", 2024, 44.6e6, False),
    (307, "45,000", "CHN", 2025, 45e6, True),
    (301, "78,800", "WORLD", 2024, 78.8e6, False),
    # Gallium, Production capacity, kilograms: World total 2025.
    (2567, "1,700,000", "WORLD", 2025, 1_700.0, True),
]


@pytest.mark.parametrize("line", CAPACITY, ids=[f"row-{line[0]}" for line in CAPACITY])
def test_a_printed_capacity_arrives_in_tonnes(
    records: Records,
    lake_tables: dict[str, pl.DataFrame],
    line: tuple[int, str, str, int, float, bool],
) -> None:
    row, printed, place, year, tonnes, estimated = line
    assert records["MCS2026", FILE_2026][row]["Value"] == printed
    got = _figure(lake_tables["capacity"], "MCS2026", FILE_2026, row)
    assert (got["geography_id"], got["reference_year"]) == (place, year)
    assert got["quantity_tonnes"] == pytest.approx(tonnes, rel=1e-12)
    assert got["is_estimated"] is estimated


# Entry of the ledger; the row it mends: edition, file, row, column, printed cell; what it weighs then.
CORRECTED = [
    ("MCS2025-titanium-unit", "MCS2025", FILE_2025, 1141, "PROD_2023", "590", 590e3),
    ("MCS2025-molybdenum-reserves-unit", "MCS2025", FILE_2025, 723, "RESERVES_2024", "15000", 15e6),
    ("MCS2025-vanadium-reserves-unit", "MCS2025", FILE_2025, 1192, "RESERVES_2024", "18000", 18e6),
    ("MCS2023-chromium-unit", "MCS2023", "chrom", 9, "Prod_t_2021", "42200", 42.2e6),
    ("MCS2023-rhenium-reserves-unit", "MCS2023", "rheni", 2, "Reserves_kt", "400000", 400.0),
    ("MCS2024-selenium-reserves-unit", "MCS2024", "selen", 16, "Reserves_kt", "95000", 95e3),
    ("MCS2023-vanadium-reserves-unit", "MCS2023", "vanad", 8, "Reserves_t", "26000", 26e6),
    ("MCS2026-vanadium-reserves-unit", "MCS2026", FILE_2026, 8392, "Value", "21,000", 21e6),
    ("MCS2023-zinc-reserve-australia", "MCS2023", "zinc", 3, "Reserves_kt", "1,166,000", 66e6),
    ("MCS2024-magnesite-basis", "MCS2024", "mgcomp", 7, "Prod_kt_est_2023", "13000", 13e6),
]
# The publisher's rows that show it: edition, file, row, column, printed cell.
EVIDENCE = {
    # Ilmenite of China, 2024: 3,300 "metric tons" in 2025, 3,040 thousand metric tons in 2026.
    "MCS2025-titanium-unit": [
        ("MCS2025", FILE_2025, 1141, "UNIT_MEAS", "metric tons"),
        ("MCS2026", FILE_2026, 8067, "Value", "3,040"),
        ("MCS2026", FILE_2026, 8067, "Unit", "thousand metric tons"),
    ],
    "MCS2025-molybdenum-reserves-unit": [
        ("MCS2025", FILE_2025, row, "RESERVE_NOTES", IN_THOUSAND) for row in (707, 719, 723)
    ],
    "MCS2025-vanadium-reserves-unit": [("MCS2025", FILE_2025, 1192, "RESERVE_NOTES", IN_THOUSAND)],
    "MCS2023-chromium-unit": [
        (
            "MCS2023", "chrom", 9, "Prod_notes",
            "Units are thousand metric tons, gross weight, of marketable chromite ore.",
        ),
        ("MCS2024", "chrom", 9, "Prod_kt_2022", "41900"),
    ],
    "MCS2023-rhenium-reserves-unit": [("MCS2024", "rheni", 2, "Reserves_kg", "400000")],
    "MCS2024-selenium-reserves-unit": [
        ("MCS2023", "selen", 16, "Reserves_t", "81000"),
        ("MCS2025", FILE_2025, 972, "RESERVES_2024", "92000"),
        ("MCS2025", FILE_2025, 972, "UNIT_MEAS", "metric tons"),
    ],
    "MCS2023-vanadium-reserves-unit": [("MCS2024", "vanad", 8, "Reserves_kt", "19000")],
    "MCS2026-vanadium-reserves-unit": [
        ("MCS2026", FILE_2026, 8392, "Unit", "metric tons"),
        ("MCS2025", FILE_2025, 1192, "RESERVE_NOTES", IN_THOUSAND),
    ],
    "MCS2023-zinc-reserve-australia": [
        ("MCS2023", "zinc", 14, "Reserves_kt", "210,000"),
        ("MCS2024", "zinc", 3, "Reserves_kt", "64000"),
    ],
    "MCS2024-magnesite-basis": [
        ("MCS2025", FILE_2025, 645, "PROD_2023", "13000"),
        ("MCS2025", FILE_2025, 645, "TYPE", "Mine production, magnesite - gross weight"),
        ("MCS2024", "mgcomp", 7, "Reserves_kt", "580000"),
        ("MCS2023", "mgcomp", 7, "Reserves_kt", "580000"),
    ],
}  # fmt: skip


def _file(edition: str, name: str) -> str:
    return name if name.endswith(".csv") else _small(edition, name)


@pytest.mark.parametrize("line", CORRECTED, ids=[line[0] for line in CORRECTED])
def test_a_correction_mends_what_the_publishers_rows_show_to_be_wrong(
    records: Records, lake_tables: dict[str, pl.DataFrame], line: tuple
) -> None:
    name, edition, file, row, column, printed, tonnes = line
    file = _file(edition, file)
    assert records[edition, file][row][column] == printed
    for of, other, at, where, cell in EVIDENCE[name]:
        assert records[of, _file(of, other)][at][where] == cell
    table = "production" if column.upper().startswith("PROD") else "reserve"
    got = _figure(lake_tables[table], edition, file, row, "" if edition == "MCS2026" else column)
    assert got["derivation"] == "corrected"
    assert got["published_value"] == printed
    assert got["quantity_tonnes"] == pytest.approx(tonnes, rel=1e-12)


def test_every_correction_is_shown_here_and_nothing_else_is_corrected(
    lake_tables: dict[str, pl.DataFrame],
) -> None:
    names = [entry["id"] for entry in corrections(load_source("usgs_mcs"))]
    assert sorted(names) == sorted(line[0] for line in CORRECTED) == sorted(EVIDENCE)
    corrected = {
        (table, *row)
        for table in ("production", "capacity", "reserve")
        for row in lake_tables[table]
        .filter(derivation="corrected")
        .select("edition", "mineral_id")
        .unique()
        .iter_rows()
    }
    assert corrected == {
        ("production", "MCS2025", "titanium"),
        ("reserve", "MCS2025", "titanium"),
        ("reserve", "MCS2025", "molybdenum"),
        ("reserve", "MCS2025", "vanadium"),
        ("production", "MCS2023", "chromium"),
        ("reserve", "MCS2023", "rhenium"),
        ("reserve", "MCS2024", "selenium"),
        ("reserve", "MCS2023", "vanadium"),
        ("reserve", "MCS2026", "vanadium"),
        ("reserve", "MCS2023", "zinc"),
        ("production", "MCS2024", "magnesite"),
        ("reserve", "MCS2024", "magnesite"),
    }
    # One cell of zinc is wrong, its neighbours are not.
    zinc = lake_tables["reserve"].filter(edition="MCS2023", mineral_id="zinc")
    assert zinc.filter(derivation="corrected")["geography_id"].to_list() == ["AUS"]
