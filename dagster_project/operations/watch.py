"""What a person should know while nobody looks: `chokepoint status --exit-code`, for a monitor or cron."""

import time

from dagster_project.operations.alerts import waiting_alerts
from dagster_project.publishing.releases import current_release, is_whole
from dagster_project.settings import Settings

# The daemon's sensors tick each minute; a refresh or a look at a publisher may hold one up.
STALLED_SECONDS = 1800


def sign_of_life(settings: Settings) -> None:
    """Write down that the daemon's sensors run; the time is that of the file."""
    settings.heartbeat.parent.mkdir(parents=True, exist_ok=True)
    settings.heartbeat.touch()


def problems(settings: Settings, *, is_automated: bool = True) -> list[str]:
    """What is wrong and what to do, one line each; empty where all is well.

    `is_automated`: whether a daemon is expected to run (`make serve`).
    """
    found = []
    current = current_release(settings.published)
    if current is None:
        found.append("nothing is published; next: `make refresh`")
    elif not is_whole(settings.published / "current"):
        found.append(
            f"release {current['release']} is damaged on disk; next: `chokepoint refresh`, which publishes it anew"
        )
    if is_automated:
        try:
            age = time.time() - settings.heartbeat.stat().st_mtime
        except FileNotFoundError:
            found.append("the daemon has never run here; next: `make serve`")
        else:
            if age > STALLED_SECONDS:
                found.append(
                    f"the daemon gave no sign of life for {age / 60:,.0f} minutes; next: `make serve`, or see why "
                    "its sensors stand still (Automation in the UI)"
                )
    if waiting := waiting_alerts(settings):
        found.append(
            f"{len(waiting)} alerts wait, the newest is {max(waiting, key=lambda path: path.stat().st_mtime)}; "
            "next: read them, and set CHOKEPOINT_ALERT_URL to have them posted"
        )
    return found
