"""Dagster's own databases: one that is damaged is set aside, so that the next run makes a new one."""

import itertools
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

from dagster_project.operations.lock import is_held
from dagster_project.settings import Settings, prepare_environment

# Below DAGSTER_HOME: runs, their events, and the switches of sensors. Those of single runs are shown, never needed.
DATABASES = ("history/runs.db", "history/runs/index.db", "schedules/schedules.db")


class HistoryDamagedError(Exception):
    """Dagster's history is damaged and in use; the text says what to do."""


def set_damaged_history_aside(settings: Settings) -> str:
    """Set Dagster's history aside where a database of it is damaged; what was done in words, else nothing.

    Lost are the history of runs and the switches of sensors: no figure, no release, no pin.

    Raises:
        HistoryDamagedError: a daemon works with it.
    """
    wrong = next(filter(None, (_damage(settings.dagster_home / name) for name in DATABASES)), "")
    if not wrong:
        return ""
    if holder := is_held(settings.daemon_lock):
        raise HistoryDamagedError(
            f"Dagster's history is damaged ({wrong}), and a daemon works with it ({holder}); next: stop "
            "`chokepoint serve` and start it again, which sets the history aside"
        )
    aside = next(
        path
        for number in itertools.count(1)
        if not (path := settings.data / f"dagster-set-aside-{number}").exists()
    )
    settings.dagster_home.rename(aside)
    settings.dagster_home.mkdir()
    # A person's own stays in force.
    if (config := aside / "dagster.yaml").exists():
        shutil.copy2(config, settings.dagster_home)
    prepare_environment(settings)
    return (
        f"Dagster's history was damaged ({wrong}): it is kept as {aside.name}/, and a new one begins. No figure is "
        "lost; next: look at the switches of sensors and schedules in the UI, and at the disk"
    )


def _damage(path: Path) -> str:
    if not path.exists():
        return ""
    try:
        with closing(sqlite3.connect(path, timeout=1)) as connection:
            ((said,),) = connection.execute("pragma quick_check(1)").fetchall()
    except sqlite3.OperationalError:
        # Locked, or shut to us: not damaged.
        return ""
    except (sqlite3.DatabaseError, ValueError) as error:
        said = str(error)
    return "" if said == "ok" else f"{path.name}: {said.splitlines()[0]}"
