"""Verdicts on the claims of January 2026, worked out by hand from the publishers' pages.

Shares as printed: USGS copper refineries, China 12,000 of 27,000 (MCS 2025, year 2024) and 14,000 of
29,000 (MCS 2026, year 2025), thousand tonnes. IEA, May 2025, year 2024: F2 of FIGURES.md.
"""

import csv
import datetime as dt
from pathlib import Path

import duckdb
import pytest

ROOT = Path(__file__).resolve().parents[2]
CLAIMS = ROOT / "sources" / "reference" / "claims.csv"
TOLERANCE = 0.01
IEA = "iea_critical_minerals"

Verdict = tuple[float | None, float | None, str]

pytestmark = pytest.mark.slow


def _verdicts(
    release: duckdb.DuckDBPyConnection, claim: str, as_of: str, source: str
) -> dict[tuple[str | None, str | None], Verdict]:
    """(mineral, stage) to (lowest %, highest %, verdict), of the newest edition known at the as-of."""
    found = release.execute(
        "select mineral_id, stage, round(100 * computed_low, 1), round(100 * computed_high, 1), verdict "
        "from marts.mart_claim_check "
        "where claim_id = ? and as_of_kind = ? and source_id = ? and is_newest_known_edition",
        [claim, as_of, source],
    ).fetchall()
    verdicts = {(mineral, stage): (low, high, text) for mineral, stage, low, high, text in found}
    assert len(verdicts) == len(found)
    return verdicts


def test_refines_47_to_87_by_usgs(release: duckdb.DuckDBPyConnection) -> None:
    """USGS has copper only: below the range when it was said, inside it by the edition of February."""
    then = _verdicts(release, "CHN_REFINES_47_87", "claim_date", "usgs_mcs")
    now = _verdicts(release, "CHN_REFINES_47_87", "today", "usgs_mcs")
    assert round(100 * 12_000 / 27_000, 1) == 44.4 < 47 - 100 * TOLERANCE
    assert then[("copper", "refined")] == (44.4, 44.4, "differs")
    assert round(100 * 14_000 / 29_000, 1) == 48.3
    assert now[("copper", "refined")] == (48.3, 48.3, "agrees")
    # One of the five minerals can't say where the ends of the range lie.
    assert then[(None, "refined")] == (44.4, 44.4, "cannot_be_tested")
    assert now[(None, "refined")] == (48.3, 48.3, "cannot_be_tested")
    assert then.keys() == now.keys() == {("copper", "refined"), (None, "refined")}


@pytest.mark.parametrize("as_of", ["claim_date", "today"])
def test_refines_47_to_87_by_the_iea(release: duckdb.DuckDBPyConnection, as_of: str) -> None:
    """The agency that the claim names: one mineral below, two above, two inside; neither end is met."""
    assert _verdicts(release, "CHN_REFINES_47_87", as_of, IEA) == {
        ("copper", "refined"): (44.0, 44.0, "differs"),
        ("lithium", "refined"): (70.2, 70.2, "agrees"),
        ("cobalt", "refined"): (78.4, 78.4, "agrees"),
        ("rare_earths", "refined"): (91.3, 91.3, "differs"),
        ("graphite", "refined"): (95.7, 95.7, "differs"),
        (None, "refined"): (44.0, 95.7, "differs"),
    }


@pytest.mark.parametrize("as_of", ["claim_date", "today"])
def test_refines_47_to_87_by_the_eu_study(release: duckdb.DuckDBPyConnection, as_of: str) -> None:
    """Means of 2016 to 2020; the study has no whole for graphite refined and rare earths."""
    assert _verdicts(release, "CHN_REFINES_47_87", as_of, "eu_crm") == {
        ("cobalt", "refined"): (59.6, 59.6, "agrees"),
        ("copper", "refined"): (38.3, 38.3, "differs"),
        ("lithium", "refined"): (56.2, 56.2, "agrees"),
        (None, "refined"): (38.3, 59.6, "cannot_be_tested"),
    }


@pytest.mark.parametrize(
    ("as_of", "source"),
    [
        (as_of, source)
        for as_of in ("claim_date", "today")
        for source in ("usgs_mcs", IEA, "eu_crm")
    ],
)
def test_60_percent_of_needs_holds_for_no_source(
    release: duckdb.DuckDBPyConnection, as_of: str, source: str
) -> None:
    """No one share of everything: over the minerals the sources run from next to nothing to almost all."""
    verdicts = _verdicts(release, "CHN_60_OF_NEEDS", as_of, source)
    low, high, verdict = verdicts[(None, None)]
    assert verdict == "differs"
    assert low is not None
    assert high is not None
    assert low < 10
    assert high > 90
    singles = {key: value for key, value in verdicts.items() if key != (None, None)}
    assert len(singles) >= 9
    # One share of everything: a single mineral's neither meets nor misses it.
    for key, (share, same, text) in singles.items():
        assert share is not None
        assert share == same
        assert text == "not_the_claim", key


