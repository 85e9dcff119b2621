"""The publisher's real files against an independent reading of them, with `csv` and `zipfile` only."""

import re
from collections import Counter

import polars as pl
import pytest
from publisher_files import FILE_2025, FILE_2026, Records

pytestmark = pytest.mark.shared

RECORDS = {"MCS2023": 1207, "MCS2024": 1817, "MCS2025": 1250, "MCS2026": 8886}
WORLD_TABLES = ["production", "capacity", "reserve"]
PLAIN_NUMBER = re.compile(r"[0-9][0-9,]*(\.[0-9]+)?")
STATISTICS = {"Prod": "production", "Cap": "capacity", "Reserves": "reserves"}
WIDE_COLUMNS = ["PROD_2023", "PROD_EST_ 2024", "CAP_2023", "CAP_EST_ 2024", "RESERVES_2024"]

# The publisher's row (header = row 1) and printed value, read by eye in the file, and what it weighs.
# The key is mineral and stage and form and geography; the last cell says whether it is an estimate.
GOLDEN = [
    # 2026, row 2033: Copper, China, Refinery production, thousand metric tons, 2024: "12,400"
    ("MCS2026", 2033, "12,400", "copper refined refinery CHN", 2024, 12_400_000, False),
    # 2026, row 2047: Copper, World total, Refinery production: rounded: "27,600"
    ("MCS2026", 2047, "27,600", "copper refined refinery WORLD", 2024, 27_600_000, False),
    # 2026, row 2052: Copper, China, 2025: "14,000", Estimated.
    ("MCS2026", 2052, "14,000", "copper refined refinery CHN", 2025, 14_000_000, True),
    # 2026, row 6076: Rare Earths, China, metric tons, 2024: "270,000", Estimated.
    ("MCS2026", 6076, "270,000", "rare_earths mine ore_or_concentrate CHN", 2024, 270_000, True),
    # 2026, row 6071: Rare Earths, United States, 2024: "45,500", Reported.
    ("MCS2026", 6071, "45,500", "rare_earths mine ore_or_concentrate USA", 2024, 45_500, False),
    # 2026, row 2551: Gallium, China, kilograms, 2024: "839,000"
    ("MCS2026", 2551, "839,000", "gallium refined primary CHN", 2024, 839, False),
    # 2026, row 1854: Cobalt, Congo (Kinshasa), metric tons, 2024: "226,000", Estimated.
    ("MCS2026", 1854, "226,000", "cobalt mine ore_or_concentrate COD", 2024, 226_000, True),
    # 2026, row 437: Antimony, China, metric tons, 2025: "40,000", Estimated.
    ("MCS2026", 437, "40,000", "antimony mine ore_or_concentrate CHN", 2025, 40_000, True),
    # 2026, row 5055: Nickel, Indonesia, metric tons, 2024: "2,310,000"
    ("MCS2026", 5055, "2,310,000", "nickel mine ore_or_concentrate IDN", 2024, 2_310_000, False),
    # 2026, row 5692: Palladium, World total, Mine production: Palladium, rounded, kilograms: "217,000"
    ("MCS2026", 5692, "217,000", "palladium mine ore_or_concentrate WORLD", 2024, 217, False),
    # 2026, row 8067: Titanium Mineral Concentrates, China, Mine production: Ilmenite, 2024: "3,040"
    ("MCS2026", 8067, "3,040", "titanium mine ilmenite CHN", 2024, 3_040_000, True),
    # 2026, row 8087: … World total, ilmenite and rutile, rounded, 2024: "9,680"
    ("MCS2026", 8087, "9,680", "titanium mine ilmenite_and_rutile WORLD", 2024, 9_680_000, True),
    # 2026, row 8080: … Kenya, Mine production: Rutile, 2024: 41
    ("MCS2026", 8080, "41", "titanium mine rutile KEN", 2024, 41_000, True),
    # 2025, row 302: Copper, China, Refinery production, thousand metric tons, 2023: 12000
    ("MCS2025", 302, "12000", "copper refined refinery CHN", 2023, 12_000_000, False),
    # 2025, row 313: Copper, Russia, note "estimated 2023", 2023: 1000
    ("MCS2025", 313, "1000", "copper refined refinery RUS", 2023, 1_000_000, True),
    # 2025, row 371: Gallium, China, kilograms, 2024: 750000
    ("MCS2025", 371, "750000", "gallium refined primary CHN", 2024, 750, True),
    # 2025, row 63: Antimony, World total (rounded) 10, 2023: 106000
    ("MCS2025", 63, "106000", "antimony mine ore_or_concentrate WORLD", 2023, 106_000, False),
    # 2025, row 634: Lithium, China, note "estimated 2023", 2023: 35700
    ("MCS2025", 634, "35700", "lithium mine ore_or_concentrate CHN", 2023, 35_700, True),
    # 2025, row 630: Lithium, Australia, 2023: 91700
    ("MCS2025", 630, "91700", "lithium mine ore_or_concentrate AUS", 2023, 91_700, False),
    # 2025, row 88: Barite, Turkey, type ends in "estimated", note "Reported.", 2024: 220
    ("MCS2025", 88, "220", "baryte mine ore_or_concentrate TUR", 2024, 220_000, False),
    # 2025, row 87: Barite, Russia, type ends in "estimated", 2023: 250
    ("MCS2025", 87, "250", "baryte mine ore_or_concentrate RUS", 2023, 250_000, True),
    # 2025, row 1141: World total (rutile, rounded), 2023: 590, labelled "metric tons" by mistake
    ("MCS2025", 1141, "590", "titanium mine rutile WORLD", 2023, 590_000, False),
]
# As above for the editions of one file per commodity: edition, code, row, column, printed value.
GOLDEN_SMALL = [
    # mcs2023-vanad, row 5: China, 70300 in Prod_t_2021
    ("MCS2023", "vanad", 5, "Prod_t_2021", "70300", "vanadium CHN 2021", 70_300, False),
    # mcs2023-titan, row 5: China, "140,000" in Prod_Sponge_t_Est_2021
    (
        "MCS2023",
        "titan",
        5,
        "Prod_Sponge_t_Est_2021",
        "140,000",
        "titanium CHN 2021",
        140_000,
        True,
    ),
    # mcs2024-galli, row 3: China, 600000, note "estimated in 2022 also"
    ("MCS2024", "galli", 3, "Prod_kg_2022", "600000", "gallium CHN 2022", 600, True),
    # mcs2024-galli, row 5: Korea, Republic ofe
    ("MCS2024", "galli", 5, "Prod_kg_est_2023", "2000", "gallium KOR 2023", 2, True),
    # mcs2024-vanad, row 6: Russia, "e20,000", note "Also estimated in 2022"
    ("MCS2024", "vanad", 6, "Prod_t_est_2022", "e20,000", "vanadium RUS 2022", 20_000, True),
    # mcs2024-phosp, row 6: China6, "93,000", note "Also estimated in 2022"
    ("MCS2024", "phosp", 6, "Prod_kt_2022", "93,000", "phosphate CHN 2022", 93_000_000, True),
    # mcs2024-fluor, row 3: China, under the header "Mine production, fluorspar"
    ("MCS2024", "fluor", 3, "Prod_kt_Est_2023", "5700", "fluorspar CHN 2023", 5_700_000, True),
    # mcs2024-zinc, row 14: World total (rounded)
    ("MCS2024", "zinc", 14, "Prod_kt_2022", "12500", "zinc WORLD 2022", 12_500_000, False),
]


