"""What is done to a table so that a check must stop the refresh: by kind of check, for every table it judges.

A check of a kind that is not here has no case, and `test_every_stopping_check_has_a_case` says so.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

import dagster as dg
import duckdb
import polars as pl

from dagster_project.settings import Settings
from sources.reference import tidy as reference
from sources.registry import all_sources, reader_of
from tests.defs._cases import Case, on_one_row, row_case, sql_case
from tests.defs._lake_mutations import LAKE_CHANGES, quantity_changes, status_changes
from tests.defs._named_sql import MINED, NAMED_SQL, NEWER_T4, T4_ANSWERS
from tests.defs._planted import EMPTY, PLANTED_SQL, REASONS_ALONE, planted
from tests.defs._workspace import UNIQUE_ID
from tests.failure._helpers import build_of, writing

SCHEMAS = {reference.SOURCE_ID: reference.LAKE} | {
    source.source_id: reader_of(source.source_id).lake for source in all_sources()
}


def spoil(settings: Settings, *cases: Case) -> None:
    """Do to this folder what the cases say: to open the warehouse costs more than to change it."""
    build_id = build_of(settings)
    with writing(settings) as connection:
        for case in cases:
            case.change(settings, connection)
    rebuilt = sorted({case.rebuilt for case in cases} - {""})
    if rebuilt:
        from dagster_project.operations.dbt_runner import run_dbt

        outcomes = run_dbt(settings, build_id, select=rebuilt)
        assert {outcome.status for outcome in outcomes} == {"success"}


def lake_name(source_id: str, table: str) -> str:
    return f"lake/{source_id}/{table}"


def _lake(
    source_id: str, table: str, wrong: str, change: Callable[[pl.DataFrame], pl.DataFrame]
) -> Case:
    def rewrite(settings: Settings, _: duckdb.DuckDBPyConnection) -> None:
        path = settings.lake_folder / source_id / f"{table}.parquet"
        frame = pl.read_parquet(path)
        if frame.is_empty():
            frame = planted(source_id, table)
        spoiled = change(frame)
        assert not spoiled.equals(frame), f"{path}: nothing was changed"
        spoiled.write_parquet(path)

    return Case(wrong, frozenset({lake_name(source_id, table)}), rewrite)


def _lake_cases(spec: dg.AssetCheckSpec) -> list[Case]:
    _, source_id, table = spec.asset_key.path
    changes = LAKE_CHANGES.get(spec.name, {})
    schema = SCHEMAS[source_id][table]
    if spec.name == "rows_satisfy_schema" and "value_status" in schema.column_names():
        changes = {**changes, **status_changes(schema)}
    if spec.name == "rows_satisfy_schema" and "quantity_status" in schema.column_names():
        changes = {**changes, **quantity_changes("quantity_tonnes_gross")}
    return [_lake(source_id, table, wrong, change) for wrong, change in changes.items()]


def _unique_key(table: str, arguments: Mapping[str, Any]) -> list[Case]:
    copied = [f"select * from {table} where {arguments['where']} limit 1"]
    new = [PLANTED_SQL.get(table, "default values")] * 2 if table.startswith(EMPTY) else copied
    rows = [f"insert into {table} {row}" for row in new]
    return [sql_case("a row twice", table, *rows, offends=1)]


def _within_range(table: str, arguments: Mapping[str, Any]) -> list[Case]:
    columns = arguments["columns"]
    values = (arguments["upper"] + 1, arguments["lower"] - 1)
    if " - " in columns[0]:
        # Differences share columns: one of them leaves the range, and takes others with it.
        more, less = columns[0].split(" - ")
        given = f"{more} is not null and {less} is not null"
        return [
            sql_case(
                f"{columns[0]} of {value}",
                table,
                on_one_row(table, [more], f"{less} + {value}", given),
            )
            for value in values
        ]
    return [
        sql_case(
            f"{', '.join(columns)} of {value}",
            table,
            on_one_row(table, columns, str(value)),
            offends=len(columns),
        )
        for value in values
    ]


def _null_exactly_with_reason(table: str, arguments: Mapping[str, Any]) -> list[Case]:
    columns, reason = arguments["columns"], arguments["reason"]
    figures = " and ".join(f"{column} is not null" for column in [*columns])
    given = f"{figures} and {reason} is null"
    if table in REASONS_ALONE:
        given = f"{reason} is not null"
        return [
            sql_case(wrong, table, on_one_row(table, spoiled, value, given), offends=len(columns))
            for wrong, spoiled, value in (
                ("a figure beside a reason", columns, "1"),
                ("no figure and no reason", [reason], "null"),
            )
        ]
    return [
        sql_case(
            f"a figure beside a {reason}",
            table,
            # A reason that is worked out rests on the column of that name first.
            on_one_row(table, re.findall(r"\w+_reason", reason)[:1], "'spoiled'", given),
            offends=len(columns),
        ),
        sql_case(
            f"no figure and no {reason}",
            table,
            on_one_row(table, columns, "null", given),
            offends=len(columns),
        ),
    ]


def _world_total_covers_parts(table: str, arguments: Mapping[str, Any]) -> list[Case]:
    parts = f"update {table} set parts_tonnes = named_total_tonnes + world_total_tonnes"
    counted = "where world_total_tonnes > 0 and named_total_tonnes > world_total_tonnes / 2"
    return [sql_case("parts above the world total", table, f"{parts} {counted}")]


def _accepted_values(table: str, arguments: Mapping[str, Any]) -> list[Case]:
    column = arguments["column_name"]
    return row_case(
        "a word that the list lacks", table, column, "'spoiled'", f"{column} is not null"
    )


# dbt's generic tests, by the name of the macro: a new one of these kinds needs nothing here.
GENERIC: dict[str, Callable[[str, Mapping[str, Any]], list[Case]]] = {
    "accepted_values": _accepted_values,
    "unique_key": _unique_key,
    "within_range": _within_range,
    "null_exactly_with_reason": _null_exactly_with_reason,
    "world_total_covers_parts": _world_total_covers_parts,
}

SHARED = "intermediate.int_production__shares"
BAND = "chn_gallium_refined_primary_usgs_mcs"
BANDED = (
    "mineral_id = 'gallium' and stage = 'refined' and form = 'primary' and country_iso3 = 'CHN' "
    "and source_id = 'usgs_mcs' and is_current_edition"
)
# A series whose leader has a firm lead in both editions, in the newest edition's latest year.
LED = (
    "source_id = 'usgs_mcs' and mineral_id = 'niobium' and stage = 'mine' "
    f"and edition = (select max_by(edition, released_on) from {SHARED} where source_id = 'usgs_mcs')"
)


def band_case(wrong: str, share: float | None, *statements: str) -> Case:
    """China's share of gallium is set in the band's input, and dbt meets the bands anew."""
    change = (
        f"delete from {SHARED} where {BANDED}"
        if share is None
        else f"update {SHARED} set production_share = {share} where {BANDED}"
    )
    return sql_case(wrong, SHARED, change, *statements, rebuilt="int_production__band_results")


def leader_case(wrong: str, share_left: str, *statements: str) -> Case:
    """Brazil is no longer the first producer of niobium, and keeps this share (an SQL expression)."""
    return sql_case(
        wrong,
        SHARED,
        f"update {SHARED} set producer_rank = producer_rank + 1, producer_order = producer_order + 1, "
        f"production_share = {share_left} where country_iso3 = 'BRA' and {LED}",
        f"update {SHARED} set producer_rank = 1, producer_order = 1 "
        f"where country_iso3 = 'CAN' and {LED}",
        *statements,
        rebuilt="int_concentration__producer_hhi",
    )


CONTROLS = "marts.fct_export_control"
FLOWS = "intermediate.int_trade__measured_flows"
POOLED = "pool_number > 0 and not is_code_drift and not is_suspected_double_count"
EDITIONS = "intermediate.int_trade__current_editions"
YEARS = "intermediate.int_trade__importer_years"
ORIGIN_SETS = "intermediate.int_trade__origin_set_rows"
LAST_POOL = (
    f"origin_set_number = (select max(origin_set_number) from {YEARS} "
    f"where series_number = (select max(series_number) from {YEARS}))"
)
VIEWS = "marts.mart_dependency_view"
ORIGINS = "intermediate.int_look_through__node_origins"
USE_SECTORS = "seeds.use_share_sector"
WITHOUT_LEADER = "marts.mart_n_minus_1"
SCENARIO = "seeds.disruption_scenario"
DISRUPTION = "marts.mart_disruption"
SCENARIO_SPARE = "marts.mart_scenario_spare"
COALITION = "marts.mart_coalition"
TURNED_AWAY = "marts.mart_diversification"
CONCENTRATED = "marts.mart_supplier_concentration"
# Checks that stand alone: Python's, and dbt's singular tests.
NAMED: dict[str, list[Case]] = {
    name: [sql_case(wrong, table, statement, offends=offends)]
    for name, (wrong, table, statement, offends) in NAMED_SQL.items()
} | {
    "refining_share_within_band": [band_case("a share far outside its plausible band", 0.01)],
    "largest_producer_is_the_known_one": [
        leader_case("the leader lost its place and all", "production_share - 0.5")
    ],
    "t4_and_our_controls_cover_each_other": [
        sql_case(
            "an event that answers T4 is gone",
            CONTROLS,
            f"delete from {CONTROLS} where event_id in (select event_id from {T4_ANSWERS})",
        ),
        sql_case("a newer T4 that nobody has looked at", *NEWER_T4),
        sql_case(
            "an event that answers T4 is on another mineral",
            CONTROLS,
            f"update {CONTROLS} set mineral_id = 'tin' where event_id = 'COD-COBALT-QUOTA'",
        ),
    ],
    "coverage_lies_within_its_bounds": row_case(
        "a point above the upper bound",
        WITHOUT_LEADER,
        "demand_coverage_point",
        "demand_coverage_high + 1",
        "demand_coverage_high > 0",
    ),
    "a_scenario_has_a_depth_or_a_cut_between_nothing_and_all": row_case(
        "a cut of more than all", SCENARIO, "depth", "1.5", "depth = 1"
    ),
    "what_is_received_is_no_more_than_others_could_spare": row_case(
        "more is used than others have",
        DISRUPTION,
        "others_spare_used_tonnes",
        "others_spare_tonnes + 1",
        "others_spare_tonnes > 0",
    ),
    "a_measured_spare_is_no_more_than_idle_capacity": row_case(
        "more is idle than could be made",
        SCENARIO_SPARE,
        "spare_tonnes_low",
        "capacity_tonnes",
        "production_tonnes > 0 and capacity_tonnes > 0",
    ),
    "spare_of_others_lies_between_its_bounds": row_case(
        "others have more idle than at most",
        "marts.mart_n_minus_1",
        "others_spare_tonnes_low",
        "others_spare_tonnes_high + 1",
        "spare_basis = 'assumed'",
    ),
    "a_spare_lies_between_its_bounds": row_case(
        "too much idle", SCENARIO_SPARE, "spare_tonnes_low", "1e8", "spare_basis = 'assumed'"
    ),
    "what_is_lost_is_received_taken_from_stock_or_short": row_case(
        "a shortfall that nobody lost",
        DISRUPTION,
        "shortfall_tonnes",
        "shortfall_tonnes + 1",
        "loss_tonnes - received_tonnes - stock_used_tonnes - shortfall_tonnes is not null",
    ),
    "every_exposure_lies_between_its_bounds": row_case(
        "a lowest share above the highest",
        COALITION,
        "exposure_low_share",
        "exposure_high_share + 0.25",
        "exposure_high_share > 0",
    ),
    "exit_and_growth_add_up_to_the_change": row_case(
        "an exit that the change does not show",
        TURNED_AWAY,
        "exit_effect",
        "exit_effect + 0.001",
        "exit_effect < 0",
    ),
    "flows_add_up_to_the_publishers_lines": [
        sql_case(
            "a flow that the publisher has not",
            FLOWS,
            f"insert into {FLOWS} select * from {FLOWS} where trader_codes is not null limit 1",
            offends=1,
        )
    ],
    "flows_are_pooled_or_left_out_by_name": row_case(
        "a flow in no pool", FLOWS, "pool_number", "null", POOLED
    ),
    "pools_are_the_flows_of_their_stage": row_case(
        "a dollar lost between pool and mart", ORIGIN_SETS, "value_usd", "value_usd - 1", LAST_POOL
    ),
    "every_series_of_trade_has_its_place_in_the_order": row_case(
        "a series that nobody placed", EDITIONS, "series_id", "'hs27'", "series_id = 'hs92'"
    ),
    "every_use_share_has_its_sector_or_a_reason": [
        sql_case(
            "a use that nobody looked at",
            USE_SECTORS,
            f"delete from {USE_SECTORS} where material_id = 'gallium' and application = 'Lighting'",
            offends=1,
        )
    ],
    "look_through_shares_sum_to_one": [
        sql_case(
            f"a {view} share too large by a tenth",
            VIEWS,
            on_one_row(VIEWS, [view], f"{view} + 0.1", f"{view} < 0.5 and {view} > 0"),
            offends=1,
        )
        for view in ("declared_origin_share", "refiner_origin_share", "mine_origin_share")
    ],
    "china_is_seen_where_it_makes_most": [
        sql_case(
            "the United States' rare-earth metals without China, as a source term from net exports has it",
            VIEWS,
            f"update {VIEWS} set refiner_origin_share = 0 where importer_id = 'USA' and origin_id = 'CHN' "
            "and mineral_id = 'rare_earths' and measure = 'contained' and denominator = 'imports'",
            offends=2,
        )
    ],
    "everybody_together_absorbs_what_is_produced": [
        sql_case(
            "a producer's own part of its supply lost",
            ORIGINS,
            f"delete from {ORIGINS} where graph_number = 1 and party_number = origin_number",
        ),
        sql_case(
            "an origin twice",
            ORIGINS,
            f"insert into {ORIGINS} select * from {ORIGINS} where graph_number = 1",
        ),
    ],
    "no_zero_is_silent": [
        *row_case(
            "an output of 0 that nobody printed",
            COALITION,
            "production_tonnes",
            "0",
            "production_status = 'not_named'",
        ),
        *row_case(
            "a share of 0 of an origin that is recorded",
            TURNED_AWAY,
            "own_now",
            "0",
            "share_now > 0.5",
        ),
        *row_case(
            "a withheld figure of 0", MINED, "quantity_tonnes", "0", "value_status = 'withheld'"
        ),
        # No row of evidence speaks of the column: no 0 at all.
        *row_case("a 0 without evidence", CONCENTRATED, "leader_share", "0", "leader_share > 0.5"),
    ],
    "bloc_buys_what_its_members_buy_outside": [
        sql_case(
            "what a bloc sells itself counted as bought outside",
            ORIGIN_SETS,
            f"update {ORIGIN_SETS} set is_inside = false where is_inside",
        )
    ],
}


def cases_of(manifest: Mapping[str, Any], spec: dg.AssetCheckSpec) -> list[Case]:
    """Mutations that a stopping check must stop at; empty for a kind of check unknown here."""
    if spec.name in NAMED:
        return NAMED[spec.name]
    if spec.asset_key.path[0] == "lake":
        return _lake_cases(spec)
    test = manifest["nodes"].get((spec.metadata or {}).get(UNIQUE_ID, ""), {})
    kind = test.get("test_metadata", {}).get("name")
    if kind not in GENERIC:
        return []
    node = manifest["nodes"][test["attached_node"]]
    table = f"{node['schema']}.{node['name']}"
    where = test["config"].get("where") or "true"
    return GENERIC[kind](table, {"where": where, **test["test_metadata"]["kwargs"]})


def reads(spec: dg.AssetCheckSpec) -> frozenset[str]:
    """Tables that the verdict of a check of the lake rests on, by the names of `Case.touches`."""
    _, source_id, table = spec.asset_key.path
    asked = reader_of(source_id).checks if source_id != reference.SOURCE_ID else ()
    whole = spec.name in {"records_are_accounted_for", *(check.name for check in asked)}
    tables = SCHEMAS[source_id] if whole else [table]
    return frozenset(lake_name(source_id, name) for name in tables)
