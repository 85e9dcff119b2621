"""The job and its schedule: everything, in one process, in order."""

import dagster as dg

refresh_job = dg.define_asset_job(
    "refresh",
    selection=dg.AssetSelection.all(),
    description=(
        "The whole of it: verify the input, tidy it into the lake, build and test the marts, check "
        "them, publish a release. One at a time, guarded by an OS lock."
    ),
    executor_def=dg.in_process_executor,
)

# The books appear on weekdays at odd hours; a nightly run is cheap, and without news makes no release.
refresh_schedule = dg.ScheduleDefinition(
    name="refresh_nightly",
    job=refresh_job,
    cron_schedule="15 4 * * *",
    execution_timezone="UTC",
    description="Refresh every night at 04:15 UTC. The same content makes no new release.",
    default_status=dg.DefaultScheduleStatus.STOPPED,
)
