"""`chokepoint refresh` of one small source, as a person starts it: the command, Dagster, the lock, the signal."""

import signal
import sys
from pathlib import Path
from types import ModuleType

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))


def stand_in() -> None:
    """Definitions of one source in place of all: loaded, like them, in the midst of the command."""
    from tests.editions._instance import daemon_of

    with daemon_of("world_bank_pink_sheet") as daemon:
        module = ModuleType("dagster_project.definitions")
        module.__dict__["defs"] = daemon.definitions
        sys.modules[module.__name__] = module


if __name__ == "__main__":
    from dagster_project.cli import start, streams

    # A worker of xdist ignores it, and children inherit that.
    (handler,) = sys.argv[1:] or ["default_int_handler"]
    signal.signal(signal.SIGINT, getattr(signal, handler))
    start.interruptible_from_now()
    streams.stand()
    from dagster_project.cli import commands
    from dagster_project.operations import dbt_runner

    dbt_runner.begin_manifest = lambda _: stand_in()
    commands.app(["refresh", "--force"])
