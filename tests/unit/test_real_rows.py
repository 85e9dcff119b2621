"""The publisher's real files against an independent reading of them, with `csv` and `zipfile` only."""

import csv
import io
import re
import zipfile
from pathlib import Path

import polars as pl
import pytest

pytestmark = pytest.mark.shared

FILE_2025, FILE_2026 = "MCS2025_World_Data.csv", "MCS2026_Commodities_Data.csv"
RECORDS = {"MCS2025": 1250, "MCS2026": 8886}
PLAIN_NUMBER = re.compile(r"[0-9][0-9,]*(\.[0-9]+)?")

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


@pytest.fixture(scope="module")
def records(shared_data: Path) -> dict[str, dict[int, dict[str, str]]]:
    """Edition to row number (header = 1) to record, read without our code."""
    folder = shared_data / "usgs_mcs"
    with zipfile.ZipFile(folder / "2025" / "World_Data.zip") as archive:
        wide = archive.read(FILE_2025).decode("utf-8-sig")
    long = (folder / "2026" / FILE_2026).read_bytes().decode("cp1252")
    return {
        edition: dict(enumerate(csv.DictReader(io.StringIO(text, newline="")), start=2))
        for edition, text in (("MCS2025", wide), ("MCS2026", long))
    }


def _row(lake: pl.DataFrame, **wanted: object) -> dict[str, object]:
    found = lake.filter(pl.all_horizontal(pl.col(name) == value for name, value in wanted.items()))
    assert found.height == 1, found
    return found.row(0, named=True)


def _printed(record: dict[str, str], year: int) -> str:
    if "Value" in record:
        assert record["Year"] == str(year)
        return record["Value"]
    return record[{2023: "PROD_2023", 2024: "PROD_EST_ 2024"}[year]]


@pytest.mark.parametrize("line", GOLDEN, ids=[f"{line[0]}-row-{line[1]}" for line in GOLDEN])
def test_a_printed_value_arrives_in_tonnes(
    records: dict[str, dict[int, dict[str, str]]],
    lake_tables: dict[str, pl.DataFrame],
    line: tuple[str, int, str, str, int, float, bool],
) -> None:
    edition, row, printed, key, year, tonnes, estimated = line
    assert _printed(records[edition][row], year) == printed
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


def test_zeros_are_as_many_as_the_publisher_printed(
    published: dict[str, pl.DataFrame], records: dict[str, dict[int, dict[str, str]]]
) -> None:
    zeros = published["world_figure"].filter(pl.col("value_number") == 0)
    assert zeros.filter(edition="MCS2025").height == 0
    dashes = [row for row, record in records["MCS2026"].items() if _is_figure_2026(record)]
    dashes = [row for row in dashes if records["MCS2026"][row]["Value"] in {"—", "0"}]
    assert len(dashes) == 125
    assert sorted(zeros["file_row"]) == dashes
    assert zeros["value_status"].unique().to_list() == ["zero"]


def _is_figure_2026(record: dict[str, str]) -> bool:
    return (
        record["Section"].startswith("World")
        and record["Statistics"] == "Production"
        and not record["Statistics_detail"][:1].islower()
    )


def test_every_number_of_2026_is_read_as_printed(
    published: dict[str, pl.DataFrame], records: dict[str, dict[int, dict[str, str]]]
) -> None:
    printed = {
        row: float(record["Value"].replace(",", ""))
        for row, record in records["MCS2026"].items()
        if _is_figure_2026(record) and PLAIN_NUMBER.fullmatch(record["Value"])
    }
    figures = published["world_figure"].filter(pl.col("edition") == "MCS2026")
    got = figures.filter(pl.col("value_status") == "numeric")
    assert dict(zip(got["file_row"], got["value_number"], strict=True)) == printed
    assert figures.height == sum(map(_is_figure_2026, records["MCS2026"].values()))


def test_every_number_of_2025_is_read_as_printed(
    published: dict[str, pl.DataFrame], records: dict[str, dict[int, dict[str, str]]]
) -> None:
    printed = {
        (row, year): float(record[column])
        for row, record in records["MCS2025"].items()
        for year, column in ((2023, "PROD_2023"), (2024, "PROD_EST_ 2024"))
        # Rows 201 to 216: the publisher put clinker *capacity* into the columns of production.
        if record[column] and not record["TYPE"].startswith("Clinker capacity")
    }
    got = published["world_figure"].filter(edition="MCS2025", value_status="numeric")
    keys = zip(got["file_row"], got["reference_year"], strict=True)
    assert dict(zip(keys, got["value_number"], strict=True)) == printed


@pytest.mark.parametrize("edition", ["MCS2025", "MCS2026"])
def test_records_in_are_records_used_and_not_used(
    lake_tables: dict[str, pl.DataFrame],
    records: dict[str, dict[int, dict[str, str]]],
    edition: str,
) -> None:
    assert len(records[edition]) == RECORDS[edition]
    used = set(lake_tables["production"].filter(pl.col("edition") == edition)["file_row"])
    not_used = lake_tables["not_used"].filter(pl.col("edition") == edition)
    assert used <= set(records[edition])
    assert len(used) + not_used["file_rows"].sum() == RECORDS[edition]
    assert not_used["not_used_reason"].str.len_chars().min() is not None
    [counted] = lake_tables["file_rows"].filter(pl.col("edition") == edition)["file_rows"]
    assert counted == RECORDS[edition]
    assert len(used) > 500


def test_the_reasons_count_the_records_that_the_file_has(
    lake_tables: dict[str, pl.DataFrame], records: dict[str, dict[int, dict[str, str]]]
) -> None:
    long = records["MCS2026"].values()
    wide = records["MCS2025"].values()
    expected = {
        "table not built yet: US import sources": sum(
            record["Section"] == "Import Sources" for record in long
        ),
        "table not built yet: US salient statistics": sum(
            record["Section"].startswith("Salient") for record in long
        ),
        "table not built yet: world reserves": sum(
            record["Section"].startswith("World")
            and record["Statistics"] == "Reserves"
            and not record["Statistics_detail"][:1].islower()
            for record in long
        ),
        "record holds capacity or reserves, no production": sum(
            record["TYPE"]
            .lower()
            .startswith(("plant capacity", "clinker cap", "pigment cap", "res"))
            for record in wide
        ),
    }
    not_used = lake_tables["not_used"].filter(label="")
    got = dict(zip(not_used["not_used_reason"], not_used["file_rows"], strict=True))
    assert {reason: got[reason] for reason in expected} == expected
    # Salient statistics and import sources of FORMATS §2.1.
    assert got["table not built yet: US salient statistics"] == 4863
    assert got["table not built yet: US import sources"] == 720
