"""`disruption()` on a world of seven countries, worked by hand: losses, who helps whom, and why a figure is missing.

China sells 100 t to Japan, 200 to the United States and 100 to Brazil; Russia 50 to Japan. Australia (of the ministerial, as
are Japan and the United States) has 60 t of measured spare and sells 10 to Japan and 30 to Brazil; Kazakhstan has 40 t
assumed and sells 20 to the United States and 20 to Brazil. Peru buys 5 t of China, whose tonnes nobody publishes.
"""

from collections.abc import Iterator
from typing import Any

import duckdb
import pytest

from tests.pages import ROOT

MACRO = ROOT / "dbt" / "published_macros" / "disruption.sql"
BOUGHT = {
    ("JPN", "CHN"): 100, ("JPN", "RUS"): 50, ("JPN", "AUS"): 10, ("USA", "CHN"): 200,
    ("USA", "KAZ"): 20, ("BRA", "CHN"): 100, ("BRA", "AUS"): 30, ("BRA", "KAZ"): 20,
}  # fmt: skip
SPARES = [("AUS", "measured", 60), ("KAZ", "assumed", 40), ("CHN", "measured", 900), ("REST", "rest", 70)]  # fmt: skip


@pytest.fixture(scope="module")
def world() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        connection.execute("attach ':memory:' as critical_minerals")
        connection.execute("use critical_minerals")
        connection.execute("create schema marts; create schema _stored")
        connection.execute(
            "create macro marts.resolve_name(kind, asked_name) as asked_name; "
            "create macro marts.resolve_stages(mineral, supply_stage) as table select mineral as mineral_id; "
            "create table _stored.bought as select * from (values "
            + ", ".join(
                f"('{buyer}', 'country', '{seller}', {tonnes}, "
                f"{tonnes / sum(t for (b, _), t in BOUGHT.items() if b == buyer)})"
                for (buyer, seller), tonnes in BOUGHT.items()
            )
            # Japan and the United States as one: the mart weighs what they buy as ore, twice its metal.
            + ", ('G2', 'bloc', 'CHN', 600, 0.75), ('G2', 'bloc', 'RUS', 100, 0.125), ('G2', 'bloc', 'AUS', 20, 0.025)"
            ", ('PER', 'country', 'CHN', null, 1), ('JPN', 'country', 'BOTH', 150, 0.9375)"
            ") as flow (importer_id, importer_kind, origin_id, quantity_tonnes_gross, value_share)"
        )
        connection.execute(
            "create macro _stored.mart_import_dependency_of(asked_importer, asked_mineral, asked_year := null) as table "
            "select importer_id, importer_kind, 'refined' as stage, years.reference_year, origin_id, "
            "case origin_id when 'BOTH' then 'bloc' else 'country' end as origin_kind, "
            "'gross' as quantity_basis, quantity_tonnes_gross, "
            "cast(null as double) as quantity_tonnes_contained, value_share, "
            "case when quantity_tonnes_gross is not null then value_share end as quantity_share, "
            "case origin_id when 'RUS' then 'series_break' when 'CHN' then 'de_minimis' end as quality_flags, "
            "cast(null as varchar) as null_reason, "
            "case when quantity_tonnes_gross is null then 'tonnage_not_published' end as quantity_null_reason, "
            "'mineral_stage' as series_level, true as is_current_series "
            "from _stored.bought cross join (values (2023), (2024)) as years (reference_year) "
            "where asked_mineral = 'tin' union all by name "
            "select 'CHL' as importer_id, 'country' as importer_kind, 'refined' as stage, 2024 as reference_year, "
            "'year_not_held' as null_reason, 'mineral_stage' as series_level, true as is_current_series "
            "where asked_mineral = 'tin'"
        )
        connection.execute(
            "create table marts.mart_coverage as select * from (values "
            "('tin', 'refined', 'import_dependency_value', 2024, null), "
            "('lead', 'refined', 'import_dependency_value', null, 'only_mixed_lines')"
            ") as row (mineral_id, stage, statistic, last_year, null_reason)"
        )
        # By who made it, half of what Japan uses (200 t) is of China; nobody knows who mined it.
        connection.execute(
            "create table marts.mart_dependency_view as select 'JPN' as importer_id, 'country' as importer_kind, "
            "'tin' as mineral_id, 'refined' as stage, 'mineral_stage' as series_level, 2024 as reference_year, "
            "'CHN' as origin_id, 'country' as origin_kind, 'gross' as measure, 'apparent_supply' as denominator, "
            "0.5 as refiner_origin_share, cast(null as double) as mine_origin_share, 200 as denominator_tonnes, "
            "cast(null as varchar) as quality_flags, cast(null as varchar) as refiner_null_reason, "
            "'feed_trade_not_held' as mine_null_reason"
        )
        connection.execute(
            "create table marts.mart_supply_link as select 'tin' as mineral_id, 'refined' as stage, "
            "2024 as reference_year, 'declared_origin' as origin_view, importer_id, importer_kind, origin_id, "
            "'contained' as quantity_basis, quantity_tonnes_gross as supply_tonnes from _stored.bought "
            "where quantity_tonnes_gross > 0 and origin_id <> 'BOTH' and importer_kind = 'country'"
        )
        connection.execute(
            # Korea has left the bloc of China and Russia; the middle of the year is Russia's last day in it.
            "create table marts.bridge_bloc_member as select *, cast(null as date) as valid_from, "
            "case country_iso3 when 'KOR' then date '2020-01-31' "
            "when 'RUS' then date '2024-07-01' end as valid_to from (values "
            "('BOTH', 'KOR'), ('MEETING_2026_01_12', 'JPN'), ('MEETING_2026_01_12', 'USA'), ('MEETING_2026_01_12', 'AUS'), "
            "('G2', 'JPN'), ('G2', 'USA'), ('BOTH', 'CHN'), ('BOTH', 'RUS')) as row (bloc_id, country_iso3)"
        )
        connection.execute(
            "create table marts.dim_party as select importer_id as party_id, "
            "case importer_id when 'JPN' then 'Japan' else importer_id end as party_name "
            "from (select distinct importer_id from _stored.bought)"
        )
        connection.execute(
            "create table marts.mart_scenario_spare as select 'tin' as mineral_id, 'refined' as stage, "
            "2024 as reference_year, 'declared_origin' as origin_view, producer as geography_id, "
            "nullif(producer, 'REST') as country_iso3, spare_basis, tonnes as spare_tonnes_low from (values "
            + ", ".join(map(str, SPARES))
            + ") as row (producer, spare_basis, tonnes)"
        )
        connection.execute(MACRO.read_text(encoding="utf-8"))
        yield connection


