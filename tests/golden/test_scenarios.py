"""Worked examples of `docs/methods/disruption.md` and `coalition.md`, from CEPII's file and printed figures."""

import duckdb
import pytest

pytestmark = pytest.mark.slow

# Refined cobalt of 2024 as the IEA prints it in May 2025, tonnes; of the parties only these are named.
IEA_COBALT = {"EU27": 20_120.0, "JPN": 5_649.0, "CAN": 1_754.0}
OVERLAPPING = ("DEU", "FRA", "ITA", "MEETING_2026_01_12")


@pytest.mark.shared
def test_nine_weeks_of_licences_cost_japan_what_its_imports_say(
    release: duckdb.DuckDBPyConnection, baci: duckdb.DuckDBPyConnection
) -> None:
    rows = baci.execute(
        "select exporter_iso3 = 'CHN', sum(kg) / 1000 from flow where revision = 'HS92' "
        "and importer_iso3 = 'JPN' and hs6 in ('250410', '250490') and reference_year = 2023 "
        "group by 1"
    ).fetchall()
    tonnes = dict(rows)
    [(supply, loss, short)] = release.execute(
        "select supply_tonnes, loss_tonnes, shortfall_tonnes from marts.mart_disruption "
        "where scenario_id = 'graphite_licences' and case_id = 'no_spare' "
        "and origin_view = 'declared_origin' and importer_id = 'JPN'"
    ).fetchall()
    assert supply == pytest.approx(sum(tonnes.values()) * 63 / 365, abs=1e-5)
    assert loss == short == pytest.approx(tonnes[True] * 63 / 365, abs=1e-5)


def test_what_a_party_adds_is_the_cover_with_it_less_that_without(
    release: duckdb.DuckDBPyConnection,
) -> None:
    rows = release.execute(
        "select party_id, production_tonnes, consumption_tonnes_low, coalition_cover, "
        "marginal_cover_low, marginal_cover, production_status, coalition_cover_high, "
        "coalition_cover_low "
        "from marts.mart_coalition where mineral_id = 'cobalt' and stage = 'refined'"
    ).fetchall()
    made = {party: tonnes or 0 for party, tonnes, *_ in rows if party not in OVERLAPPING}
    used = {party: tonnes for party, _, tonnes, *_ in rows if party not in OVERLAPPING}
    # Printed here in whole tonnes.
    named = {party: tonnes for party, tonnes in made.items() if tonnes}
    assert named == pytest.approx(IEA_COBALT, abs=0.5)
    cover = sum(made.values()) / sum(used.values())
    assert cover == pytest.approx(0.825, abs=5e-4)
    # Canada is named and ships more than it makes and buys: others used its stocks, or it made them. Australia, which
    # ships more too, is not named, and may have made it of the rest.
    beyond = -used["CAN"]
    assert beyond == pytest.approx(3_017, abs=0.5)
    cover_of_stocks = sum(made.values()) / (sum(used.values()) + beyond)
    for party, tonnes, _, together, least, adds, status, most, at_least in rows:
        assert together == pytest.approx(cover)
        assert at_least == pytest.approx(cover_of_stocks)
        # The IEA prints 250,150 t in the world, 226,539 of them by name.
        rest = 250_149.7 - 226_539.5
        most_by_hand = (sum(made.values()) + rest + beyond) / (sum(used.values()) + rest + beyond)
        assert most == pytest.approx(most_by_hand, abs=1e-5)
        assert (tonnes is None) == (status == "not_named")
        if party in OVERLAPPING:
            assert least is None
        else:
            others_made = sum(made.values()) - made[party]
            others_used = sum(used.values()) - used[party]
            stocks = beyond if party != "CAN" else 0
            # As it stands, from stocks that others used, and made: with nothing of the rest.
            readings = [
                cover - others_made / others_used,
                cover_of_stocks - others_made / (others_used + stocks),
                (sum(made.values()) + beyond) / (sum(used.values()) + beyond)
                - (others_made + stocks) / (others_used + stocks),
            ]
            if status == "named":
                assert least == pytest.approx(min(readings))
            # Of what all but the EU use, Canada's 3,017 t are a fifth: their cover is not told.
            is_told = status != "not_named" and party != "EU27"
            assert adds == (pytest.approx(readings[0]) if is_told else None)