def _row(lake: pl.DataFrame, **wanted: object) -> dict[str, object]:
    found = lake.filter(pl.all_horizontal(pl.col(name) == value for name, value in wanted.items()))
    assert found.height == 1, found
    return found.row(0, named=True)


def _printed(records: Records, edition: str, row: int, year: int) -> str:
    if edition == "MCS2026":
        record = records[edition, FILE_2026][row]
        assert record["Year"] == str(year)
        return record["Value"]
    return records[edition, FILE_2025][row][{2023: "PROD_2023", 2024: "PROD_EST_ 2024"}[year]]


@pytest.mark.parametrize("line", GOLDEN, ids=[f"{line[0]}-row-{line[1]}" for line in GOLDEN])
def test_a_printed_value_arrives_in_tonnes(
    records: Records,
    lake_tables: dict[str, pl.DataFrame],
    line: tuple[str, int, str, str, int, float, bool],
) -> None:
    edition, row, printed, key, year, tonnes, estimated = line
    assert _printed(records, edition, row, year) == printed
    mineral, stage, form, place = key.split()
    got = _row(
        lake_tables["production"],
        edition=edition,
        mineral_id=mineral,
        stage=stage,
        form=form,
        geography_id=place,
        reference_year=year,
    )
    assert got["file_row"] == row
    assert got["published_value"] == printed
    assert got["quantity_tonnes"] == pytest.approx(tonnes, rel=1e-12)
    assert got["is_estimated"] is estimated
    assert got["value_status"] == "numeric"
    is_titanium_2025 = edition == "MCS2025" and mineral == "titanium"
    assert got["derivation"] == ("corrected" if is_titanium_2025 else "as_published")