def asked(
    world: duckdb.DuckDBPyConnection, call: str, column: str, view: str = "declared_origin"
) -> dict[str, Any]:
    return dict(
        world.execute(
            f"select importer_id, {column} from marts.disruption({call}) where origin_view = '{view}'"
        ).fetchall()
    )


def figures(told: dict[str, Any]) -> dict[str, Any]:
    """Those that there are, to the gram."""
    return {importer: round(figure, 6) for importer, figure in told.items() if figure is not None}


def test_an_importer_has_its_name(world: duckdb.DuckDBPyConnection) -> None:
    assert asked(world, "'CHN', 'tin', 1, 365", "importer_name")["JPN"] == "Japan"


def test_a_full_stop_without_help(world: duckdb.DuckDBPyConnection) -> None:
    call = "'CHN', 'tin', 1, 365"
    lost = {"JPN": 100, "USA": 200, "BRA": 100, "G2": 300}
    assert figures(asked(world, call, "loss_tonnes")) == lost
    assert figures(asked(world, call, "shortfall_tonnes")) == lost
    assert figures(asked(world, call, "received_tonnes")) == dict.fromkeys(lost, 0)
    # 100 of Japan's 160 t, 200 of 220, 100 of 150; Peru by value; the pair as its own rows say.
    assert asked(world, call, "loss_share") == pytest.approx(
        {"JPN": 0.625, "USA": 10 / 11, "BRA": 2 / 3, "PER": 1, "G2": 0.75, "CHL": None}
    )
    assert asked(world, call, "share_measure")["PER"] == "value"
    assert set(asked(world, call, "spare_basis").values()) == {None}
    reasons = asked(world, call, "shortfall_null_reason")
    assert (reasons["CHL"], reasons["PER"]) == ("year_not_held", "tonnage_not_published")


