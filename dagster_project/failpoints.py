"""Named points at which tests kill the process, to prove that any instant is a safe one to die at."""

import os
import signal
from collections import Counter

_passed: Counter[str] = Counter()


def fault_point(name: str) -> None:
    """Die by SIGKILL here if CHOKEPOINT_TEST_KILL_AT names this point, or `<point>#7` for the seventh time; else do nothing."""
    wanted, _, time = os.environ.get("CHOKEPOINT_TEST_KILL_AT", "").partition("#")
    if wanted == name:
        _passed[name] += 1
        if _passed[name] == int(time or 1):
            os.kill(os.getpid(), signal.SIGKILL)
