"""What the campaign is made of: parts, each a number of trials; and the table of what was tried, held and failed."""

import math
import random
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

SEED = 20_261_130


@dataclass(frozen=True)
class Trial:
    """One thing that was tried. `fault` says in words what did not hold; empty where all did."""

    name: str
    fault: str = ""


class Workshop:
    """Where trials are made: a folder, and in it what costs time to make, made once."""

    def __init__(self, folder: Path, small: Callable[[], Path]) -> None:
        self.folder = folder
        self._make_small = small
        self._number = 0

    @cached_property
    def small(self) -> Path:
        """Data folder with a small warehouse and one release (`tests.failure._helpers.make_small`): copy it."""
        return self._make_small()

    def place(self) -> Path:
        """A path where nothing is yet."""
        self._number += 1
        return self.folder / f"trial-{self._number}"


@dataclass(frozen=True)
class Part:
    """A part of the campaign.

    `run` makes so many trials, drawn by the given chance; `nightly` is how many a night makes. A part whose trials are a
    list makes all of them, or every tenth.
    """

    title: str
    holds: str
    nightly: int
    run: Callable[[Workshop, int, random.Random], Iterator[Trial]]
    # False: a test of its own runs a share of it.
    is_run_in_suite: bool = True


@dataclass
class Count:
    """What came of a part."""

    part: Part
    tried: int = 0
    failed: list[Trial] = field(default_factory=list)


def counted(
    part: Part,
    workshop: Workshop,
    trials: int,
    seed: int = SEED,
    minutes: float = math.inf,
) -> Count:
    """Run a part; what was not tried by the end of the time is not counted."""
    count, end = Count(part), time.monotonic() + 60 * minutes
    for trial in part.run(workshop, trials, random.Random(f"{seed} {part.title}")):
        count.tried += 1
        if trial.fault:
            count.failed.append(trial)
        if time.monotonic() > end:
            break
    return count
