"""Gallium imports of the EU in the staging view against Eurostat's file, read with `csv`."""

import csv
from collections import defaultdict
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import duckdb
import pytest

FILE = "eurostat_comext/eu_comext_critical_inputs_cn8_2022_2024.csv"
GALLIUM = "81129289"
# Eurostat's codes of the 27; as a partner Greece is GR.
EU27 = {
    *("AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "EL", "ES", "FI", "FR", "GR", "HR"),
    *("HU", "IE", "IT", "LT", "LU", "LV", "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK"),
}
VIEW = "staging.stg_eurostat_comext__imports"


@pytest.fixture(scope="module")
def warehouse(data: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    path = data / "warehouse" / "chokepoint.duckdb"
    with duckdb.connect(str(path), read_only=True) as connection:
        yield connection


@pytest.fixture(scope="module")
def from_outside(shared_data: Path) -> dict[tuple[int, str], Fraction]:
    """Euro of gallium by year and partner outside the EU, added up exactly."""
    found: dict[tuple[int, str], Fraction] = defaultdict(Fraction)
    with (shared_data / FILE).open(encoding="ascii", newline="") as handle:
        for row in csv.DictReader(handle):
            if row["PRODUCT_NC"] == GALLIUM and row["PARTNER_ISO"] not in EU27:
                assert row["DECLARANT_ISO"] in EU27
                key = int(row["PERIOD"]), row["PARTNER_ISO"]
                found[key] += Fraction(row["VALUE_IN_EUROS"])
    return found


@pytest.mark.slow
@pytest.mark.shared
@pytest.mark.parametrize(
    ("year", "from_china", "share"),
    # By hand from the file: in 2022 Germany 6,329,627, France 476, the Netherlands 8,683,031.
    [(2022, 15_013_134, 0.974), (2023, 6_176_969, 0.866), (2024, 7_646_901, 0.679)],
)
def test_gallium_from_china(
    from_outside: dict[tuple[int, str], Fraction],
    warehouse: duckdb.DuckDBPyConnection,
    year: int,
    from_china: int,
    share: float,
) -> None:
    everyone = sum(value for (when, _), value in from_outside.items() if when == year)
    assert from_outside[year, "CN"] == from_china
    [(got_china, got_everyone)] = warehouse.execute(
        "select sum(value_eur) filter (where partner_iso3 = 'CHN'), sum(value_eur) "
        f"from {VIEW} where cn8 = ? and not is_intra_eu and reference_year = ?",
        [GALLIUM, year],
    ).fetchall()
    assert got_china == from_china
    assert got_everyone == pytest.approx(float(everyone), abs=0.01)
    assert got_china / got_everyone == pytest.approx(share, abs=0.0005)
    assert float(from_china / everyone) == pytest.approx(share, abs=0.0005)


@pytest.mark.slow
@pytest.mark.shared
def test_gallium_by_partner(
    from_outside: dict[tuple[int, str], Fraction], warehouse: duckdb.DuckDBPyConnection
) -> None:
    found = warehouse.execute(
        f"select reference_year, published_partner, sum(value_eur) from {VIEW} "
        "where mineral_id = 'gallium' and not is_intra_eu group by all"
    ).fetchall()
    got = {(year, partner): value for year, partner, value in found if value is not None}
    expected = {key: float(value) for key, value in from_outside.items() if value}
    assert got == pytest.approx(expected)


def _found(data: Path, comext_value: str = "value_usd") -> list[tuple[str | None, int]]:
    """Line (null: the median of the lines) and year that the check finds, with the values of Eurostat written so."""
    compiled = data / "dbt" / "target" / "compiled"
    [path] = compiled.rglob("eu_imports_agree_between_comext_and_baci.sql")
    table = '"chokepoint"."marts"."fct_trade"'
    sql = path.read_text(encoding="utf-8")
    assert table in sql
    spoiled = (
        f"(select * replace (case when series_id = 'comext_cn8' then {comext_value} else value_usd end as value_usd) "
        f"from {table})"
    )
    warehouse = data / "warehouse" / "chokepoint.duckdb"
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        return connection.execute(
            f"select hs6, reference_year from ({sql.replace(table, spoiled)}) order by all"
        ).fetchall()


def test_a_file_that_is_half_of_bacis_is_found(data: Path) -> None:
    assert _found(data) == []
    of_2023 = "reference_year = 2023"
    halved = _found(data, f"case when {of_2023} then value_usd / 2 else value_usd end")
    assert (None, 2023) in halved
    assert {year for _, year in halved} == {2023}


def test_a_line_in_another_unit_is_found(data: Path) -> None:
    graphite = "hs6 = '250410' and reference_year = 2024"
    found = _found(data, f"case when {graphite} then value_usd * 1000 else value_usd end")
    assert found == [("250410", 2024)]
