"""UN Comtrade's real rows where they lie: counted here with `csv` and Polars alone, beside our reader."""

import csv
import gzip
from collections import defaultdict
from pathlib import Path

import polars as pl
import pytest
from declared_rows import SOURCE, api_parquet, lake, read

from sources.reading.catalog import SourceFile
from sources.reading.checks import records_are_accounted_for
from sources.reading.input import Input
from sources.reading.lake import validated
from sources.reading.published import read_published
from sources.un_comtrade.checks import partners_add_up_to_the_world, reporters_cover_trade
from sources.un_comtrade.layouts import LAYOUTS
from sources.un_comtrade.reader import READER

pytestmark = pytest.mark.shared
Tables = dict[str, pl.DataFrame]


@pytest.fixture(scope="module")
def tables(shared_data: Path) -> Tables:
    """Lake tables of both editions."""
    published = read_published(READER, SOURCE, Input.FILES, shared_data, include_restricted=True)
    return READER.lake_tables(published)


def test_every_row_is_accounted_for(tables: Tables) -> None:
    for table, frame in tables.items():
        validated(frame, READER.lake[table], SOURCE.source_id, table)
    outcome = records_are_accounted_for(
        [tables["declaration"]], tables["not_used"], tables["file_rows"]
    )
    assert outcome.passed, outcome.offenders
    # 164,831 rows of the bulk file (FORMATS 2.4) and 230,141 of the API.
    assert outcome.numbers["records_in"] == 164_831 + 230_141


def test_the_largest_row_of_each_key_is_taken(tables: Tables, shared_data: Path) -> None:
    """China's imports of magnets by partner, the largest of each key, added up by hand."""
    largest: dict[str, float] = defaultdict(float)
    path = shared_data / "un_comtrade" / "bulk_2024.csv.gz"
    with gzip.open(path, "rt", encoding="ascii", newline="") as handle:
        for line in csv.DictReader(handle):
            if (line["reporter"], line["cmd"], line["flow"]) == ("156", "850511", "M"):
                largest[line["partner"]] = max(largest[line["partner"]], float(line["value"]))
    # World, China itself, and areas that are no countries.
    for code in ("0", "156", "568", "577", "837", "838", "839", "899"):
        largest.pop(code, None)
    ours = tables["declaration"].filter(
        pl.col("edition") == "BULK2024",
        pl.col("reporter_iso3") == "CHN",
        pl.col("hs6") == "850511",
        pl.col("flow") == "import",
    )
    assert ours["value_usd"].sum() == pytest.approx(sum(largest.values()))
    assert ours.height == len(largest)


def test_china_declares_next_to_no_cobalt_of_dr_congo_as_oxide(tables: Tables) -> None:
    """METHODS §12: China books it under 810520; what DR Congo books under 282200 is the same shipment."""
    bought = (
        tables["declaration"]
        .filter(
            pl.col("edition") == "IMPORTS2018_2024",
            pl.col("reporter_iso3") == "CHN",
            pl.col("partner_iso3") == "COD",
        )
        .group_by("hs6", "reference_year")
        .agg(pl.col("quantity_tonnes_gross").sum())
    )
    oxide = bought.filter(pl.col("hs6") == "282200")
    metal = bought.filter(pl.col("hs6") == "810520").sort("reference_year")
    # Samples of a few hundred kilograms in 2019 and 2022, beside the thousand tonnes of METHODS' table.
    assert oxide["quantity_tonnes_gross"].sum() < 1
    assert [round(t / 1000) for t in metal["quantity_tonnes_gross"]] == [
        *(220, 296, 295, 305, 355, 387, 628)
    ]


def test_who_declares_dr_congos_cobalt_itself(tables: Tables) -> None:
    """Namibia and Zambia do, under 2822: what goes to them is no copy. Places of transit say nothing."""
    declared = tables["declaration"].filter(
        pl.col("edition") == "IMPORTS2018_2024",
        pl.col("hs6") == "282200",
        pl.col("partner_iso3") == "COD",
    )
    tonnes = dict(
        declared.group_by("reporter_iso3").agg(pl.col("quantity_tonnes_gross").sum()).iter_rows()
    )
    assert tonnes["NAM"] > 40_000
    assert tonnes["ZMB"] > 25_000
    # Of seven years. South Africa has some hundred tonnes beside 73,588 that only DR Congo declares.
    silent = ("ARE", "CHE", "CHN", "HKG", "MOZ", "SGP", "TZA", "ZAF")
    assert max(tonnes.get(importer, 0) for importer in silent) < 1_000


def test_groups_and_the_world_are_no_reporters_and_partners(tables: Tables) -> None:
    reasons = tables["not_used"].filter(pl.col("edition") == "IMPORTS2018_2024")
    by_reason = dict(reasons.group_by("not_used_reason").agg(pl.col("file_rows").sum()).iter_rows())
    group = "a group as reporter: its members declare the same trade"
    # Rows of 97 and 975 in the file, counted without our code.
    assert by_reason[group] == 6_101 + 3_909
    assert "DEU" in set(tables["declaration"]["reporter_iso3"])


def test_coverage_by_value_stops_nothing_of_the_real_rows(tables: Tables) -> None:
    outcome = reporters_cover_trade(tables)
    assert outcome.severity == "warn"
    assert outcome.numbers["least_coverage_share"] > 0.7


def test_partners_of_the_real_rows_add_up_to_the_world(tables: Tables) -> None:
    outcome = partners_add_up_to_the_world(tables)
    assert outcome.passed, outcome.offenders


@pytest.mark.parametrize(("kept_share", "severity"), [(0.9, "stop"), (0.99, "warn")])
def test_a_pull_without_some_of_its_rows_is_seen(
    shared_data: Path, kept_share: float, severity: str
) -> None:
    """Rows are dropped as a lost page of answers would drop them: the World's row stays, some partners go."""
    path = shared_data / "un_comtrade/importer_declarations_2018_2024.parquet"
    rows = pl.read_parquet(path).filter(pl.col("period").cast(pl.String) == "2024")
    is_world = pl.col("partnerCode").cast(pl.String) == "0"
    left = pl.concat(
        [rows.filter(is_world), rows.filter(~is_world).sample(fraction=kept_share, seed=1)]
    )
    tables = lake(api_parquet(left), "api_parquet", f"un_comtrade/{path.name}")
    outcome = partners_add_up_to_the_world(tables)
    assert (outcome.passed, outcome.severity) == (False, severity)


def test_saved_rows_of_the_api_are_read(shared_data: Path) -> None:
    """Eight files, 47 columns of the API and three of those who saved them."""
    paths = sorted((shared_data / "un_comtrade").glob("*_trade_data.csv"))
    assert len(paths) == 8
    for path in paths:
        with path.open(encoding="utf-8", newline="") as handle:
            lines = list(csv.DictReader(handle))
        tables = read(path.read_bytes(), "api_csv", f"un_comtrade/{path.name}")
        assert tables["declaration"].height == len(lines)
        values = [float(line["primaryValue"]) for line in lines]
        ours = tables["declaration"]["published_value"].cast(pl.Float64)
        assert ours.sum() == pytest.approx(sum(values))


def test_the_layouts_named_are_written() -> None:
    files: list[SourceFile] = [file for edition in SOURCE.editions for file in edition.files]
    assert {file.layout for file in files} <= set(LAYOUTS)
