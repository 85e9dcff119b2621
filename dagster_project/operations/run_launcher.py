"""Dagster's own launcher, which also knows whether a run's process lives: for run monitoring.

Every process of Dagster loads this module: it imports little.
"""

from dagster import DagsterRun
from dagster._core.launcher import CheckRunHealthResult, DefaultRunLauncher, WorkerStatus

from dagster_project.operations.hosts import PROCESS_TAG, is_gone, tag_died


class WatchedRunLauncher(DefaultRunLauncher):
    """Starts runs in the code server; run monitoring asks it whether they live."""

    @property
    def supports_check_run_worker_health(self) -> bool:
        """Whether run monitoring may ask: true, unlike Dagster's own launcher."""
        return True

    def check_run_worker_health(self, run: DagsterRun) -> CheckRunHealthResult:
        """Whether the run's process lives, on whichever host."""
        if not is_gone(self._instance, run):
            return CheckRunHealthResult(WorkerStatus.RUNNING)
        tag_died(self._instance, run)
        return CheckRunHealthResult(
            WorkerStatus.FAILED,
            f"its process ({run.tags[PROCESS_TAG]}) is gone: killed, or the machine went down",
        )
