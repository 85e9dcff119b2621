"""Run by the campaign: does one piece of work for each line it reads, `<work> <data folder>`; see `fork_for_each_line`."""

import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.campaign.works import WORKS
from tests.failure._forks import fork_for_each_line


def _do(line: str) -> None:
    name, _, data = line.partition(" ")
    os.environ["CHOKEPOINT_DATA"] = data
    WORKS[name].do(Path(data))


fork_for_each_line(_do)
