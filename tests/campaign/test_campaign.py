"""A part of the campaign's trials, and that it can fail: a sync that is left out is seen."""

import contextlib
import os
import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from dagster_project.operations import dbt_runner
from sources.reading.disk import write_atomically
from tests.campaign import power_cut
from tests.campaign.__main__ import BEGIN, END, HEAD, PAGE, written
from tests.campaign.frame import Count, Part, Trial, Workshop, counted
from tests.campaign.harm import power_cuts
from tests.campaign.parts import PARTS

# Of the trials of a night: with the fifty kills of tests/failure, and half a minute long.
SHARE = 0.04
FEWEST = 3


@pytest.fixture
def workshop(small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workshop:
    monkeypatch.setenv("CHOKEPOINT_DATA", str(tmp_path))
    return Workshop(tmp_path, lambda: small)


@pytest.mark.slow
@pytest.mark.parametrize(
    "part", [part for part in PARTS if part.is_run_in_suite], ids=lambda part: part.title
)
def test_some_of_each_part_hold(workshop: Workshop, part: Part) -> None:
    count = counted(part, workshop, max(FEWEST, round(part.nightly * SHARE)))
    assert count.tried > 0
    assert count.failed == []


@pytest.mark.slow
def test_a_sync_that_is_left_out_is_seen(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    chance = random.Random(1)
    assert not [trial for trial in power_cuts(workshop, 100, chance, ["parse"]) if trial.fault]
    monkeypatch.setattr(dbt_runner, "sync_tree", lambda _: None)
    # As it was until 2026-11-30: a folder called by its digest was taken for whole.
    monkeypatch.setattr(dbt_runner, "_is_whole", Path.exists)
    faults = [trial.fault for trial in power_cuts(workshop, 100, chance, ["parse"])]
    assert [fault for fault in faults if fault]


def test_what_was_not_synced_is_lost(tmp_path: Path) -> None:
    work = tmp_path / "work"
    work.mkdir()
    (work / "old").write_bytes(b"old")
    with power_cut.recorded(work) as recording:
        (work / "new").write_bytes(b"new")
        (work / "new").rename(work / "old")
    found = {
        step.split(", ")[1]: {path.name: path.read_bytes() for path in at.iterdir()}
        for step, at in recording.cuts(tmp_path)
        if step.startswith("all done")
    }
    assert found == {"names lost": {"old": b"old"}, "names kept": {"old": b""}}


def test_the_page_is_the_commands() -> None:
    page = PAGE.read_text("utf-8")
    assert page.count(BEGIN) == page.count(END) == 1
    titles = [part.title for part in PARTS]
    counts = [Count(part, tried=number + 1) for number, part in enumerate(PARTS)]
    for count in counts:
        page = written(page, [count], "today")
    lines = page.partition(BEGIN)[2].partition(END)[0].splitlines()
    assert tuple(lines[:2]) == HEAD
    assert [line.split(" | ")[0] for line in lines[2:]] == [f"| {title}" for title in titles]
    assert [line.split(" | ")[2:5] for line in lines[2:]] == [
        [str(number + 1), str(number + 1), "0"] for number in range(len(titles))
    ]


def test_what_another_seed_tried_is_added() -> None:
    part = PARTS[0]
    fault = Trial("a kill", "torn")
    page = written(f"{BEGIN}{END}", [Count(part, tried=999, failed=[fault])], "monday")
    page = written(page, [Count(part, tried=2)], "tuesday", adds=True)
    assert f"| {part.title} | {part.holds} | 1,001 | 1,000 | 1 | monday; tuesday |" in page


def _open_files() -> Iterator[os.stat_result]:
    for path in Path("/proc/self/fd").iterdir():
        with contextlib.suppress(OSError):
            yield os.fstat(int(path.name))


def test_the_number_of_a_file_that_is_gone_is_given_to_no_other(tmp_path: Path) -> None:
    # ext4 waits five seconds before it gives it; a longer piece of work found a note's bytes in a table.
    table = tmp_path / "table"
    table.write_bytes(b"old")
    inode = table.stat().st_ino
    with power_cut.recorded(tmp_path):
        write_atomically(table, b"new")
        assert inode in {about.st_ino for about in _open_files()}