@pytest.mark.parametrize(
    "line", GOLDEN_SMALL, ids=[f"{line[1]}-row-{line[2]}" for line in GOLDEN_SMALL]
)
def test_a_printed_value_of_a_small_file_arrives_in_tonnes(
    records: Records,
    lake_tables: dict[str, pl.DataFrame],
    line: tuple[str, str, int, str, str, str, float, bool],
) -> None:
    edition, code, row, column, printed, key, tonnes, estimated = line
    file = f"mcs{edition[3:]}-{code}_world.csv"
    assert records[edition, file][row][column] == printed
    got = _row(lake_tables["production"], source_row_id=f"{edition}:{file}:{row}:{column}")
    mineral, place, year = key.split()
    assert (got["mineral_id"], got["geography_id"], str(got["reference_year"])) == (
        mineral,
        place,
        year,
    )
    assert got["quantity_tonnes"] == pytest.approx(tonnes, rel=1e-12)
    assert (got["is_estimated"], got["derivation"]) == (estimated, "as_published")


@pytest.mark.parametrize(
    ("edition", "year"),
    [("MCS2025", 2023), ("MCS2025", 2024), ("MCS2026", 2024), ("MCS2026", 2025)],
)
def test_us_lithium_is_withheld_and_the_world_total_says_without_whom(
    lake_tables: dict[str, pl.DataFrame], edition: str, year: int
) -> None:
    key = {"edition": edition, "mineral_id": "lithium", "reference_year": year}
    us = _row(lake_tables["production"], **key, geography_id="USA")
    assert us["value_status"] == "withheld"
    assert us["quantity_tonnes"] is None
    assert us["published_value"] == (None if edition == "MCS2025" else "W")
    assert us["is_estimated"] is False
    world = _row(lake_tables["production"], **key, geography_kind="world")
    assert world["excluded_producers"] == "USA"
    assert world["country_iso3"] is None


def test_germanium_2025_is_not_available_and_nowhere_zero(
    lake_tables: dict[str, pl.DataFrame],
) -> None:
    germanium = lake_tables["production"].filter(mineral_id="germanium", edition="MCS2025")
    # Rows 401 to 408 of the file (labelled "Gemanium"), two years each, every value cell empty.
    assert germanium["file_row"].unique().sort().to_list() == list(range(401, 409))
    assert germanium.height == 16
    assert germanium["value_status"].unique().to_list() == ["not_available"]
    for column in ("quantity_tonnes", "quantity_tonnes_lower", "quantity_tonnes_upper"):
        assert germanium[column].null_count() == 16


