"""`published/release`, and its copy for others to read. The work is done by `dagster_project.publishing`."""

import datetime as dt
from collections.abc import Sequence

import dagster as dg

from dagster_project.operations import edition_trials
from dagster_project.operations.alerts import raise_alert
from dagster_project.operations.guarded_webserver import RELEASES
from dagster_project.operations.hosts import LockLostError
from dagster_project.operations.run_failures import as_dagster_failure
from dagster_project.operations.watch import OLD_DAYS, damage_alert
from dagster_project.publishing.export import ExportError, export
from dagster_project.publishing.fingerprint import note_refreshed
from dagster_project.publishing.release import MENDED, publish
from dagster_project.resources import Workspace

# What a person opens of a release, by links that `chokepoint serve` answers.
OPENED = {
    "atlas": "atlas.html",
    "release_notes": "RELEASE_NOTES.md",
    "dictionary": "dictionary.html",
    "methods": "methods.html",
}
RELEASE_KEY = dg.AssetKey(["published", "release"])


def build_release_asset(
    marts: Sequence[dg.AssetKey], nodes: Sequence[str], blocking: Sequence[str]
) -> dg.AssetsDefinition:
    """The release asset.

    Args:
        marts: assets it is built from; their blocking checks hold it back within a run.
        nodes: dbt nodes of a whole build, for the gate.
        blocking: keys of every blocking check, for the gate.
    """

    @dg.asset(
        key=RELEASE_KEY,
        deps=list(marts),
        group_name="publish",
        owners=["team:data-engineering"],
        kinds={"duckdb", "parquet"},
        freshness_policy=dg.FreshnessPolicy.time_window(fail_window=dt.timedelta(days=OLD_DAYS)),
        description=(
            "What analysts open: published/current/critical_minerals.duckdb and its companions. "
            "Published only from a whole build whose blocking checks all ran and passed."
        ),
    )
    def release(workspace: Workspace) -> dg.MaterializeResult:
        with as_dagster_failure(LockLostError):
            workspace.make_sure_alone()
            result = publish(workspace.settings, nodes, blocking, workspace.inputs_digest)
        note_refreshed(workspace.settings)
        if result.mended:
            raise_alert(workspace.settings, damage_alert(result.mended))
        proven = edition_trials.promote(workspace.settings, result.build_id)
        taken_up = [f"{source_id} {pin.edition.edition}" for source_id, pin in proven]
        return dg.MaterializeResult(
            metadata={
                "release": result.release,
                "is_new": result.is_new,
                "path": dg.MetadataValue.path(str(result.folder)),
                **{
                    name: dg.MetadataValue.url(f"{RELEASES}/{result.release}/{file}")
                    for name, file in OPENED.items()
                    if (result.folder / file).exists()
                },
                "content_digest": result.content_digest,
                "input": result.input,
                **({MENDED: result.mended} if result.mended else {}),
                **({"new_editions": ", ".join(taken_up)} if taken_up else {}),
                "tables": len(result.tables),
                "dagster/row_count": sum(result.tables.values()),
            }
        )

    return release


@dg.asset(
    key=dg.AssetKey(["published", "copy"]),
    deps=[RELEASE_KEY],
    group_name="publish",
    owners=["team:data-engineering"],
    kinds={"s3"},
    description=(
        "The current release where others read it, as CHOKEPOINT_PUBLISH_TO says: its files, then the small object "
        "`latest/release.json`. Should this fail, they go on reading the release before."
    ),
)
def release_copy(workspace: Workspace) -> dg.MaterializeResult:
    """Copy what `published/release` made current."""
    settings = workspace.settings
    destination = str(settings.publish_to)
    with as_dagster_failure(ExportError):
        counts = export(settings.published / "current", destination)
    return dg.MaterializeResult(metadata={"destination": destination, **counts})
