"""What is done to a table so that a check must stop the refresh: by kind of check, for every table it judges.

A check of a kind that is not here has no case, and `test_every_stopping_check_has_a_case` says so.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import dagster as dg
import polars as pl

from dagster_project.settings import Settings
from sources.inputs import READERS
from sources.reference import tidy as reference
from tests.failure._helpers import writing

UNIQUE_ID = "dagster_dbt/unique_id"
SERIES = ["mineral_id", "stage", "form", "basis"]


@dataclass(frozen=True)
class Case:
    """One way to spoil a table, named for what is wrong afterwards."""

    wrong: str
    spoil: Callable[[Settings], None]


def _lake(
    source_id: str, table: str, wrong: str, change: Callable[[pl.DataFrame], pl.DataFrame]
) -> Case:
    def spoil(settings: Settings) -> None:
        path = settings.lake / source_id / f"{table}.parquet"
        frame = pl.read_parquet(path)
        spoiled = change(frame)
        assert not spoiled.equals(frame), f"{path}: nothing was changed"
        spoiled.write_parquet(path)

    return Case(wrong, spoil)


def _first(condition: pl.Expr) -> pl.Expr:
    """The first row of which the condition holds."""
    return condition & (condition.cum_sum() == 1)


def _world_total_times_1000(frame: pl.DataFrame) -> pl.DataFrame:
    totals = frame.filter((pl.col("geography_kind") == "world") & (pl.col("quantity_tonnes") > 0))
    twice = totals.filter(pl.len().over([*SERIES, "reference_year"]) > 1).sort("released_on")
    row_id = twice["source_row_id"][-1]
    chosen = (
        (pl.col("source_row_id") == row_id)
        & (pl.col("geography_kind") == "world")
        & (pl.col("reference_year") == twice["reference_year"][-1])
    )
    return frame.with_columns(
        quantity_tonnes=pl.when(_first(chosen))
        .then(pl.col("quantity_tonnes") * 1000)
        .otherwise("quantity_tonnes")
    )


def _without_an_eighth_of_the_series(frame: pl.DataFrame) -> pl.DataFrame:
    latest = frame.filter(pl.col("released_on") == pl.col("released_on").max())["edition"][0]
    earlier = frame.filter(
        (pl.col("edition") != latest) & pl.col("quantity_tonnes").is_not_null()
    ).select(SERIES)
    series = earlier.unique().sort(SERIES)
    lost = series.head(series.height // 8 + 1).with_columns(edition=pl.lit(latest))
    return frame.join(lost, on=["edition", *SERIES], how="anti")


def _schema_cases(source_id: str, table: str) -> list[Case]:
    schemas = {reference.SOURCE_ID: reference.LAKE} | {
        source: reader.lake for source, reader in READERS.items()
    }
    schema = schemas[source_id][table]
    cases = [
        _lake(source_id, table, "a column is missing", lambda frame: frame[:, :-1]),
    ]
    if schema.primary_key():
        cases.append(
            _lake(source_id, table, "a key twice", lambda frame: pl.concat([frame, frame.head(1)]))
        )
    if "value_status" in schema.column_names():
        numeric = pl.col("value_status") == "numeric"
        for status, wrong in (
            ("secret", "a status out of the vocabulary"),
            ("withheld", "a quantity with a withheld status"),
        ):
            cases.append(
                _lake(
                    source_id,
                    table,
                    wrong,
                    lambda frame, status=status: frame.with_columns(
                        value_status=pl.when(_first(numeric))
                        .then(pl.lit(status))
                        .otherwise("value_status")
                    ),
                )
            )
    return cases


def _lake_cases(spec: dg.AssetCheckSpec) -> list[Case]:
    _, source_id, table = spec.asset_key.path
    if spec.name == "rows_satisfy_schema":
        return _schema_cases(source_id, table)
    changes: dict[str, tuple[str, Callable[[pl.DataFrame], pl.DataFrame]]] = {
        "records_are_accounted_for": (
            "a record is dropped",
            lambda frame: frame.filter(
                (pl.col("source_file") != frame["source_file"][0])
                | (pl.col("file_row") != frame["file_row"][0])
                | (pl.col("edition") != frame["edition"][0])
            ),
        ),
        "figures_keep_their_magnitude": ("a world total times 1000", _world_total_times_1000),
        "edition_keeps_its_coverage": (
            "an eighth of the series is gone",
            _without_an_eighth_of_the_series,
        ),
    }
    if spec.name not in changes:
        return []
    wrong, change = changes[spec.name]
    return [_lake(source_id, table, wrong, change)]


def _sql(wrong: str, *statements: str) -> Case:
    def spoil(settings: Settings) -> None:
        with writing(settings) as connection:
            for statement in statements:
                (rows,) = connection.execute(statement).fetchall()[0]
                assert rows > 0, f"nothing was changed: {statement}"

    return Case(wrong, spoil)


def _dbt_cases(manifest: Mapping[str, Any], unique_id: str) -> list[Case]:
    test = manifest["nodes"][unique_id]
    if not test.get("attached_node"):
        return []
    node = manifest["nodes"][test["attached_node"]]
    table = f"{node['schema']}.{node['name']}"
    kind = test["test_metadata"]["name"]
    arguments = test["test_metadata"]["kwargs"]
    if kind == "unique_key":
        return [_sql("a row twice", f"insert into {table} select * from {table} limit 1")]
    if kind == "within_range":
        above, below = arguments["upper"] + 0.5, arguments["lower"] - 0.5
        return [
            _sql(f"{column} of {value}", f"update {table} set {column} = {value}")
            for column in arguments["columns"]
            for value in (above, below)
        ]
    if kind == "world_total_covers_parts":
        rest = "set rest_tonnes = world_total_tonnes"
        counted = "where world_total_tonnes > 0 and named_total_tonnes > world_total_tonnes / 2"
        return [_sql("parts above the world total", f"update {table} {rest} {counted}")]
    return []


def cases_of(manifest: Mapping[str, Any], spec: dg.AssetCheckSpec) -> list[Case]:
    """Mutations that a stopping check must stop at; empty for a kind of check unknown here."""
    if spec.name == "refining_share_within_band":
        return [band_case("a share far outside its plausible band", 0.01)]
    if spec.asset_key.path[0] == "lake":
        return _lake_cases(spec)
    unique_id = (spec.metadata or {}).get(UNIQUE_ID)
    return _dbt_cases(manifest, str(unique_id)) if unique_id else []


BAND = "chn_gallium_refined_primary_usgs_mcs"
BANDED = (
    "mineral_id = 'gallium' and stage = 'refined' and form = 'primary' and country_iso3 = 'CHN' "
    "and is_current_edition"
)


def band_case(wrong: str, share: float | None, *statements: str) -> Case:
    """China's share of gallium is set in the band's input, and dbt meets the bands anew."""
    change = (
        f"delete from intermediate.int_production__shared where {BANDED}"
        if share is None
        else f"update intermediate.int_production__shared set production_share = {share} where {BANDED}"
    )
    before = _sql(wrong, change, *statements)

    def spoil(settings: Settings) -> None:
        from dagster_project.dbt_runner import run_dbt
        from tests.failure._helpers import build_of

        build_id = build_of(settings)
        before.spoil(settings)
        outcomes = run_dbt(settings, build_id, select=["int_production__band_met"])
        assert {outcome.status for outcome in outcomes} == {"success"}

    return Case(wrong, spoil)
