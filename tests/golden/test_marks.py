"""What a publisher estimated or withheld, and what is flagged, is said in each mart that counts with it.

Printed figures are those of USGS's tables, with the page's own marks; the rest compares marts with those that they are
taken from, by plain queries.
"""

import duckdb
import pytest

pytestmark = pytest.mark.slow

# MCS 2023, aluminum, smelter production and yearend capacity of 2021, thousand tonnes: capacity less production of all but
# China. Production of Iceland and Norway is marked as an estimate, and nothing else of that year.
SPARE = {
    "ARE": 2780 - 2540, "AUS": 1720 - 1570, "BHR": 0, "CAN": 3270 - 3140, "IND": 4060 - 3970, "ISL": 890 - 750,
    "NOR": 1430 - 1400, "RUS": 4020 - 3640, "USA": 1640 - 889, "other": 12300 - 9140,
}  # fmt: skip
# MCS 2026: of these "world total excludes US production", which is withheld.
WITHOUT_US = {("lithium", "mine"), ("tellurium", "refined"), ("antimony", "mine")}


def test_spare_of_others_says_what_of_it_is_estimated(release: duckdb.DuckDBPyConnection) -> None:
    [(basis, source, share, low)] = release.execute(
        "select spare_basis, spare_source_id, spare_estimated_share, others_spare_tonnes_low "
        "from marts.mart_n_minus_1 where mineral_id = 'aluminium' and stage = 'refined' "
        "and reference_year = 2021 and source_id = 'usgs_mcs' and is_current_edition"
    ).fetchall()
    assert (basis, source) == ("measured", "usgs_mcs")
    # Half of it arrives in time.
    assert low == pytest.approx(1000 * sum(SPARE.values()) / 2)
    assert share == pytest.approx((SPARE["ISL"] + SPARE["NOR"]) / sum(SPARE.values()))


def test_what_is_assumed_has_no_estimated_share(release: duckdb.DuckDBPyConnection) -> None:
    """A seeded tenth is our guess: `spare_basis` says so, and no publisher estimated it."""
    for mart in ("mart_n_minus_1", "mart_coalition", "mart_disruption"):
        assert release.execute(
            f"select count(*), count(spare_estimated_share) from marts.{mart} where spare_basis = 'assumed'"
        ).fetchall()[0][1:] == (0,), mart
        [(measured, said)] = release.execute(
            f"select count(*), count(spare_estimated_share) from marts.{mart} where spare_basis = 'measured'"
        ).fetchall()
        assert 0 < said <= measured, mart


def test_headline_says_whose_capacities_are_spare(release: duckdb.DuckDBPyConnection) -> None:
    """World Minerals Outlook 2025: capacities are of USGS, production of 2024 is estimated throughout."""
    assert release.execute(
        "select distinct spare_capacity_source_id, spare_capacity_estimated_share "
        "from headline where mineral_id = 'cobalt' and stage = 'mine' and leading_origin_id is null"
    ).fetchall() == [("usgs_outlook", 1)]
    assert release.execute(
        "select count(*) from headline where (spare_capacity_year is null) <> (spare_capacity_source_id is null)"
    ).fetchall() == [(0,)]


# The World Bank marks no price as an estimate; of the edition's last year USGS marks all.
def test_price_changes_say_which_end_is_estimated(release: duckdb.DuckDBPyConnection) -> None:
    marks = {
        mineral: (low, high)
        for mineral, low, high in release.execute(
            "select distinct mineral_id, is_price_change_low_estimated, is_price_change_high_estimated "
            "from headline where price_year is not null"
        ).fetchall()
    }
    assert marks["gallium"] == marks["antimony"] == (True, True)
    changes = release.execute(
        "select now.mineral_id, now.source_id, now.value_usd_per_tonne / before.value_usd_per_tonne - 1 as change "
        "from marts.fct_price as now inner join marts.fct_price as before "
        "using (mineral_id, source_id, price_label, price_basis, period_kind) "
        "where period_kind = 'year' and now.reference_year = 2025 and before.reference_year = 2024 "
        "and now.is_current_edition and before.is_current_edition and change is not null order by change"
    ).fetchall()
    for mineral, end in {"lead": 0, "phosphate": 0, "platinum": 1, "silver": 1, "tin": 1}.items():
        of_mineral = [row for row in changes if row[0] == mineral]
        assert of_mineral[-end][1] == "world_bank_pink_sheet"
        assert marks[mineral] == (end == 1, end == 0), mineral


