"""Every mineral of the US list of 2025 and the EU's of 2023 has its rows of coverage, and figures as printed."""

import duckdb
import pytest

# Labels of table T6 of MCS 2026, and of the Commission's list: 34 with copper and nickel.
LABELS = {"US2025": 60, "EU2023": 34}
# MCS2026_Commodities_Data.csv, mines in 2024, as printed: country, output and world, unit in tonnes, rows.
MINED = {
    "silver": ("MEX", 5_780, 25_300, 1),  # 6890, 6896
    "lead": ("CHN", 1_940, 4_600, 1_000),  # 4073, 4083
    "potash": ("CAN", 14_400, 46_700, 1_000),  # 5773, 5783
    "strontium": ("IRN", 200_000, 400_000, 1),  # 7214, 7217
    "feldspar": ("IND", 6_000, 31_100, 1_000),  # 2343, 2354
}


@pytest.mark.slow
@pytest.mark.parametrize("list_id", LABELS)
def test_every_label_is_a_mineral(release: duckdb.DuckDBPyConnection, list_id: str) -> None:
    rows = release.execute(
        "select count(*), count(mineral_id) from marts.bridge_critical_list_member where list_id = ?",
        [list_id],
    ).fetchall()
    assert rows == [(LABELS[list_id], LABELS[list_id])]


@pytest.mark.slow
@pytest.mark.parametrize("list_id", LABELS)
def test_every_stage_has_a_figure_or_a_reason_with_an_address(
    release: duckdb.DuckDBPyConnection, list_id: str
) -> None:
    silent = release.execute(
        """
        select listed.mineral_id, stages.stage
        from (
            select distinct mineral_id from marts.bridge_critical_list_member where list_id = ?
        ) as listed
        cross join marts.dim_stage as stages
        left join marts.mart_coverage as cell
            on listed.mineral_id = cell.mineral_id and stages.stage = cell.stage
        group by listed.mineral_id, stages.stage
        having
            count(cell.statistic) < 8
            or count(*) filter (where cell.has_figure = (cell.null_reason is not null)) > 0
            or count(*) filter (where cell.page_url not like 'https://%') > 0
            or count(*) filter (where trim(cell.page_publisher) = '') > 0
        """,
        [list_id],
    ).fetchall()
    assert not silent


@pytest.mark.slow
@pytest.mark.parametrize("mineral", MINED)
def test_a_share_of_the_mines_is_that_of_the_printed_cells(
    release: duckdb.DuckDBPyConnection, mineral: str
) -> None:
    country, output, world, tonnes = MINED[mineral]
    [row] = release.execute(
        "select quantity_tonnes, world_total_tonnes, production_share from marts.mart_production_share "
        "where mineral_id = ? and stage = 'mine' and source_id = 'usgs_mcs' and edition = 'MCS2026' "
        "and reference_year = 2024 and country_iso3 = ?",
        [mineral, country],
    ).fetchall()
    assert row == (output * tonnes, world * tonnes, pytest.approx(output / world, abs=1e-12))


@pytest.mark.slow
def test_what_nobody_of_ours_prints_names_who_would(release: duckdb.DuckDBPyConnection) -> None:
    rows = release.execute(
        "select mineral_id, null_reason, page_publisher from marts.mart_coverage "
        "where statistic = 'production' and stage = 'mine' "
        "and mineral_id in ('uranium', 'caesium') order by 1"
    ).fetchall()
    assert rows == [
        (
            "caesium",
            "no_source_of_ours_publishes_it",
            "U.S. Geological Survey, National Minerals Information Center",
        ),
        ("uranium", "no_source_of_ours_publishes_it", "World Nuclear Association"),
    ]
    [(rates, filled)] = release.execute(
        "select count(*), count(*) filter (where has_figure) from marts.mart_coverage "
        "where statistic = 'eu_recycling_input_rate' and page_url like 'https://ec.europa.eu/eurostat/%'"
    ).fetchall()
    assert rates > 50
    assert filled == 0


@pytest.mark.slow
def test_a_lone_series_stands_for_its_stage(release: duckdb.DuckDBPyConnection) -> None:
    """A new mineral without a row in `headline_series` would be left out of claims, hosts and scores.

    The outlook of USGS repeats minerals of its summaries and stands for none; several series of one stage
    (elements of the rare earths) have no whole to stand for.
    """
    left_out = release.execute(
        """
        select shares.source_id, shares.mineral_id, shares.stage
        from marts.mart_production_share as shares
        left join marts.mart_assumption as chosen
            on
                chosen.assumption_kind = 'headline_series'
                and chosen.assumption_id = shares.source_id || ':' || shares.mineral_id || ':' || shares.stage
        where
            shares.is_current_edition and shares.production_share is not null
            and shares.source_id <> 'usgs_outlook'
        group by all
        having count(distinct (shares.form, shares.basis)) = 1 and count(chosen.assumption_id) = 0
        """
    ).fetchall()
    assert not left_out


@pytest.mark.slow
def test_reserves_are_known_where_the_total_is_a_bound(release: duckdb.DuckDBPyConnection) -> None:
    """MCS 2026: Indonesia 62,000,000 t of nickel, the world more than 140,000,000; rare earths: China 44,000,000.

    Neither has a share of the world. Antimony's total is a bound in every edition held, too.
    """
    rows = release.execute(
        "select mineral_id, has_figure, last_year, null_reason from marts.mart_coverage "
        "where statistic = 'reserve' and mineral_id in ('antimony', 'nickel', 'rare_earths') order by 1"
    ).fetchall()
    assert rows == [
        (mineral, True, 2025, None) for mineral in ("antimony", "nickel", "rare_earths")
    ]
    [(tonnes, share)] = release.execute(
        "select reserve_tonnes, reserve_share from marts.mart_reserve_share "
        "where mineral_id = 'nickel' and edition = 'MCS2026' and country_iso3 = 'IDN'"
    ).fetchall()
    assert (tonnes, share) == (62_000_000, None)


def test_what_one_importer_lacks_is_no_reason_for_all(release: duckdb.DuckDBPyConnection) -> None:
    """Where somebody is seen to buy the goods, `mart_coverage` says of no view that nobody does."""
    wrong = release.execute(
        """
        select coverage.mineral_id, coverage.stage, coverage.statistic
        from marts.mart_coverage as coverage
        semi join marts.mart_dependency_view as seen
            on coverage.mineral_id = seen.mineral_id and coverage.stage = seen.stage
            and seen.declared_origin_share > 0
        where coverage.statistic like 'dependency_view_%' and coverage.null_reason = 'no_imports_recorded'
        """
    ).fetchall()
    assert wrong == []
