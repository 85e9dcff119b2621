"""The headline of each importer and mineral, against figures worked out apart from it.

F1, F6, F6b and F7 are tables of ../shared/FIGURES.md, computed with other code from the publishers' files. The rest
compares the headline with the marts that it is taken from, by plain queries.
"""

import duckdb
import pytest

from dagster_project.publishing.first_views import FIRST

pytestmark = pytest.mark.slow

# Importer, mineral, stage: leading origin, China's share by value and tonnes of its largest origin, in percent.
F6 = {
    ("EU27", "bismuth", "refined"): ("CHN", 78, 88),
    ("JPN", "bismuth", "refined"): ("CHN", 71, 73),
    ("KOR", "bismuth", "refined"): ("CHN", 78, 77),
    ("AUS", "bismuth", "refined"): ("CHN", 92, 98),
    ("IND", "bismuth", "refined"): ("CHN", 85, 91),
    ("GBR", "bismuth", "refined"): ("CHN", 62, 59),
}
# China's share of world output in 2025, in percent, and who leads (F1, MCS 2026).
F1 = {
    ("bismuth", "refined"): ("CHN", 87.5, 87.5),
    ("gallium", "refined"): ("CHN", 100.0, 100.0),
    ("tellurium", "refined"): ("CHN", 80.0, 80.0),
    ("graphite_natural", "mine"): ("CHN", 77.8, 77.8),
    ("tungsten", "mine"): ("CHN", 78.8, 78.8),
    ("fluorspar", "mine"): ("CHN", 60.0, 60.0),
}
# Import sources of the United States 2021 to 2024, as MCS 2026 prints them: leader and its share in percent.
US_LISTS = {
    ("gallium", "refined"): ("CAN", 28),
    ("tellurium", "refined"): ("CAN", 64),
}


@pytest.mark.parametrize("case", F6)
def test_shares_are_those_worked_out_from_cepiis_files(
    release: duckdb.DuckDBPyConnection, case: tuple[str, str, str]
) -> None:
    leader, china, tonnes = F6[case]
    [row] = release.execute(
        "select leading_origin_id, china_share, leading_quantity_share, evidence_kind, reference_year, "
        "share_source_id from headline where importer_id = ? and mineral_id = ? and stage = ?",
        list(case),
    ).fetchall()
    assert row == (
        leader,
        pytest.approx(china / 100, abs=0.005),
        pytest.approx(tonnes / 100, abs=0.005),
        "current_series",
        2024,
        "cepii_baci",
    )


def test_japans_rare_earths_are_those_of_both_lines(release: duckdb.DuckDBPyConnection) -> None:
    # F7: 2024 all value 37.8%, 2019 40.9%, and 254,278 + 261,228 thousand dollars.
    [row] = release.execute(
        "select china_share, china_share_change, trend_from_year, import_value_usd from headline "
        "where importer_id = 'JPN' and mineral_id = 'rare_earths' and stage = 'refined'"
    ).fetchall()
    assert row == (
        pytest.approx(0.378, abs=0.0005),
        pytest.approx(0.378 - 0.409, abs=0.001),
        2019,
        pytest.approx(515_506_000, abs=1_000),
    )


@pytest.mark.parametrize("case", F1)
def test_leaders_of_the_world_are_those_of_the_printed_tables(
    release: duckdb.DuckDBPyConnection, case: tuple[str, str]
) -> None:
    leader, share, china = F1[case]
    rows = release.execute(
        "select distinct production_leader_iso3, production_leader_share, china_production_share, "
        "production_year from headline where mineral_id = ? and stage = ?",
        list(case),
    ).fetchall()
    assert rows == [
        (
            leader,
            pytest.approx(share / 100, abs=0.0006),
            pytest.approx(china / 100, abs=0.0006),
            2025,
        )
    ]


@pytest.mark.parametrize("case", US_LISTS)
def test_where_trade_fails_the_publishers_list_answers(
    release: duckdb.DuckDBPyConnection, case: tuple[str, str]
) -> None:
    leader, share = US_LISTS[case]
    [row] = release.execute(
        "select leading_origin_id, leading_share, evidence_kind, period_from_year, period_to_year "
        "from headline where importer_id = 'USA' and mineral_id = ? and stage = ?",
        list(case),
    ).fetchall()
    assert row == (leader, pytest.approx(share / 100), "us_import_sources", 2021, 2024)


