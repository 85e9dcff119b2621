"""Ctrl-C at random instants of a refresh, from its start to its end; then the next schedule runs, each time."""

import os
import random
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from unittest.mock import patch

import dagster as dg

from dagster_project.cli.exits import INTERRUPTED, Code
from dagster_project.defs.automation import schedules
from dagster_project.settings import Settings, prepare_environment
from sources.reading.catalog import load_source
from tests.campaign.frame import Trial, Workshop
from tests.defs._workspace import working_in
from tests.failure._helpers import environment, settings_of

REFRESH = Path(__file__).with_name("_interrupted.py")
SOURCE = "world_bank_pink_sheet"
# Before it Python itself is at work, and a signal ends it without a word of ours.
BEGINS = 0.3
# What a refresh says now and then where it writes to a file.
PROGRESS = re.compile(r" *\d+ s  ")


def _refresh(settings: Settings) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, str(REFRESH)],
        env=environment(settings.data),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def _finishes_unaided(settings: Settings) -> str:
    """Whether the next schedule asks for a refresh; else what it says."""
    schedule = schedules.build_schedule(
        "monthly", [load_source(SOURCE)], dg.DefaultScheduleStatus.STOPPED
    )
    with working_in(settings):
        prepare_environment(settings)
        # One that ended before its signal came is no reason to wait.
        with dg.DagsterInstance.get() as instance, patch.object(schedules, "FRESH_HOURS", 0):
            tick = schedule.evaluate_tick(dg.build_schedule_context(instance))
            return "" if tick.run_requests else f"the schedule says: {tick.skip_message}"


def interrupts(workshop: Workshop, trials: int, chance: random.Random) -> Iterator[Trial]:
    """SIGINT to a refresh of one small source."""
    settings = settings_of(workshop.place())
    settings.data.mkdir()
    began = time.monotonic()
    unharmed = _refresh(settings)
    out, err = unharmed.communicate(timeout=300)
    span = time.monotonic() - began
    if unharmed.returncode != 0:
        yield Trial("unharmed", (out + err)[-1000:])
        return
    for number in range(trials):
        # Every tenth into a folder that has no database of Dagster's yet.
        if number % 10 == 0:
            shutil.rmtree(settings.dagster_home)
        process = _refresh(settings)
        after = chance.uniform(BEGINS, span)
        time.sleep(after)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=300)
        faults = []
        # Behind its last line a process of Python dies of the signal, which a shell shows as 130 too.
        if process.returncode not in (0, Code.INTERRUPTED, -signal.SIGINT):
            faults.append(f"exit code {process.returncode}: {(out + err)[-1500:]}")
        told = [line for line in err.splitlines() if not PROGRESS.match(line)]
        if told not in ([], [INTERRUPTED]):
            faults.append(f"it says more than a line: {err[-1500:]}")
        if said := _finishes_unaided(settings):
            faults.append(said)
        yield Trial(f"interrupted after {after:.1f} s of {span:.1f}", "; ".join(faults))
    os.environ.pop("CHOKEPOINT_DATA", None)
