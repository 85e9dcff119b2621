"""The real files against independent readings: DuckDB's over the zip's bytes, and rows as printed."""

import csv
import io
import json
import zipfile
from pathlib import Path

import duckdb
import polars as pl
import pytest

from sources.reading.catalog import SOURCES_ROOT

Tables = dict[str, pl.DataFrame]
FILES = {
    "hs92": "BACI_HS92_V202601.zip",
    "hs17_2024": "BACI_HS17_V202601.zip",
    "hs02_top6": "BACI_HS02_V202601_top6.zip",
    "hs17_top6": "BACI_HS17_V202601_top6.zip",
}
ASEAN = "baci_hs07_asean_2010_2024.csv"
# Series, year, row (header = 1), the record as printed, exporter, importer, dollars, tonnes.
GOLDEN = [
    ("hs92", 1995, 2, "1995,4,58,260300,            88.981,            194.46",
     "AFG", "XBL", 88_981, 194.46),
    ("hs92", 1995, 3542, "1995,124,842,282530,             2.893,0.23399999999999999",
     "CAN", "USA", 2_893, 0.234),
    ("hs17_2024", 2024, 2, "2024,4,68,850511,             1.484,             0.029",
     "AFG", "BOL", 1_484, 0.029),
    ("hs02_top6", 2002, 2, "2002,4,76,251010,           601.434,                NA",
     "AFG", "BRA", 601_434, None),
    ("hs17_top6", 2017, 2, "2017,4,586,252922,           262.551,                NA",
     "AFG", "PAK", 262_551, None),
]  # fmt: skip
INDEPENDENT = """
    select trim(k) as hs6, cast(t as integer) as reference_year,
        count(*) as rows,
        cast(sum(cast(trim(v) as decimal(18, 3))) * 1000 as bigint) as usd,
        cast(sum(cast(nullif(trim(q), 'NA') as decimal(18, 3))) * 1000 as bigint) as kg
    from read_csv(?, all_varchar = true, header = true)
    group by all
"""


def _member(shared_data: Path, series_id: str, year: int) -> bytes:
    revision = FILES[series_id][5:9]
    with zipfile.ZipFile(shared_data / "cepii_baci" / FILES[series_id]) as archive:
        return archive.read(f"BACI_{revision}_Y{year}_V202601.csv")


def _years(shared_data: Path, series_id: str) -> list[int]:
    with zipfile.ZipFile(shared_data / "cepii_baci" / FILES[series_id]) as archive:
        return sorted(int(n[11:15]) for n in archive.namelist() if n.startswith("BACI_"))


