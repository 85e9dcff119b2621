"""Checks of lake tables, by factory: the checks are `sources.reading.lake_checks`."""

from collections import defaultdict
from collections.abc import Callable, Iterator

import dagster as dg
import polars as pl

from dagster_project.defs.sources.assets import lake_key
from dagster_project.operations.check_reports import reported
from dagster_project.publishing import audit
from dagster_project.resources import Workspace
from dagster_project.settings import Settings
from sources.reading.catalog import Source
from sources.reading.checks import LakeCheck, Outcome
from sources.reading.lake import Sidecar, read_sidecar, read_tables
from sources.reading.lake_checks import checks_of, schema_checks
from sources.reference import tidy as reference
from sources.registry import reader_of


def build_lake_checks(source: Source) -> dg.AssetChecksDefinition:
    """All checks of one source's lake tables, in one step."""
    reader = reader_of(source.source_id)
    return _build(
        source.source_id,
        checks_of(reader, source),
        lambda workspace: checks_of(reader, workspace.source(source)),
    )


def build_reference_checks() -> dg.AssetChecksDefinition:
    """Schema checks of our own lists."""
    checks = schema_checks(reference.LAKE)
    return _build(reference.SOURCE_ID, checks, lambda _: checks)


def _build(
    source_id: str, named: list[LakeCheck], checks_read: Callable[[Workspace], list[LakeCheck]]
) -> dg.AssetChecksDefinition:
    """The checks of one source.

    Args:
        named: the checks, for the definitions.
        checks_read: the same of the editions that this build reads.
    """

    @dg.multi_asset_check(
        name=f"lake_{source_id}_checks",
        specs=[
            dg.AssetCheckSpec(
                name=check.name,
                asset=lake_key(source_id, check.table),
                description=check.description,
                blocking=check.blocking,
            )
            for check in named
        ],
    )
    def checks(
        context: dg.AssetCheckExecutionContext, workspace: Workspace
    ) -> Iterator[dg.AssetCheckResult]:
        settings = workspace.settings
        run_id = context.run.run_id
        tables: dict[str, pl.DataFrame] = {}
        sidecars: dict[str, Sidecar] = {}
        recorded: dict[str, list[audit.CheckRecord]] = defaultdict(list)
        try:
            for check in checks_read(workspace):
                key = lake_key(source_id, check.table)
                if dg.AssetCheckKey(key, check.name) not in context.selected_asset_check_keys:
                    continue
                if check.table not in sidecars:
                    sidecars[check.table] = read_sidecar(settings.lake, source_id, check.table)
                sidecar = sidecars[check.table]
                build_id = sidecar.build_id
                # Of a table that this run kept, what was found of it holds; asked again, it is looked at again.
                kept = sidecar.kept_from if build_id == run_id else ""
                if kept and (found := _passed(settings, kept, key, check.name)):
                    same = f"as in build {kept}, from the same bytes and code"
                    severity = "stop" if found.severity == "ERROR" else "warn"
                    outcome = Outcome(True, severity, same, found.summary)
                else:
                    tables = tables or read_tables(settings.lake, source_id)
                    outcome = check.run(tables)
                result, record = reported(key, check.name, outcome)
                recorded[build_id].append(record)
                yield result
        finally:
            # Once a source: the file is written whole, and flushed to the disk.
            for build_id, records in recorded.items():
                audit.record(settings.audit, build_id, records)

    return checks


def _passed(
    settings: Settings, build_id: str, key: dg.AssetKey, name: str
) -> audit.CheckRecord | None:
    """What a check that passed said in an earlier build; None where it did not pass, or did not run."""
    wanted = audit.check_key(key.to_user_string(), name)
    found = (item for item in audit.read(settings.audit, build_id) if item.key == wanted)
    return next((item for item in found if item.passed), None)
