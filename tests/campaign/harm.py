"""Kills at random instants, and power cuts behind every step, of each piece of work."""

import contextlib
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from tests.campaign.frame import Trial, Workshop
from tests.campaign.power_cut import recorded
from tests.campaign.works import WORKS, Work
from tests.failure._helpers import copied, environment, leftover_names, settings_of

WORKER = Path(__file__).with_name("_worker.py")
# Of the kills, how many are of a publish; the others share the rest.
PUBLISHES = 0.2
# After so many kills the work is done unharmed.
KILLS_BETWEEN = 5
MEASURED = 3


class Worker:
    """Does pieces of work in processes that do nothing else, one at a time."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self._errors = (data / "worker.log").open("w+", encoding="utf-8")
        self._server = subprocess.Popen(
            [sys.executable, str(WORKER)],
            env=environment(data),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            text=True,
        )

    def start(self, work: str) -> int:
        """Begin, and return the process."""
        assert self._server.stdin is not None
        self._server.stdin.write(f"{work} {self.data}\n")
        self._server.stdin.flush()
        return int(self._answer("pid"))

    def end(self) -> int:
        """Its exit code: minus the signal where one ended it."""
        return int(self._answer("end"))

    def close(self) -> None:
        """End the server."""
        self._server.communicate(timeout=60)
        self._errors.close()

    def said(self) -> str:
        """What the children wrote on their error stream."""
        self._errors.seek(0)
        return self._errors.read()

    def _answer(self, kind: str) -> str:
        assert self._server.stdout is not None
        got, _, text = self._server.stdout.readline().strip().partition(" ")
        assert got == kind, self.said()
        return text


def kills(workshop: Workshop, trials: int, chance: random.Random) -> Iterator[Trial]:
    """SIGKILL at random instants of each piece of work."""
    shares = {name: (1 - PUBLISHES) / (len(WORKS) - 1) for name in WORKS} | {"publish": PUBLISHES}
    data = copied(workshop.small, workshop.place()).data
    worker = Worker(data)
    try:
        for name, work in WORKS.items():
            yield from _killed(worker, name, work, max(1, round(trials * shares[name])), chance)
    finally:
        worker.close()


def _killed(
    worker: Worker, name: str, work: Work, trials: int, chance: random.Random
) -> Iterator[Trial]:
    data, spans = worker.data, []
    for _ in range(MEASURED):
        work.prepare(data)
        began = time.monotonic()
        worker.start(name)
        if worker.end() != 0:
            yield Trial(f"{name}, unharmed", worker.said()[-500:])
        spans.append(time.monotonic() - began)
    span = sorted(spans)[MEASURED // 2]
    tried = 0
    work.prepare(data)
    # What ends before its kill is no trial; an instant is drawn again, but not for ever.
    for _ in range(4 * trials):
        if tried == trials:
            break
        pid = worker.start(name)
        time.sleep(chance.uniform(0, span))
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
        if worker.end() != -signal.SIGKILL:
            work.prepare(data)
            continue
        tried += 1
        fault = work.left(data)
        if not fault and tried % KILLS_BETWEEN == 0:
            fault = _finishes_unaided(worker, name, work)
            work.prepare(data)
        yield Trial(f"{name}, killed", fault)


def _finishes_unaided(worker: Worker, name: str, work: Work) -> str:
    """The work is done unaided, and clears away what kills left; else what is wrong."""
    worker.start(name)
    if worker.end() != 0:
        return f"it does not go on: {worker.said()[-500:]}"
    if name == "publish" and (left := leftover_names(settings_of(worker.data))):
        return f"it left {left}"
    return work.left(worker.data)


def power_cuts(
    workshop: Workshop, trials: int, chance: random.Random, names: Sequence[str] = tuple(WORKS)
) -> Iterator[Trial]:
    """A power cut behind every step of each of these pieces of work; at most so many, drawn."""
    for name in names:
        work = WORKS[name]
        data = copied(workshop.small, workshop.place()).data
        os.environ["CHOKEPOINT_DATA"] = str(data)
        # Files of its release are linked to those of others: here inodes tell files apart.
        _separate(data)
        work.prepare(data)
        with recorded(data / work.within) as recording:
            work.do(data)
        steps = recording.steps
        share = max(2, trials // len(names))
        chosen = sorted(chance.sample(range(len(steps)), min(share, len(steps))))
        recording.steps = [steps[number] for number in chosen]
        within = data / work.within
        aside = within.with_name(f".{within.name}-whole")
        within.rename(aside)
        for number, (step, found) in enumerate(recording.cuts(workshop.folder)):
            found.rename(within)
            fault = work.left(data)
            if not fault and (work.is_cheap or number % 20 == 0):
                try:
                    work.do(data)
                    fault = work.left(data)
                except Exception as error:
                    fault = f"it does not go on: {type(error).__name__}: {error}"
            yield Trial(f"{name}, power cut behind {step}", fault)
            within.rename(found)


def _separate(data: Path) -> None:
    for path in data.rglob("*"):
        if path.is_file() and not path.is_symlink() and path.stat().st_nlink > 1:
            content = path.read_bytes()
            path.unlink()
            path.write_bytes(content)