def test_every_importer_and_every_answer_of_the_newest_year_has_its_headline(
    release: duckdb.DuckDBPyConnection,
) -> None:
    unnamed = "select count(*) from headline where leading_origin_id is not null and leading_origin_name is null"
    assert release.execute(unnamed).fetchall() == [(0,)], "several countries together lead nothing"
    missing = release.execute(
        "select distinct importer_id, mineral_id, stage from marts.mart_import_dependency "
        "where reference_year = 2024 and series_level = 'mineral_stage' and is_current_series "
        "except select importer_id, mineral_id, stage from headline"
    ).fetchall()
    assert missing == []
    others = release.execute(
        "select importer_id, mineral_id, stage, leader_origin_id, leader_value_share, "
        "supplier_hhi from marts.mart_import_dependency "
        "where reference_year = 2024 and series_level = 'mineral_stage' and is_current_series "
        "and origin_rank = 1 and origin_id = leader_origin_id "
        "except select importer_id, mineral_id, stage, leading_origin_id, leading_share, supplier_hhi "
        "from headline"
    ).fetchall()
    assert others == []


def test_caveats_are_known_and_a_quarter_at_most_are_grave(
    release: duckdb.DuckDBPyConnection,
) -> None:
    [(unknown, grave)] = release.execute(
        "select count(*) filter (where quality_flags is not null and main_caveat is null), "
        "count(*) filter (where is_caveat_grave) / count(*) "
        "from headline where leading_share is not null"
    ).fetchall()
    assert unknown == 0
    assert 0 < grave <= 0.25
    flags = {
        flag
        for (flag,) in release.execute(
            "select distinct unnest(string_split(quality_flags, ',')) from headline "
            "where leading_share is not null"
        ).fetchall()
        if flag
    }
    listed = {
        name
        for (name,) in release.execute(
            "select assumption_id from marts.mart_assumption where assumption_kind = 'headline_caveat'"
        ).fetchall()
    }
    assert flags <= listed


def test_what_is_sold_net_has_no_band(release: duckdb.DuckDBPyConnection) -> None:
    """MCS 2026 prints E for these, of all goods or of those of the stage; of boron lines are missing, too."""
    rows = release.execute(
        "select mineral_id, stage, band_id, band_null_reason from headline "
        "where is_net_exporter and leading_share is not null order by all"
    ).fetchall()
    assert rows == [
        ("beryllium", "refined", None, "net_exporter"),
        ("boron", "mine", None, "lines_missing"),
        ("helium", "refined", None, "net_exporter"),
        ("molybdenum", "mine", None, "net_exporter"),
        ("molybdenum", "refined", None, "net_exporter"),
        ("titanium", "intermediate", None, "net_exporter"),
        ("zinc", "mine", None, "net_exporter"),
    ]


# Who sells what it makes: from Chile's copper ore, of which CEPII has US$30.3 billion out and 87 million in, to
# American lead ore (885 and 91 million; USGS: 280,000 t mined in 2025). Hubs make none that is known, or sell less than
# twice what they buy: then the band stands.
NET_SELLERS = {
    ("CHL", "copper", "mine"), ("PER", "zinc", "mine"), ("USA", "lead", "mine"), ("ZAF", "chromium", "mine"),
    ("ZAF", "platinum", "refined"), ("BRA", "niobium", "refined"), ("CHN", "graphite_natural", "mine"),
    ("CHN_HKG", "graphite_natural", "mine"), ("ARG", "lithium", "refined"), ("EU27", "tungsten", "mine"),
}  # fmt: skip
NO_NET_SELLERS = {
    ("BEL", "platinum", "refined"), ("ARE", "platinum", "refined"), ("SGP", "platinum", "refined"),
    ("DEU", "rhodium", "refined"), ("NLD", "baryte", "mine"), ("DEU", "selenium", "refined"),
    ("MEX", "graphite_natural", "mine"), ("CHN", "rare_earths", "refined"), ("CAN", "titanium", "mine"),
}  # fmt: skip


def test_who_sells_its_own_has_no_band_and_who_passes_on_has(
    release: duckdb.DuckDBPyConnection,
) -> None:
    for sellers, band in (
        (NET_SELLERS, "band_id is null"),
        (NO_NET_SELLERS, "band_id is not null"),
    ):
        found = release.execute(
            "select importer_id, mineral_id, stage from headline where leading_share is not null "
            f"and coalesce(is_net_seller, false) = (band_null_reason is not null) and {band}"
        ).fetchall()
        assert sellers <= set(found)