def test_a_bloc_loses_what_its_members_lose(world: duckdb.DuckDBPyConnection) -> None:
    """In the unit of their spare, also where the mart weighs the bloc's purchases otherwise."""
    call = "'CHN', 'tin', 1, 365"
    assert asked(world, call, "quantity_basis") == {
        "JPN": "contained", "USA": "contained", "BRA": "contained", "G2": "contained", "PER": "gross", "CHL": None,
    }  # fmt: skip
    # Japan's 10 t of Australia stay inside the ministerial: 100 and 200 t of China are what it loses.
    world.execute("begin")
    try:
        world.execute(
            "insert into _stored.bought values ('MEETING_2026_01_12', 'bloc', 'CHN', 600, 0.8)"
        )
        call = "['CHN', 'AUS'], 'tin', 1, 365"
        assert asked(world, call, "loss_tonnes")["MEETING_2026_01_12"] == 300
    finally:
        world.execute("rollback")


def test_two_suppliers_cut_half_for_a_fifth_of_a_year(world: duckdb.DuckDBPyConnection) -> None:
    call = "['CHN', 'RUS'], 'tin', 0.5, 73"
    assert figures(asked(world, call, "loss_tonnes")) == {"JPN": 15, "USA": 20, "BRA": 10, "G2": 35}
    # 150 of 160 t, half of it.
    assert asked(world, call, "loss_share")["JPN"] == pytest.approx(0.46875)
    assert asked(world, call, "quality_flags")["JPN"] == "de_minimis,series_break"
    # Who stops is not hit; a supplier of nothing changes nothing.
    assert asked(world, "['CHN', 'PER'], 'tin', 0.5, 73", "loss_tonnes").keys() == {
        "JPN", "USA", "BRA", "G2", "CHL",
    }  # fmt: skip


def test_spare_is_shared_by_what_each_takes_today(world: duckdb.DuckDBPyConnection) -> None:
    """Australia's 60 as 10 to 30, Kazakhstan's 40 as 20 to 20; the pair has what its members have."""
    call = "'CHN', 'tin', 1, 365, spare := 'assumed'"
    got = {"JPN": 15, "USA": 20, "BRA": 65, "G2": 35}
    assert figures(asked(world, call, "received_tonnes")) == got
    assert figures(asked(world, call, "shortfall_tonnes")) == {
        "JPN": 85,
        "USA": 180,
        "BRA": 35,
        "G2": 265,
    }
    assert asked(world, call, "shortfall_share")["JPN"] == pytest.approx(0.625 * 0.85)
    assert set(asked(world, call, "spare_basis").values()) == {"mixed"}


def test_allies_are_served_first(world: duckdb.DuckDBPyConnection) -> None:
    """Japan lacks 100 and takes all of Australia's 60; Kazakhstan, no party, shares as before."""
    call = "'CHN', 'tin', 1, 365, spare := 'assumed', allocation := 'allies_first'"
    assert figures(asked(world, call, "received_tonnes")) == {
        "JPN": 60,
        "USA": 20,
        "BRA": 20,
        "G2": 80,
    }
    # A quarter stops: Japan takes 25, and Brazil 25 of the 35 that Australia has left.
    call = "'CHN', 'tin', 0.25, 365, spare := 'measured', allocation := 'allies_first'"
    assert figures(asked(world, call, "received_tonnes")) == {
        "JPN": 25,
        "BRA": 25,
        "USA": 0,
        "G2": 25,
    }


def test_measured_and_assumed_spare_have_different_winners(
    world: duckdb.DuckDBPyConnection,
) -> None:
    """Only what is measured: Kazakhstan's tenth helps nobody, and the United States get nothing."""
    call = "'CHN', 'tin', 1, 365, spare := 'measured'"
    assert figures(asked(world, call, "received_tonnes")) == {
        "JPN": 15,
        "USA": 0,
        "BRA": 45,
        "G2": 15,
    }
    assert set(asked(world, call, "spare_basis").values()) == {"measured"}