def test_vulnerability_says_what_shares_of_output_rest_on(
    release: duckdb.DuckDBPyConnection,
) -> None:
    found = release.execute(
        "select distinct mineral_id, stage, production_source_id, production_estimated_share "
        "from vulnerability where production_quality_flags like '%excluded_producers%'"
    ).fetchall()
    assert {row[:2] for row in found} >= WITHOUT_US
    assert {row[2:] for row in found} == {("usgs_mcs", 1)}
    assert release.execute(
        "select count(*) from vulnerability as v inner join headline as h using (importer_id, mineral_id, stage) "
        "where v.production_quality_flags is distinct from h.production_quality_flags "
        "or v.production_estimated_share is distinct from h.production_estimated_share "
        "or v.quality_flags is distinct from h.quality_flags"
    ).fetchall() == [(0,)]


def _flags(text: str | None) -> set[str]:
    return set(text.split(",")) if text else set()


def test_mean_of_a_sector_has_the_flags_of_what_it_weighs(
    release: duckdb.DuckDBPyConnection,
) -> None:
    found = release.execute(
        "select sector, stage, importer_id, measure, mineral_id, quality_flags, weights, use_share, china_share "
        "from marts.mart_sector_exposure where is_headline_source and (importer_id = 'EU27' or measure = 'production')"
    ).fetchall()
    weighed: dict[tuple[str, ...], set[str]] = {}
    for *mean, mineral, flags, _, use_share, china_share in found:
        if mineral is not None and use_share and china_share is not None:
            weighed.setdefault(tuple(mean), set()).update(_flags(flags))
    flagged = 0
    for *mean, mineral, flags, _, _, _ in found:
        if mineral is None:
            expected = weighed.get(tuple(mean), set())
            flagged += bool(expected)
            assert _flags(flags) - {"primary_minerals_left_out"} == expected, mean
    assert flagged > 10


def test_shares_of_a_sector_have_the_outliers_of_whose_they_are(
    release: duckdb.DuckDBPyConnection,
) -> None:
    """Tonnes of China's or the leader's that do not fit their value are said beside the share of either."""
    assert release.execute(
        "select count(*), count(*) filter (where not ours.quality_flags like '%unit_value_outlier%' "
        "or ours.quality_flags is null) from marts.mart_sector_exposure as ours "
        "inner join marts.mart_import_dependency as theirs using (importer_id, mineral_id, stage, reference_year) "
        "where ours.measure = 'import_value' and theirs.series_level = 'mineral_stage' and theirs.is_current_series "
        "and theirs.origin_kind = 'country' and theirs.value_share is not null "
        "and theirs.quality_flags like '%unit_value_outlier%' "
        "and (theirs.origin_id = 'CHN' or theirs.origin_id = ours.leader_id)"
    ).fetchall()[0][1:] == (0,)


def test_who_buys_nothing_of_the_supplier_keeps_the_flags_of_the_stage(
    release: duckdb.DuckDBPyConnection,
) -> None:
    of_all = ("de_minimis", "grade_heterogeneous", "lines_missing", "mixed_line", "series_break")
    wrong = release.execute(
        "select party_id, ours.mineral_id, ours.stage, ours.quality_flags, string_agg(distinct theirs.quality_flags, ',') "
        "from marts.mart_coalition as ours inner join marts.mart_import_dependency as theirs "
        "on party_id = importer_id and ours.mineral_id = theirs.mineral_id and ours.stage = theirs.stage "
        "and ours.reference_year = theirs.reference_year "
        "where theirs.series_level = 'mineral_stage' and is_current_series and origin_kind = 'country' "
        "and theirs.value_share is not null and ours.quality_flags like '%none_recorded%' group by all"
    ).fetchall()
    assert len(wrong) > 100
    for *row, ours, theirs in wrong:
        assert _flags(theirs) & set(of_all) == _flags(ours) & set(of_all), row
