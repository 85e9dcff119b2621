"""Metadata of the marts' rows: how many, how many more than in the run before, and the first of them."""

from collections.abc import Mapping, Sequence
from typing import Any

import dagster as dg
import duckdb

from dagster_project.operations.check_reports import offenders_table
from dagster_project.publishing.warehouse import quoted, relations, rows

MARTS = "marts"
ROW_COUNT = "dagster/row_count"
ROWS_SHOWN = 5
# Of a mart that is a view these rows, for the first of all would be had by computing the whole of it.
SHOWN_OF_VIEWS = "where mineral_id = 'gallium'"


def mart_rows(
    connection: duckdb.DuckDBPyConnection,
    instance: dg.DagsterInstance,
    keys: Sequence[dg.AssetKey],
) -> dict[dg.AssetKey, dict[str, Any]]:
    """Metadata by mart, of those that stand; all are counted in one query."""
    views = {mart.name: mart.table_sql is None for mart in relations(connection, MARTS)}
    marts = [key for key in keys if key.path[0] == MARTS and key.path[-1] in views]
    if not marts:
        return {}
    counted = " union all ".join(
        f"select {quoted(key.path[-1])}, count(*) from {MARTS}.{key.path[-1]}" for key in marts
    )
    counts = dict(connection.execute(counted).fetchall())
    before = _counts_before(instance, marts)
    metadata: dict[dg.AssetKey, dict[str, Any]] = {}
    for key in marts:
        name = key.path[-1]
        metadata[key] = {ROW_COUNT: counts[name]}
        if key in before:
            metadata[key]["rows_more_than_in_the_run_before"] = counts[name] - before[key]
        chosen = SHOWN_OF_VIEWS if views[name] else ""
        first = offenders_table(
            rows(connection, f"select * from {MARTS}.{name} {chosen} limit {ROWS_SHOWN}")
        )
        if first is not None:
            metadata[key]["first_rows"] = first
    return metadata


def _counts_before(
    instance: dg.DagsterInstance, keys: Sequence[dg.AssetKey]
) -> Mapping[dg.AssetKey, int]:
    """Rows of each mart as the run before recorded them."""
    counts: dict[dg.AssetKey, int] = {}
    for record in instance.get_asset_records(keys):
        made = record.asset_entry.last_materialization
        materialized = made.asset_materialization if made else None
        count = materialized.metadata.get(ROW_COUNT) if materialized else None
        if count is not None and isinstance(count.value, int):
            counts[record.asset_entry.asset_key] = count.value
    return counts
