"""dbt's models, seeds and data tests as assets and asset checks, and dbt's results as events."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import dagster as dg
from dagster_dbt import DagsterDbtTranslator, DbtProject, dbt_assets

from dagster_project.defs.dbt.check_descriptions import asked
from dagster_project.defs.dbt.mart_charts import picture_of
from dagster_project.defs.dbt.mart_rows import ROW_COUNT, mart_rows
from dagster_project.operations.check_reports import PacedLog, offenders_table, row_in_words
from dagster_project.operations.dbt_runner import DbtError, NodeOutcome, load_manifest, run_dbt
from dagster_project.operations.run_failures import as_dagster_failure
from dagster_project.publishing import audit
from dagster_project.publishing.warehouse import (
    MAX_ROWS_SHOWN,
    node_builds,
    reading,
    rows,
    table_rows,
)
from dagster_project.resources import Workspace
from dagster_project.settings import Settings

UNIQUE_ID = "dagster_dbt/unique_id"
BUILT = {"success"}
PASSED = {"pass"}
JUDGED = {"pass", "warn", "fail", "error"}


class LayerTranslator(DagsterDbtTranslator):
    """Asset keys start with the layer; the group is the layer, of intermediate models with the subject."""

    def get_asset_key(self, dbt_resource_props: Mapping[str, Any]) -> dg.AssetKey:
        """`[<layer>, <name>]` for models and seeds, `[lake, <source>, <table>]` for sources."""
        if dbt_resource_props["resource_type"] == "source":
            return dg.AssetKey(
                ["lake", dbt_resource_props["source_name"], dbt_resource_props["name"]]
            )
        return dg.AssetKey([dbt_resource_props["config"]["schema"], dbt_resource_props["name"]])

    def get_group_name(self, dbt_resource_props: Mapping[str, Any]) -> str | None:
        """The layer for models and seeds, with the subject in `intermediate`; the publication for sources."""
        if dbt_resource_props["resource_type"] == "source":
            return dbt_resource_props["source_name"]
        layer, folders = dbt_resource_props["config"]["schema"], dbt_resource_props["fqn"][2:-1]
        return "_".join([layer, *folders]) if layer == "intermediate" else layer

    def get_owners(self, dbt_resource_props: Mapping[str, Any]) -> list[str] | None:
        """The team, as all other assets name theirs; dbt's groups have its address."""
        addresses = super().get_owners(dbt_resource_props) or []
        return [f"team:{address.partition('@')[0]}" for address in addresses]

    def get_asset_check_spec(
        self,
        asset_spec: dg.AssetSpec,
        manifest: Mapping[str, Any],
        unique_id: str,
        project: DbtProject | None,
    ) -> dg.AssetCheckSpec | None:
        """The check, with what it asks in words."""
        spec = super().get_asset_check_spec(asset_spec, manifest, unique_id, project)
        return spec and spec._replace(description=asked(manifest["nodes"][unique_id]))

    def get_description(self, dbt_resource_props: Mapping[str, Any]) -> str:
        """The description alone: the SQL stands in the repo."""
        return dbt_resource_props.get("description") or dbt_resource_props["name"]


def build_dbt_assets(manifest_folder: Path) -> dg.AssetsDefinition:
    """All models and seeds as one asset step, their data tests as its checks."""
    manifest = load_manifest(manifest_folder)

    @dbt_assets(manifest=manifest, dagster_dbt_translator=LayerTranslator(), name="warehouse")
    def warehouse(context: dg.AssetExecutionContext, workspace: Workspace) -> Iterator[Any]:
        definition = context.assets_def
        keys = {spec.metadata[UNIQUE_ID]: spec.key for spec in definition.specs}
        checks = {
            (spec.metadata or {})[UNIQUE_ID]: spec.key
            for spec in definition.node_check_specs_by_output_name.values()
        }
        selected = {
            **{uid: key for uid, key in keys.items() if key in context.selected_asset_keys},
            **{uid: key for uid, key in checks.items() if key in context.selected_asset_check_keys},
        }
        whole = len(selected) == len(keys) + len(checks)
        names = [manifest["nodes"][unique_id]["name"] for unique_id in sorted(selected)]
        names += _unit_tests(manifest, selected)
        progress = PacedLog(context.log.info)
        try:
            with as_dagster_failure(DbtError):
                outcomes = run_dbt(
                    workspace.settings,
                    context.run.run_id,
                    select=() if whole else names,
                    manifest_folder=manifest_folder,
                    on_node=lambda name, status: progress.add(
                        f"{name}: {status}", urgent=status not in BUILT | PASSED
                    ),
                )
        finally:
            progress.close()
        yield from _events(workspace.settings, context.instance, manifest, outcomes, selected)

    return warehouse