def test_net_sellers_make_the_goods_and_sell_twice_what_they_buy(
    release: duckdb.DuckDBPyConnection,
) -> None:
    """By the flows themselves and the producers that the same source names; USGS's word comes first."""
    wrong = release.execute(
        """
        with flows as (
            select * from marts.fct_trade
            where is_current_series and not is_suspected_double_count and reference_year >= 2020
        ),
        bought as (
            select importer_id as country, mineral_id, stage, reference_year, series_id, sum(value_usd) as usd
            from flows group by all
        ),
        sold as (
            select exporter_id as country, mineral_id, stage, reference_year, series_id, sum(value_usd) as usd
            from flows group by all
        )
        select h.importer_id, h.mineral_id, h.stage, h.is_net_seller
        from headline as h
        inner join bought
            on h.importer_id = bought.country and h.mineral_id = bought.mineral_id and h.stage = bought.stage
            and h.reference_year = bought.reference_year and h.series_id = bought.series_id
        left join sold
            on h.importer_id = sold.country and h.mineral_id = sold.mineral_id and h.stage = sold.stage
            and h.reference_year = sold.reference_year and h.series_id = sold.series_id
        left join marts.mart_production_share as made
            on h.importer_id = made.country_iso3 and h.mineral_id = made.mineral_id and h.stage = made.stage
            and h.production_year = made.reference_year and h.production_source_id = made.source_id
            and h.production_edition = made.edition and made.production_share > 0
        where h.importer_kind = 'country' and h.leading_share is not null and h.is_net_exporter is null
            and h.evidence_kind = 'current_series' and h.export_value_usd is not null
        group by all
        having coalesce(h.is_net_seller, false)
            <> (coalesce(max(sold.usd), 0) >= 2 * max(bought.usd) and count(made.country_iso3) > 0
                and max(h.own_production_share) > 0)
        """
    ).fetchall()
    assert wrong == []
    [(sellers, unsaid)] = release.execute(
        "select count(*), count(*) filter (is_net_seller is distinct from is_net_exporter) from headline "
        "where is_net_seller and leading_share is not null"
    ).fetchall()
    assert sellers > 150
    assert unsaid > 140
    # USGS's reliance is of all goods of the mineral; of its ore CEPII has US$126 million out and 0.5 in, 114 and 0.1.
    assert release.execute(
        "select mineral_id, stage, net_import_reliance_goods, band_null_reason from headline "
        "where is_net_exporter is not null and is_net_seller <> is_net_exporter order by all"
    ).fetchall() == [
        ("nickel", "mine", "total", "net_exporter"),
        ("silver", "mine", "total", "net_exporter"),
    ]


def test_nobody_leads_where_more_is_unknown(release: duckdb.DuckDBPyConnection) -> None:
    """In 2024 the sellers of India's zinc ore neither mine any by name nor are seen to buy it from who does."""
    for maker, view in (("refiner", "refiner"), ("miner", "mine")):
        [(named, hidden, smaller)] = release.execute(
            f"select count(leading_{maker}_id), count(*) filter (leading_{maker}_id is null), "
            f"count(*) filter (leading_{maker}_share < {view}_unresolved_share) "
            f"from headline where {view}_unresolved_share is not null"
        ).fetchall()
        assert named > 100
        assert hidden > 40
        assert smaller == 0
    [(miner, unresolved)] = release.execute(
        "select leading_miner_id, mine_unresolved_share from headline "
        "where importer_id = 'IND' and mineral_id = 'zinc' and stage = 'mine'"
    ).fetchall()
    assert miner is None
    assert unresolved > 0.999


def test_the_union_of_the_day_is_seen_through_as_the_27(release: duckdb.DuckDBPyConnection) -> None:
    columns = (
        "leading_refiner_share, china_refiner_share, leading_miner_share, mine_unresolved_share"
    )
    answers = [
        release.execute(
            f"select mineral_id, stage, {columns} from headline where importer_id = ? "
            "and mine_unresolved_share is not null order by all",
            [importer],
        ).fetchall()
        for importer in ("EU27", "EU")
    ]
    assert answers[0] == answers[1]
    assert len(answers[0]) > 15