def test_a_dash_is_zero_and_a_small_s_is_not(lake_tables: dict[str, pl.DataFrame]) -> None:
    lake = lake_tables["production"]
    rutile = {"edition": "MCS2026", "mineral_id": "titanium", "form": "rutile"}
    # Row 8104: Kenya, rutile, 2025: an em dash.
    kenya = _row(lake, **rutile, geography_id="KEN", reference_year=2025)
    assert (kenya["published_value"], kenya["value_status"], kenya["quantity_tonnes"]) == (
        "—",
        "zero",
        0.0,
    )
    # Row 8101: United States, rutile, 2025: "s", "… data are included with ilmenite."
    us = _row(lake, **rutile, geography_id="USA", reference_year=2025)
    assert (us["published_value"], us["value_status"]) == ("s", "included_elsewhere")
    for column in ("quantity_tonnes", "quantity_tonnes_lower", "quantity_tonnes_upper"):
        assert us[column] is None
    # The same figure in the 2025 edition, row 1120: an empty cell and the same note.
    blank = _row(lake, **rutile | {"edition": "MCS2025"}, geography_id="USA", reference_year=2024)
    assert (blank["published_value"], blank["value_status"]) == (None, "included_elsewhere")


def test_below_half_a_unit_has_bounds_and_no_number(published: dict[str, pl.DataFrame]) -> None:
    # Row 8443: Vermiculite, Mexico, thousand metric tons, 2024: "s", note "Less than ½unit."
    got = _row(published["world_figure"], source_row_id=f"MCS2026:{FILE_2026}:8443")
    assert (got["value_status"], got["value_number"]) == ("below_unit", None)
    assert (got["value_lower"], got["value_upper"]) == (0.0, 0.5)
    # Row 1092: Boron, World total, 2024: XX.
    boron = _row(published["world_figure"], source_row_id=f"MCS2026:{FILE_2026}:1092")
    assert (boron["value_status"], boron["value_number"]) == ("not_applicable", None)


def _figures_2026(records: Records) -> dict[int, dict[str, str]]:
    """Rows of world production, capacity and reserves, whatever their label looks like."""
    return {
        row: record
        for row, record in records["MCS2026", FILE_2026].items()
        if record["Section"].startswith("World")
        and record["Statistics"] in {"Production", "Capacity", "Reserves"}
    }


def _cells(records: Records, edition: str) -> dict[str, str]:
    """`source_row_id` to printed cell, of every value column of an edition with a column a figure."""
    return {
        f"{edition}:{file}:{row}:{column}": re.sub(r"^e(?=[0-9])", "", record[column].strip())
        for (of, file), rows in records.items()
        if of == edition
        for row, record in rows.items()
        for column in record
        if column in WIDE_COLUMNS or re.match(r"(Prod|Cap|Reserves)_(?!notes?$)", column)
    }


def test_zeros_are_as_many_as_the_publisher_printed(
    published: dict[str, pl.DataFrame], records: Records
) -> None:
    zeros = published["world_figure"].filter(pl.col("value_number") == 0)
    assert zeros["value_status"].unique().to_list() == ["zero"]
    by_edition = Counter(zeros["edition"])
    assert by_edition == {"MCS2023": 125, "MCS2024": 152, "MCS2026": 161}
    dashes = [
        row for row, record in _figures_2026(records).items() if record["Value"] in {"—", "0"}
    ]
    assert sorted(zeros.filter(edition="MCS2026")["file_row"]) == dashes
    for edition in ("MCS2023", "MCS2024"):
        printed = {
            key for key, cell in _cells(records, edition).items() if cell in {"—", "0", "0.0"}
        }
        assert set(zeros.filter(edition=edition)["source_row_id"]) == printed


def test_every_number_of_2026_is_read_as_printed(
    published: dict[str, pl.DataFrame], records: Records
) -> None:
    rows = _figures_2026(records)
    printed = {
        row: float(record["Value"].replace(",", ""))
        for row, record in rows.items()
        if PLAIN_NUMBER.fullmatch(record["Value"]) and record["Value"] != "0"
    }
    figures = published["world_figure"].filter(edition="MCS2026")
    got = figures.filter(value_status="numeric")
    assert dict(zip(got["file_row"], got["value_number"], strict=True)) == printed
    assert sorted(figures["file_row"]) == list(rows)
    statistic = {row: record["Statistics"].lower() for row, record in rows.items()}
    assert dict(zip(figures["file_row"], figures["statistic"], strict=True)) == statistic