@pytest.fixture(scope="module")
def independent(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> pl.DataFrame:
    """Rows, dollars and kilograms of every line, year and series, by DuckDB alone."""
    connection = duckdb.connect()
    parts: list[pl.DataFrame] = []
    for series_id in FILES:
        folder = tmp_path_factory.mktemp(series_id)
        for year in _years(shared_data, series_id):
            (folder / f"{year}.csv").write_bytes(_member(shared_data, series_id, year))
        found = connection.execute(INDEPENDENT, [str(folder / "*.csv")]).pl()
        parts.append(found.with_columns(series_id=pl.lit(series_id)))
    return pl.concat(parts)


@pytest.mark.shared
@pytest.mark.parametrize(
    ("series_id", "year", "row", "record", "exporter", "importer", "usd", "tonnes"), GOLDEN
)
def test_a_printed_row_arrives(
    shared_data: Path,
    lake_tables: Tables,
    *,
    series_id: str,
    year: int,
    row: int,
    record: str,
    exporter: str,
    importer: str,
    usd: int,
    tonnes: float | None,
) -> None:
    lines = _member(shared_data, series_id, year).decode("ascii").splitlines()
    assert lines[row - 1] == record
    _, i, j, k, _, _ = record.split(",")
    [got] = (
        lake_tables["trade"]
        .filter(
            series_id=series_id,
            reference_year=year,
            hs6=k,
            exporter_code=int(i),
            importer_code=int(j),
        )
        .to_dicts()
    )
    assert (got["exporter_iso3"], got["importer_iso3"]) == (exporter, importer)
    assert (got["value_usd"], got["quantity_tonnes_gross"]) == (usd, tonnes)


@pytest.mark.shared
def test_every_line_and_year_adds_up_to_an_independent_sum(
    independent: pl.DataFrame, lake_tables: Tables
) -> None:
    kilograms = (pl.col("quantity_tonnes_gross") * 1000).round().cast(pl.Int64)
    ours = (
        lake_tables["trade"]
        .filter(pl.col("series_id") != "hs07_asean")
        .group_by("series_id", "reference_year", "hs6")
        .agg(
            rows=pl.len().cast(pl.Int64),
            usd=pl.col("value_usd").sum(),
            kg=pl.when(pl.col("quantity_tonnes_gross").is_not_null().any()).then(kilograms.sum()),
        )
        .sort("series_id", "reference_year", "hs6")
    )
    listed = pl.read_csv(SOURCES_ROOT / "reference" / "hs_lines.csv", infer_schema=False)["hs6"]
    expected = (
        independent.filter(pl.col("hs6").is_in(listed.implode()))
        .select(ours.columns)
        .sort("series_id", "reference_year", "hs6")
    )
    assert ours.height > 1_500
    assert ours.rows() == expected.rows()


@pytest.mark.shared
def test_every_row_of_every_line_is_in_the_account(
    independent: pl.DataFrame, lake_tables: Tables
) -> None:
    key = ["series_id", "reference_year", "hs6"]
    account = lake_tables["line_account"].filter(pl.col("series_id") != "hs07_asean")
    assert (
        account.select(*key, pl.col("rows").cast(pl.Int64)).sort(key).rows()
        == independent.select(*key, "rows").sort(key).rows()
    )
    files = lake_tables["file_account"].filter(pl.col("series_id") != "hs07_asean")
    assert files["rows_in"].sum() == independent["rows"].sum()


@pytest.mark.shared
def test_the_asean_file_adds_up_by_csv_alone(shared_data: Path, lake_tables: Tables) -> None:
    text = (shared_data / "cepii_baci" / ASEAN).read_text(encoding="ascii")
    records = [row for row in csv.DictReader(io.StringIO(text)) if row["hs6"] != "261210"]
    trade = lake_tables["trade"].filter(series_id="hs07_asean")
    assert trade.height == len(records)
    assert trade["value_usd"].sum() == sum(
        round(float(row["trade_usd_thousands"]) * 1000) for row in records
    )
    assert trade["quantity_tonnes_gross"].null_count() == sum(not r["qty_tons"] for r in records)
    # Its own columns say which countries the codes are.
    names = {int(row["i"]): row["i_iso3"] for row in records}
    ours = dict(trade.select("exporter_code", "exporter_iso3").unique().iter_rows())
    assert ours == names


def test_the_lake_is_sorted_as_readers_want_it_and_has_its_columns(embedded: Tables) -> None:
    trade = embedded["trade"]
    order = ["series_id", "hs6", "reference_year", "importer_iso3", "exporter_iso3"]
    assert trade.equals(trade.sort(order))
    assert trade.columns == [
        "source_id", "edition", "series_id", "hs_revision", "hs6", "exporter_code",
        "importer_code", "exporter_iso3", "importer_iso3", "reference_year", "value_usd",
        "quantity_tonnes_gross", "quantity_status", "is_truncated_release",
    ]  # fmt: skip
    assert trade.height == 960_792


def test_what_a_series_lacks_is_listed(embedded: Tables) -> None:
    gaps = embedded["series_gap"].select("series_id", "country_iso3", "first_year", "last_year")
    assert ("hs02_top6", "TWN", 2002, 2016) in gaps.rows()
    assert ("hs17_top6", "NAM", 2017, 2017) in gaps.rows()
    # A country that trades in each other year of a whole series, and is listed nowhere, is no gap.
    trade = embedded["trade"].filter(pl.col("series_id").is_in(["hs02_top6", "hs17_top6"]))
    for code in (156, 842, 276, 392, 710):
        years = trade.filter(pl.col("importer_code") == code).select("series_id", "reference_year")
        assert years.n_unique() == 15 + 7, code


def test_parts_of_the_release_are_said_to_be_parts(embedded: Tables) -> None:
    series = {row["series_id"]: row for row in embedded["series"].to_dicts()}
    assert {name for name, row in series.items() if row["is_truncated_release"]} == {
        "hs02_top6",
        "hs17_top6",
    }
    assert [name for name, row in series.items() if row["is_partial_partners"]] == ["hs07_asean"]
    for name, row in series.items():
        trade = embedded["trade"].filter(series_id=name)
        assert trade["reference_year"].min() == row["first_year"]
        assert trade["reference_year"].max() == row["last_year"]
        assert (trade["quantity_tonnes_gross"].count() > 0) == row["has_quantities"]


def test_the_snapshot_pins_parquet_by_its_content() -> None:
    folder = SOURCES_ROOT / "cepii_baci" / "snapshot"
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    pinned = [name for name in manifest["BACI202601"] if name.endswith(".parquet")]
    assert len(pinned) == 5