def test_nobody_takes_more_than_it_lacks(world: duckdb.DuckDBPyConnection) -> None:
    """A tenth stops: 10, 20 and 10 t are lost, 60 and 40 could come: all is replaced, no more."""
    call = "'CHN', 'tin', 0.1, 365, spare := 'assumed'"
    assert figures(asked(world, call, "received_tonnes")) == {
        "JPN": 10,
        "USA": 20,
        "BRA": 10,
        "G2": 30,
    }
    assert set(figures(asked(world, call, "shortfall_tonnes")).values()) == {0}
    # In 73 days a fifth of everything.
    call = "'CHN', 'tin', 1, 73, spare := 'assumed'"
    assert figures(asked(world, call, "received_tonnes")) == {
        "JPN": 3,
        "USA": 4,
        "BRA": 13,
        "G2": 7,
    }


def test_a_supplier_does_not_help(world: duckdb.DuckDBPyConnection) -> None:
    """Australia stops too: Kazakhstan's 40 are all there is, for 100 and 130 t that are lost."""
    call = "['CHN', 'AUS'], 'tin', 1, 365, spare := 'assumed'"
    assert figures(asked(world, call, "loss_tonnes")) == {
        "JPN": 110,
        "USA": 200,
        "BRA": 130,
        "G2": 310,
    }
    assert figures(asked(world, call, "received_tonnes")) == {
        "JPN": 0,
        "USA": 20,
        "BRA": 20,
        "G2": 20,
    }


def test_a_bloc_stops_with_its_members(world: duckdb.DuckDBPyConnection) -> None:
    """China and Russia as one: Japan's 150 t, once, also where China is named beside the two."""
    for call in ("'BOTH', 'tin', 1, 365", "['BOTH', 'CHN'], 'tin', 1, 365"):
        helped = call + ", spare := 'measured'"
        assert asked(world, call, "loss_tonnes")["JPN"] == pytest.approx(150)
        assert asked(world, helped, "received_tonnes")["JPN"] == pytest.approx(15)


def test_by_origin_nobody_knows_what_others_could_spare(world: duckdb.DuckDBPyConnection) -> None:
    call = "'CHN', 'tin', 0.5, 365, spare := 'assumed'"
    assert asked(world, call, "loss_tonnes", "refiner_origin") == {"JPN": 50}
    assert asked(world, call, "shortfall_tonnes", "refiner_origin") == {"JPN": None}
    assert asked(world, call, "shortfall_null_reason", "refiner_origin") == {"JPN": "spare_unknown"}
    assert asked(world, call, "null_reason", "mine_origin") == {"JPN": "feed_trade_not_held"}


def test_a_mineral_without_an_answer_has_one_row(world: duckdb.DuckDBPyConnection) -> None:
    assert world.execute(
        "select importer_id, null_reason, shortfall_null_reason from marts.disruption('CHN', 'lead', 1, 365)"
    ).fetchall() == [(None, "only_mixed_lines", "only_mixed_lines")]


@pytest.mark.parametrize(
    ("call", "words"),
    [
        ("'CHN', 'tin', 1, 365, spare := 'all'", "No spare is 'all'"),
        ("'CHN', 'tin', 1, 365, allocation := 'fair'", "No allocation is 'fair'"),
        ("'CHN', 'tin', 2, 365", "No depth is 2"),
        ("'CHN', 'tin', 1, 0", "No duration is 0"),
    ],
)
def test_what_is_not_understood_is_an_error(
    world: duckdb.DuckDBPyConnection, call: str, words: str
) -> None:
    with pytest.raises(duckdb.Error, match=words):
        world.execute(f"from marts.disruption({call})").fetchall()


@pytest.mark.parametrize("spare", ["none", "assumed"])
def test_a_bloc_stops_as_its_countries_of_the_year(
    world: duckdb.DuckDBPyConnection, spare: str
) -> None:
    """Trade has a row of the bloc for Japan alone; Korea, which has left it, still buys and sells."""
    columns = (
        "importer_id, stage, origin_view, loss_tonnes, loss_share, received_tonnes, null_reason"
    )
    rows = [
        world.execute(
            f"select {columns} from marts.disruption({supplier}, 'tin', 1, 365, spare := '{spare}') order by all"
        ).fetchall()
        for supplier in ("'BOTH'", "['CHN', 'RUS']")
    ]
    assert rows[0] == rows[1]
    losers = {row[0] for row in rows[0] if row[3]}
    assert {"JPN", "USA"} <= losers