def test_ranks_follow_the_printed_components(release: duckdb.DuckDBPyConnection) -> None:
    out_of_order = release.execute(
        """
        with placed as (
            select v.importer_id, v.mineral_id, v.stage, v.mineral_rank, v.leading_share,
                case
                    when h.leading_share > 0.65 or h.supplier_hhi > 0.5 then 1
                    when h.leading_share > 0.4 then 2
                    else 3
                end + case when h.is_net_seller then 3 else 0 end as place
            from vulnerability as v
            inner join headline as h using (importer_id, mineral_id, stage)
            where v.mineral_rank is not null and not coalesce(v.is_de_minimis, false)
        ),
        ordered as (
            select *, lag(place) over ranked as place_before, lag(leading_share) over ranked as share_before
            from placed
            window ranked as (partition by importer_id order by mineral_rank)
        )
        select importer_id, mineral_id, stage from ordered
        where place_before > place
            or place_before = place and round(share_before, 3) < round(leading_share, 3)
        """
    ).fetchall()
    assert out_of_order == []
    [(ends, spans)] = release.execute(
        "select bool_and((mineral_rank is null) = (leading_share is null "
        "or denominator = 'supply_with_own_output' or coalesce(lines_held_share = 0, false))), "
        "bool_and(mineral_rank between mineral_rank_low and mineral_rank_high) "
        "from vulnerability join (select importer_id, mineral_id, stage, lines_held_share from headline) "
        "using (importer_id, mineral_id, stage)"
    ).fetchall()
    assert ends
    assert spans


def test_no_importers_own_output_ranks_as_its_exposure(release: duckdb.DuckDBPyConnection) -> None:
    # The EU study's supply of strontium is 99% Spanish, of silver 58% Polish: mines inside the EU.
    inside = release.execute(
        "select count(*) from vulnerability join marts.bridge_bloc_member as members "
        "on importer_id = members.bloc_id and leading_origin_id = members.country_iso3 "
        "and members.valid_to is null "
        "where mineral_rank is not null or band_id is not null"
    ).fetchall()
    assert inside == [(0,)]


def test_a_leader_inside_the_importer_is_said_to_be(release: duckdb.DuckDBPyConnection) -> None:
    """Else a count of shares above 65% takes Spain for a third country on which the EU depends."""
    caveats = release.execute(
        "select distinct main_caveat from headline join marts.bridge_bloc_member as members "
        "on importer_id = members.bloc_id and leading_origin_id = members.country_iso3 "
        "and members.valid_to is null"
    ).fetchall()
    assert caveats == [("supply_with_own_output",)]


def test_china_is_no_zero_where_it_is_not_asked(release: duckdb.DuckDBPyConnection) -> None:
    zeros = release.execute(
        "select count(*) from headline where china_share = 0 and (importer_id in ('CHN', 'CHN_HKG') "
        "or quality_flags like '%truncated_release%' or quality_flags like '%partial_partners%')"
    ).fetchall()
    assert zeros == [(0,)]


# World Minerals Outlook 2025, all countries and the rest: cobalt 379,000 t of capacity less 290,000 made,
# less what Brazil and Zambia may have made in "rest" at most (docs/methods/spare_capacity.md).
def test_spare_capacity_is_that_of_the_publisher_asked_first(
    release: duckdb.DuckDBPyConnection,
) -> None:
    [(low, high)] = release.execute(
        "select distinct spare_capacity_tonnes_low, spare_capacity_tonnes_high from headline "
        "where mineral_id = 'cobalt' and stage = 'mine' and leading_origin_id is null"
    ).fetchall()
    assert low <= 379_000 - 290_000 <= high


def test_show_tables_greets_and_each_example_answers(release: duckdb.DuckDBPyConnection) -> None:
    views = "select view_name from duckdb_views() where schema_name = 'main' and not internal and not temporary"
    shown = {name for (name,) in release.execute(views).fetchall()}
    # Other tests leave tables of their own beside them.
    assert shown <= {name for (name,) in release.execute("show tables").fetchall()}
    lines = FIRST.read_text(encoding="utf-8").count("\n")
    assert len(shown) == lines == 11
    steps = release.execute("select name, example from start_here order by step").fetchall()
    assert {name for name, _ in steps} | {"start_here"} == shown
    for name, example in steps:
        assert release.execute(example).fetchall(), name


def test_compare_keeps_the_order_asked_and_vulnerability_begins_with_the_worst(
    release: duckdb.DuckDBPyConnection,
) -> None:
    compared = release.execute(
        "select importer_id from marts.compare(['Korea, South', 'Germany', 'jp'], 'Cobalt', 'refining')"
    ).fetchall()
    assert compared == [("KOR",), ("DEU",), ("JPN",)]
    ranks = [
        rank
        for (rank,) in release.execute(
            "select mineral_rank from marts.vulnerability('United States')"
        ).fetchall()
    ]
    known = [rank for rank in ranks if rank is not None]
    assert known == sorted(known)
    assert known[0] == 1
    assert ranks[len(known) :] == [None] * (len(ranks) - len(known))
