"""Progress of a build: few entries in the run's log, no line lost, bad news at once."""

from dagster_project.operations.check_reports import PacedLog


def test_lines_wait_for_the_next_entry_and_none_is_lost() -> None:
    entries: list[str] = []
    log = PacedLog(entries.append, seconds=3600)
    log.add("a: success")
    log.add("b: success")
    assert entries == []
    log.close()
    log.close()
    assert entries == ["a: success\nb: success"]


def test_a_failure_is_logged_at_once_with_what_waited() -> None:
    entries: list[str] = []
    log = PacedLog(entries.append, seconds=3600)
    log.add("a: success")
    log.add("b: error", urgent=True)
    assert entries == ["a: success\nb: error"]


def test_after_the_interval_a_line_is_logged() -> None:
    entries: list[str] = []
    log = PacedLog(entries.append, seconds=0)
    log.add("a: success")
    assert entries == ["a: success"]
