"""Assembles the definitions, and nothing else. `build_definitions` is a function so that tests can."""

import dagster as dg

from dagster_project.defs.automation.jobs import pull_jobs, refresh_job, take_in_job
from dagster_project.defs.automation.schedules import build_schedule
from dagster_project.defs.automation.sensors import (
    build_alert_sensor,
    build_due_sensor,
    build_edition_sensor,
    build_failure_sensor,
    build_watch_sensor,
)
from dagster_project.defs.dbt.assets import build_dbt_assets
from dagster_project.defs.marts.checks import (
    largest_producer_is_the_known_one,
    no_zero_is_silent,
    refining_share_within_band,
)
from dagster_project.defs.publishing.assets import build_release_asset, release_copy
from dagster_project.defs.sources.assets import (
    build_lake_assets,
    build_raw_asset,
    build_reference_assets,
)
from dagster_project.defs.sources.checks import build_lake_checks, build_reference_checks
from dagster_project.operations.dbt_runner import load_manifest, prepare_manifest
from dagster_project.publishing.audit import check_key
from dagster_project.resources import Workspace
from dagster_project.settings import Settings, load_settings, prepare_environment
from sources.reading.catalog import Source
from sources.registry import all_sources


def build_definitions() -> dg.Definitions:
    """All assets, checks, jobs and schedules of the project.

    Raises:
        DbtError: the dbt project does not parse.
    """
    settings = load_settings()
    prepare_environment(settings)
    sources = list(all_sources())
    folder = prepare_manifest(settings)
    manifest = load_manifest(folder)
    warehouse = build_dbt_assets(folder)
    checks = [
        build_reference_checks(),
        *(build_lake_checks(source) for source in sources),
        refining_share_within_band,
        largest_producer_is_the_known_one,
        no_zero_is_silent,
    ]
    blocking = sorted(
        check_key(spec.asset_key.to_user_string(), spec.name)
        for definition in (*checks, warehouse)
        for spec in definition.check_specs
        if spec.blocking
    )
    nodes = sorted(
        unique_id
        for unique_id, node in manifest["nodes"].items()
        if node["resource_type"] in ("model", "seed")
    )
    marts = sorted(key for key in warehouse.keys if key.path[0] == "marts")
    return dg.Definitions(
        assets=[
            build_reference_assets(),
            *(build_raw_asset(source) for source in sources),
            *(build_lake_assets(source) for source in sources),
            warehouse,
            build_release_asset(marts, nodes, blocking),
            *([release_copy] if settings.publish_to else []),
        ],
        asset_checks=checks,
        jobs=[refresh_job, take_in_job, *pull_jobs().values()],
        schedules=build_schedules(settings, sources),
        sensors=build_sensors(settings, sources),
        resources={"workspace": Workspace()},
        executor=dg.in_process_executor,
    )


def build_schedules(settings: Settings, sources: list[Source]) -> list[dg.ScheduleDefinition]:
    """A schedule for each cadence that a source has."""
    on = (
        dg.DefaultScheduleStatus.RUNNING
        if settings.automation
        else dg.DefaultScheduleStatus.STOPPED
    )
    return [
        build_schedule(cadence, [source for source in sources if source.cadence == cadence], on)
        for cadence in sorted({source.cadence for source in sources})
    ]


def build_sensors(settings: Settings, sources: list[Source]) -> list[dg.SensorDefinition]:
    """A sensor for each source's new editions, and those that ask for refreshes and tell people."""
    on = dg.DefaultSensorStatus.RUNNING if settings.automation else dg.DefaultSensorStatus.STOPPED
    return [
        *(build_edition_sensor(source, on) for source in sources),
        build_due_sensor(on),
        build_failure_sensor(on),
        build_watch_sensor(on),
        build_alert_sensor(on),
    ]


defs = build_definitions()