@pytest.mark.parametrize("edition", ["MCS2023", "MCS2024", "MCS2025"])
def test_every_number_of_a_file_with_a_column_a_figure_is_read_as_printed(
    published: dict[str, pl.DataFrame], records: Records, edition: str
) -> None:
    printed = {
        key: float(cell.replace(",", ""))
        for key, cell in _cells(records, edition).items()
        if PLAIN_NUMBER.fullmatch(cell) and float(cell.replace(",", "")) != 0
    }
    got = published["world_figure"].filter(edition=edition, value_status="numeric")
    assert dict(zip(got["source_row_id"], got["value_number"], strict=True)) == printed


def test_the_statistic_and_unit_of_a_small_file_are_those_of_its_column(
    published: dict[str, pl.DataFrame],
) -> None:
    figures = published["world_figure"].filter(pl.col("edition").is_in(["MCS2023", "MCS2024"]))
    assert figures.height > 7_000
    for key, statistic, unit, year in figures.select(
        "source_row_id", "statistic", "published_unit", "reference_year"
    ).iter_rows():
        edition, _, _, column = key.split(":")
        parts = column.split("_")
        assert STATISTICS[parts[0]] == statistic
        assert unit in parts
        assert year == (int(parts[-1]) if parts[-1].isdigit() else int(edition[3:]) - 1)


def test_records_in_are_records_used_and_not_used(
    lake_tables: dict[str, pl.DataFrame], records: Records
) -> None:
    assert len(records) == 156
    counted = {key: len(rows) for key, rows in records.items()}
    assert sum(counted.values()) == 13_160
    used: dict[tuple[str, str], set[int]] = {key: set() for key in records}
    for table in WORLD_TABLES:
        for edition, file, row in (
            lake_tables[table].select("edition", "source_file", "file_row").iter_rows()
        ):
            used[edition, file].add(row)
    left = Counter[tuple[str, str]]()
    for edition, file, reason, rows in (
        lake_tables["not_used"]
        .select("edition", "source_file", "not_used_reason", "file_rows")
        .iter_rows()
    ):
        assert reason
        left[edition, file] += rows
    assert {key: len(used[key]) + left[key] for key in records} == counted
    assert all(rows <= set(records[key]) for key, rows in used.items())
    by_edition = lake_tables["file_rows"].group_by("edition").agg(pl.col("file_rows").sum())
    assert dict(by_edition.iter_rows()) == RECORDS
    assert sum(map(len, used.values())) > 3_000


def test_the_reasons_count_the_records_that_the_files_have(
    lake_tables: dict[str, pl.DataFrame], records: Records
) -> None:
    long = records["MCS2026", FILE_2026].values()
    blank = Counter(
        edition
        for (edition, _), rows in records.items()
        for record in rows.values()
        if not any(cell.strip() for cell in record.values())
    )
    assert blank == {"MCS2023": 4, "MCS2024": 590}
    us = sum(
        record["Section"].startswith("Salient") or record["Section"] == "Import Sources"
        for record in long
    )
    # Salient statistics and import sources of FORMATS §2.1.
    assert us == 4863 + 720
    world = sum(record["Section"].startswith("World") for record in long)
    got = (
        lake_tables["not_used"]
        .filter(label="")
        .group_by("edition", "not_used_reason")
        .agg(pl.col("file_rows").sum())
    )
    assert {row[:2]: row[2] for row in got.iter_rows()} == {
        ("MCS2023", "blank record"): 4,
        ("MCS2024", "blank record"): 590,
        ("MCS2026", "US tables: read by source usgs_mcs_us"): us,
    }
    # All others are figures: 3,294 rows of tables, and 9 whose label is a sentence or a long one.
    assert (world, len(_figures_2026(records))) == (3_303, 3_303)
