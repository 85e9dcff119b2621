"""Shipments counted twice, found from flows and output alone, beside what METHODS §12 and importers' own declarations say.

METHODS §12, thousand tonnes that DR Congo ships to China under 282200: 93 in 2018, 130 in 2020, 174 in 2021, 264 in
2023, none in 2019, 2022 and 2024; copies in transit of 75 to 174 in 2019-21 and 2023, to Mozambique, South Africa,
the Emirates, Singapore, Tanzania, Namibia and Hong Kong. Namibia declares its own, so it is none. Switzerland, which the
text does not name, declares nothing of it in 2023, and passes on 6% of what it buys.
"""

from pathlib import Path

import duckdb
import polars as pl
import pytest

pytestmark = [pytest.mark.slow, pytest.mark.shared]

COPIES = {2018: 93, 2020: 130, 2021: 174, 2023: 264}
IN_TRANSIT = {"MOZ", "ZAF", "ARE", "SGP", "TZA", "HKG", "CHE"}
FOUND = """
    select reference_year, importer_id, hs6, exporter_id, value_usd, quantity_tonnes_gross,
        double_count_counterpart_hs6, double_count_evidence
    from marts.fct_trade
    where is_suspected_double_count and series_id = 'hs92'
"""
DECLARED = """
    select
        cast(refYear as integer) as reference_year,
        reporterISO as importer_id,
        cmdCode as hs6,
        sum(cast(primaryValue as double)) as usd
    from read_parquet(?)
    where partnerISO = 'COD' and cmdCode in ('282200', '810520')
    group by all
"""


@pytest.fixture(scope="module")
def found(release: duckdb.DuckDBPyConnection) -> pl.DataFrame:
    return release.execute(FOUND).pl()


@pytest.fixture(scope="module")
def declared(shared_data: Path) -> dict[tuple[int, str, str], float]:
    path = shared_data / "un_comtrade" / "importer_declarations_2018_2024.parquet"
    with duckdb.connect() as connection:
        rows = connection.execute(DECLARED, [str(path)]).fetchall()
    return {(year, importer, hs6): usd for year, importer, hs6, usd in rows}


def test_what_was_listed_by_hand_is_found(found: pl.DataFrame) -> None:
    assert set(found["exporter_id"]) == {"COD"}
    assert set(found["hs6"]) == {"282200"}
    assert set(found["double_count_counterpart_hs6"]) == {"810510"}
    since_2018 = found.filter(pl.col("reference_year") >= 2018)
    to_china = since_2018.filter(pl.col("importer_id") == "CHN")
    assert {
        year: round(tonnes / 1000)
        for year, tonnes in to_china.select("reference_year", "quantity_tonnes_gross").iter_rows()
    } == COPIES
    transit = since_2018.filter(pl.col("importer_id") != "CHN")
    assert set(transit["importer_id"]) == IN_TRANSIT
    by_year = dict(
        transit.group_by("reference_year").agg(pl.col("quantity_tonnes_gross").sum()).iter_rows()
    )
    assert all(74_500 < by_year[year] < 174_500 for year in (2019, 2020, 2021, 2023))
    assert 2024 not in by_year


def test_evidence_is_named(found: pl.DataFrame, release: duckdb.DuckDBPyConnection) -> None:
    """Output tells of 2021 (1.55 times what was mined) and 2023 (1.36), and of the others by these."""
    told = found.filter(pl.col("double_count_evidence") == "output")
    assert set(told["reference_year"]) == {2021, 2023}
    rest = found.filter(~pl.col("reference_year").is_in([2021, 2023]))
    assert set(rest["double_count_evidence"]) == {"other_years"}
    without = release.execute(
        "select count(*) from marts.fct_trade where is_suspected_double_count "
        "is distinct from (double_count_evidence is not null and double_count_counterpart_hs6 is not null)"
    ).fetchone()
    assert without == (0,)


def test_no_copy_is_what_its_importer_declares_itself(
    found: pl.DataFrame, declared: dict[tuple[int, str, str], float]
) -> None:
    """The files that the rule did not read: nobody says that it bought what is called a copy."""
    since_2018 = found.filter(pl.col("reference_year") >= 2018)
    for row in since_2018.iter_rows(named=True):
        own = declared.get((row["reference_year"], row["importer_id"], "282200"), 0)
        assert own < 0.1 * row["value_usd"], row
    assert declared[2020, "NAM", "282200"] > 50_000_000
    assert declared[2023, "ZMB", "282200"] > 50_000_000


def test_declarations_give_the_same_years(
    baci: duckdb.DuckDBPyConnection, declared: dict[tuple[int, str, str], float]
) -> None:
    """What China says of it, worked out without our code: silent under 282200, and as much under 810520."""
    shipped = baci.execute(
        "select reference_year, usd from flow where revision = 'HS92' and exporter_iso3 = 'COD' "
        "and importer_iso3 = 'CHN' and hs6 = '282200' and reference_year between 2018 and 2024 "
        "and usd > 100000"
    ).fetchall()
    told = {
        year
        for year, usd in shipped
        if declared.get((year, "CHN", "282200"), 0) < 0.1 * usd
        and declared[year, "CHN", "810520"] >= 0.5 * usd
    }
    assert told == set(COPIES)