def test_no_output_is_zero_that_no_publisher_printed(release: duckdb.DuckDBPyConnection) -> None:
    """A party's 0 has its printed zero of the year; whom the source leaves out has bounds and no figure."""
    rows = release.execute(
        "select party_id, mineral_id, stage, (select bool_or(value_status = 'zero') "
        "from marts.fct_production as made "
        "where made.is_current_edition and made.source_id = ours.production_source_id "
        "and made.mineral_id = ours.mineral_id and made.stage = ours.stage "
        "and made.reference_year = ours.reference_year and made.country_iso3 = ours.party_id) "
        "from marts.mart_coalition as ours where production_tonnes = 0"
    ).fetchall()
    assert {("DEU", "copper", "mine"), ("USA", "magnesium", "refined")} <= {row[:3] for row in rows}
    assert [row for row in rows if not row[3]] == []
    assert release.execute(
        "select count(*) filter (where production_tonnes_low is null or production_tonnes_high is null), "
        "count(*) > 60 from marts.mart_coalition where cover_null_reason = 'own_production_not_named'"
    ).fetchall() == [(0, True)]


def test_all_that_a_scenario_gives_away_is_received_once(
    release: duckdb.DuckDBPyConnection,
) -> None:
    """Over all countries; blocs are their members again. Who has no published tonnage has a part and no figure."""
    rows = release.execute(
        "select max(others_spare_used_tonnes) - sum(received_tonnes), max(others_spare_used_tonnes) "
        "from marts.mart_disruption where case_id = 'assumed_spare' and importer_kind = 'country' "
        "group by scenario_id, mineral_id, stage, origin_view"
    ).fetchall()
    assert max(used or 0 for _, used in rows) > 100_000
    assert all(-1e-5 < (difference or 0) <= 0.005 * (used or 0) + 1e-5 for difference, used in rows)


def test_views_of_a_full_stop_are_what_the_dependency_view_says(
    release: duckdb.DuckDBPyConnection,
) -> None:
    """Loss over supply is the supplier's share, for every country and bloc that both marts show.

    A loss is whole grams: Canada uses 0.2 t of antimony ore.
    """
    rows = release.execute(
        "select loss.loss_share, 1e-6 + 1e-6 / loss.supply_tonnes, "
        "case loss.origin_view when 'refiner_origin' then seen.refiner_origin_share "
        "else seen.mine_origin_share end "
        "from marts.mart_disruption as loss inner join marts.mart_dependency_view as seen "
        "on loss.importer_id = seen.importer_id and loss.mineral_id = seen.mineral_id "
        "and loss.stage = seen.stage and loss.reference_year = seen.reference_year "
        "and seen.series_level = 'mineral_stage' and seen.denominator = 'apparent_supply' "
        "and seen.origin_id = loss.supplier_id "
        "where loss.scenario_id = 'china_full_stop' and loss.case_id = 'no_spare' "
        "and loss.null_reason is null and loss.origin_view <> 'declared_origin'"
    ).fetchall()
    assert len(rows) > 100
    assert all(share == pytest.approx(seen, abs=gram) for share, gram, seen in rows)


def test_both_marts_say_what_a_party_uses(release: duckdb.DuckDBPyConnection) -> None:
    """Production plus imports less exports, of a country, of the EU's graph, of nine parties added up."""
    rows = release.execute(
        "select loss.consumption_tonnes, party.consumption_tonnes_low "
        "from marts.mart_disruption as loss inner join marts.mart_coalition as party "
        "on loss.importer_id = party.party_id and loss.mineral_id = party.mineral_id "
        "and loss.stage = party.stage and loss.reference_year = party.reference_year "
        "where loss.scenario_id = 'china_full_stop' and loss.case_id = 'no_spare' "
        "and loss.origin_view = 'declared_origin' and party.consumption_tonnes_low > 0"
    ).fetchall()
    assert len(rows) > 80
    assert all(used == pytest.approx(said, abs=1e-5) for used, said in rows)


def test_every_party_of_the_ministerial_has_a_figure_or_a_reason(
    release: duckdb.DuckDBPyConnection,
) -> None:
    """Twelve parties, the G7 and the ministerial: each has a figure or a reason in each answered view."""
    rows = release.execute(
        "select count(distinct importer_id) from marts.mart_disruption as loss "
        "where scenario_id = 'china_full_stop' and case_id = 'no_spare' and importer_id in ("
        "select party_id from marts.bridge_bloc_member where bloc_id = 'MEETING_2026_01_12' "
        "union values ('G7'), ('MEETING_2026_01_12')) "
        "group by mineral_id, stage, origin_view"
    ).fetchall()
    assert len(rows) > 40
    assert {parties for (parties,) in rows} == {14}


