"""Named points at which tests kill the process, to prove that any instant is a safe one to die at."""

import os
import signal


def fault_point(name: str) -> None:
    """Die by SIGKILL here if CHOKEPOINT_TEST_KILL_AT names this point; else do nothing."""
    if os.environ.get("CHOKEPOINT_TEST_KILL_AT") == name:
        os.kill(os.getpid(), signal.SIGKILL)