def test_60_percent_of_needs_per_mineral(release: duckdb.DuckDBPyConnection) -> None:
    """Context only: antimony mines by MCS 2025 are 60,000 of 100,000 t, a month later no longer."""
    then = _verdicts(release, "CHN_60_OF_NEEDS", "claim_date", "usgs_mcs")
    now = _verdicts(release, "CHN_60_OF_NEEDS", "today", "usgs_mcs")
    assert then[("antimony", "mine")] == (60.0, 60.0, "not_the_claim")
    assert now[("antimony", "mine")] == (36.4, 36.4, "not_the_claim")
    assert then[("gallium", "refined")] == (98.7, 98.7, "not_the_claim")
    assert then[("copper", "refined")] == (44.4, 44.4, "not_the_claim")
    assert now[("nickel", "mine")] == (3.1, 3.1, "not_the_claim")


def _claims() -> dict[str, dt.date]:
    with CLAIMS.open(encoding="utf-8", newline="") as handle:
        return {
            row["claim_id"]: dt.date.fromisoformat(row["claimed_on"])
            for row in csv.DictReader(handle)
        }


def test_largest_refiner_of_25_of_34_in_the_eu_study(release: duckdb.DuckDBPyConnection) -> None:
    """Stage P of fact_GlobalSupplyShares_t.csv, read line by line.

    China leads aluminium, antimony, bismuth, chromium, cobalt, coking coal, copper, gallium, germanium,
    indium, lead, lithium, magnesium, manganese, nickel, phosphorus, scandium, selenium, silicon, tellurium,
    tin, titanium metal, tungsten, vanadium, zinc: 25. Others lead beryllium, boron, hafnium, helium,
    palladium, platinum, rhenium, and niobium and rhodium, of which no line is China's: 9.
    """
    rows = release.execute(
        "select measure, computed_low, claimed_low, explanation from marts.mart_claim_check "
        "where claim_id = 'CHN_19_OF_20' and source_id = 'eu_crm' and as_of_kind = 'today' order by measure"
    ).fetchall()
    assert [row[0] for row in rows] == ["average_production_share", "leader_count"]
    assert rows[1][1] == pytest.approx(25 / 34, abs=1e-12)
    assert (rows[0][2], rows[1][2]) == (0.7, None)
    for row in rows:
        assert row[3].startswith(
            "largest producer of 25 of the 34 minerals that this edition covers at the stage, "
            "46.6% on average of the 32 for which it is named;"
        )


def test_every_claim_is_judged_at_both_dates(release: duckdb.DuckDBPyConnection) -> None:
    found = release.execute(
        "select distinct claim_id, as_of_kind from marts.mart_claim_check"
    ).fetchall()
    claims = _claims()
    assert claims
    assert set(found) == {(claim, kind) for claim in claims for kind in ("claim_date", "today")}
    spoken = release.execute(
        "select distinct claim_id, as_of from marts.mart_claim_check where as_of_kind = 'claim_date'"
    ).fetchall()
    assert dict(spoken) == claims


def test_no_figure_is_younger_than_its_as_of(release: duckdb.DuckDBPyConnection) -> None:
    count, young = release.execute(
        "select count(*), count(*) filter (where edition.released_on > check_row.as_of) "
        "from marts.mart_claim_check as check_row "
        "inner join marts.dim_edition as edition using (source_id, edition)"
    ).fetchall()[0]
    assert count > 400
    assert young == 0
    # And nothing that has a figure lacks its edition.
    assert release.execute(
        "select count(*) from marts.mart_claim_check where computed_low is not null and edition is null"
    ).fetchall() == [(0,)]


def test_a_verdict_is_one_of_four_and_never_without_words(
    release: duckdb.DuckDBPyConnection,
) -> None:
    found = release.execute(
        "select distinct verdict, computed_low is not null, length(explanation) > 20 "
        "from marts.mart_claim_check where verdict <> 'cannot_be_tested' "
        "and measure not in ('export_control', 'agreement', 'end_use', 'us_imports_continue')"
    ).fetchall()
    assert set(found) == {
        ("agrees", True, True),
        ("differs", True, True),
        ("not_the_claim", True, True),
    }
    # Of US customs the dollars of both periods stand in words: they are no share.
    of_customs = release.execute(
        "select distinct verdict, computed_low is null, "
        "regexp_matches(explanation, 'US\\$[0-9.]+ million after|headings') "
        "from marts.mart_claim_check where measure = 'us_imports_continue'"
    ).fetchall()
    assert set(of_customs) == {
        ("agrees", True, True),
        ("differs", True, True),
        ("cannot_be_tested", True, True),
    }
    # Events and uses have no figure, and are never refuted by a list that lacks them.
    listed = release.execute(
        "select distinct verdict, computed_low is null, length(explanation) > 5 "
        "from marts.mart_claim_check where measure in ('export_control', 'agreement', 'end_use')"
    ).fetchall()
    assert set(listed) == {("agrees", True, True), ("cannot_be_tested", True, True)}