@pytest.mark.parametrize(
    "mineral", ["aluminium", "cobalt", "copper", "graphite_natural", "magnesium"]
)
def test_the_macro_says_what_the_mart_says(
    release: duckdb.DuckDBPyConnection, mineral: str
) -> None:
    """Loss, what others replace, and what that rests on: of every importer that both show, in each view.

    The macro's shares have nine digits, which of a hundred million tonnes of bauxite are not 10 kg.
    """
    rows = release.execute(
        "select ours.loss_tonnes, mart.loss_tonnes, ours.received_tonnes, mart.received_tonnes, "
        "ours.spare_basis, mart.spare_basis, 0.01 + 1e-9 * mart.supply_tonnes "
        f"from marts.disruption('CHN', '{mineral}', 1, 365, spare := 'assumed') as ours "
        "inner join marts.mart_disruption as mart using (importer_id, stage, origin_view) "
        "where mart.scenario_id = 'china_full_stop' and mart.case_id = 'assumed_spare' "
        "and mart.mineral_id = ? and mart.null_reason is null and mart.loss_tonnes > 0 "
        "and ours.loss_tonnes is not null",
        [mineral],
    ).fetchall()
    assert len(rows) > 80
    for loss, lost, received, given, basis, rests_on, near in rows:
        assert loss == pytest.approx(lost, abs=near)
        assert basis == rests_on
        assert (received is None) == (given is None)
        if received is not None:
            assert received == pytest.approx(given, abs=near)


def test_measured_spare_of_cobalt_mines_is_what_the_outlook_prints(
    release: duckdb.DuckDBPyConnection,
) -> None:
    """Half of capacity less production of the World Minerals Outlook, table of cobalt, 2024, tonnes."""
    printed = {
        "AUS": (9_000, 3_600), "CAN": (6_500, 4_500), "COD": (273_100, 220_000), "CUB": (4_600, 3_500),
        "IDN": (29_300, 28_000), "MDG": (5_500, 2_600), "NCL": (7_000, 1_500), "PHL": (5_800, 3_800),
        "RUS": (10_000, 8_700), "TUR": (3_900, 2_700),
    }  # fmt: skip
    rows = release.execute(
        "select country_iso3, spare_tonnes_low, spare_tonnes_high, spare_source_id, capacity_edition "
        "from marts.mart_scenario_spare where mineral_id = 'cobalt' and stage = 'refined' "
        "and reference_year = 2024 and origin_view = 'mine_origin' and spare_basis = 'measured'"
    ).fetchall()
    by_hand = {country: (able - made) / 2 for country, (able, made) in printed.items()}
    assert {row[0]: row[1] for row in rows} == pytest.approx(by_hand)
    assert {row[1:3] for row in rows} == {(half, half) for half in by_hand.values()}
    assert {row[3:] for row in rows} == {("usgs_outlook", "WMO2025")}
    # Without DR Congo's: 11,350 t, of which the quota's importers use what they lack and buy.
    assert sum(half for country, half in by_hand.items() if country != "COD") == 11_350
    assert release.execute(
        "select distinct others_spare_tonnes, spare_basis, spare_source_id, spare_edition from marts.mart_disruption "
        "where scenario_id = 'drc_cobalt_quota' and case_id = 'assumed_spare' "
        "and origin_view = 'mine_origin' and stage = 'refined' and null_reason is null"
    ).fetchall() == [(11_350, "measured", "usgs_outlook", "WMO2025")]


def test_nobody_gives_more_than_it_could_make_besides(release: duckdb.DuckDBPyConnection) -> None:
    """Of each question the spare used is no more than that of `mart_scenario_spare` for the time, without the supplier."""
    rows = release.execute(
        "select distinct question.others_spare_used_tonnes, question.others_spare_tonnes, "
        "sum(spare.spare_tonnes_low) * question.duration_days / 365 "
        "from (select distinct scenario_id, mineral_id, stage, reference_year, origin_view, supplier_id, "
        "duration_days, others_spare_used_tonnes, others_spare_tonnes from marts.mart_disruption "
        "where case_id = 'assumed_spare' and others_spare_tonnes is not null) as question "
        "inner join marts.mart_scenario_spare as spare using (mineral_id, stage, reference_year, origin_view) "
        "where spare.country_iso3 <> question.supplier_id "
        "group by question.scenario_id, question.mineral_id, question.stage, question.origin_view, "
        "question.others_spare_used_tonnes, question.others_spare_tonnes, question.duration_days"
    ).fetchall()
    assert len(rows) > 20
    for used, spare, by_producer in rows:
        assert used <= spare + 1e-6
        assert spare == pytest.approx(by_producer, abs=0.001)
