"""UN Comtrade by year: a pull becomes an edition that is read, and a dead pull holds up no other."""

from collections.abc import Iterator

import dagster as dg
import pytest

from dagster_project import alerts
from dagster_project.failures import PASSING_TAG
from dagster_project.resources import PROCESS_TAG
from tests.intake._instance import Daemon, daemon_of
from tests.mirror.server import Mirror

COMTRADE = "un_comtrade"


@pytest.fixture
def daemon(live: Mirror) -> Iterator[Daemon]:
    assert live.seen == []
    with daemon_of(COMTRADE) as made:
        yield made


def test_a_pull_whose_machine_went_down_is_told_and_leaves_the_queue(daemon: Daemon) -> None:
    job = daemon.definitions.resolve_job_def("pull_un_comtrade")
    killed = daemon.instance.create_run_for_job(
        job, status=dg.DagsterRunStatus.STARTED, tags={**job.tags, PROCESS_TAG: "1@0.00"}
    )
    assert daemon.tick(daemon.due).skip_message == "nothing is due"
    found = daemon.instance.get_run_by_id(killed.run_id)
    assert found is not None
    assert found.status is dg.DagsterRunStatus.FAILURE
    # Nobody but a person asks for it again.
    assert PASSING_TAG not in found.tags
    failure = daemon.instance.all_logs(killed.run_id)[-1].dagster_event
    assert failure is not None
    daemon.tell_of(failure, found)
    [alert] = alerts.waiting_alerts(daemon.settings)
    assert "pull_un_comtrade failed" in alert.read_text()