def _unit_tests(manifest: Mapping[str, Any], selected: Mapping[str, Any]) -> list[str]:
    """Names of the unit tests of selected models. A part is built by who edits it; a refresh leaves them to the tests."""
    return sorted(
        test["name"]
        for test in manifest["unit_tests"].values()
        if selected.keys() & set(test["depends_on"]["nodes"])
    )


def _events(
    settings: Settings,
    instance: dg.DagsterInstance,
    manifest: Mapping[str, Any],
    outcomes: list[NodeOutcome],
    selected: Mapping[str, dg.AssetKey | dg.AssetCheckKey],
) -> Iterator[dg.MaterializeResult | dg.AssetCheckResult]:
    """Materializations and check results of a run; raises at the end where a node failed.

    Raises:
        dagster.Failure: a model failed to build, or a data test of severity error failed.
    """
    failed = [
        outcome for outcome in outcomes if outcome.status in {"error", "fail", "runtime error"}
    ]
    recorded: dict[str, list[audit.CheckRecord]] = {}
    with reading(settings) as connection:
        counts = table_rows(connection)
        builds = node_builds(connection)
        built = [selected.get(one.unique_id) for one in outcomes if one.status in BUILT]
        marts = mart_rows(
            connection, instance, [key for key in built if isinstance(key, dg.AssetKey)]
        )
        for outcome in outcomes:
            node = manifest["nodes"].get(outcome.unique_id)
            key = selected.get(outcome.unique_id)
            if node is None or key is None:
                continue
            if isinstance(key, dg.AssetKey):
                if outcome.status in BUILT:
                    more = {**marts.get(key, {}), **picture_of(connection, node["name"])}
                    yield _materialized(key, node, outcome, counts, more)
            elif outcome.status in JUDGED:
                result, record = _judged(connection, key, node, outcome)
                build_id, _ = builds.get(_attached(node), ("unknown", ""))
                recorded.setdefault(build_id, []).append(record)
                yield result
    for build_id, records in recorded.items():
        audit.record(settings.audit, build_id, records)
    if failed:
        raise dg.Failure(
            description="; ".join(
                f"{_node_name(outcome.unique_id)}: {outcome.message or outcome.status}"
                for outcome in failed[:12]
            )
            + f" ({len(failed)} dbt nodes failed; nothing is published)",
            metadata={"failed_nodes": len(failed)},
        )


def _node_name(unique_id: str) -> str:
    """The node's name; a unit test's stands behind its model's."""
    kind, _, name, *more = unique_id.split(".")
    return more[0] if kind == "unit_test" else name


def _attached(node: Mapping[str, Any]) -> str:
    """Node that a data test judges: the one it is declared on, or names in its meta."""
    if node.get("attached_node"):
        return node["attached_node"]
    named = node["config"].get("meta", {}).get("dagster", {}).get("ref", {}).get("name")
    parents = node["depends_on"]["nodes"]
    return next((uid for uid in parents if uid.split(".")[-1] == named), parents[0])


def _materialized(
    key: dg.AssetKey,
    node: Mapping[str, Any],
    outcome: NodeOutcome,
    counts: Mapping[str, int],
    more: Mapping[str, Any],
) -> dg.MaterializeResult:
    metadata: dict[str, Any] = {"seconds": round(outcome.seconds, 3)}
    count = counts.get(f"{node['schema']}.{node['name']}")
    if count is not None:
        metadata[ROW_COUNT] = count
    return dg.MaterializeResult(asset_key=key, metadata={**metadata, **more})


def _judged(
    connection: Any, key: dg.AssetCheckKey, node: Mapping[str, Any], outcome: NodeOutcome
) -> tuple[dg.AssetCheckResult, audit.CheckRecord]:
    passed = outcome.status in PASSED
    warns = outcome.status == "warn" or node["config"]["severity"].lower() == "warn"
    severity = dg.AssetCheckSeverity.WARN if warns else dg.AssetCheckSeverity.ERROR
    offenders: list[dict[str, object]] = []
    if not passed and outcome.compiled_sql and outcome.status != "error":
        sql = f"select * from ({outcome.compiled_sql}) limit {MAX_ROWS_SHOWN}"
        offenders = rows(connection, sql)
    got = "no row offends" if passed else f"{outcome.failures or 0} rows offend: {outcome.message}"
    # Not for the audit, which is published: which of the rows comes first is chance.
    such_as = f"; such as {row_in_words(offenders[0])}" if offenders else ""
    metadata: dict[str, Any] = {
        "offending_rows": outcome.failures or 0,
        "seconds": round(outcome.seconds, 3),
    }
    table = offenders_table(offenders)
    if table is not None:
        metadata["offenders"] = table
    result = dg.AssetCheckResult(
        asset_key=key.asset_key,
        check_name=key.name,
        passed=passed,
        severity=severity,
        description=got + such_as,
        metadata=metadata,
    )
    record = audit.CheckRecord(
        audit.check_key(key.asset_key.to_user_string(), key.name), passed, severity.value, got
    )
    return result, record
