"""What a person should know while nobody looks: `chokepoint status --exit-code`, for a monitor or cron."""

import datetime as dt
import os
import time

from dagster_project.operations.alerts import HEARTBEAT_VARIABLE, Alert, post, waiting_alerts
from dagster_project.publishing.export import ExportError, served
from dagster_project.publishing.releases import current_release, damage
from dagster_project.settings import Settings

# The daemon's sensors tick each minute; a refresh or a look at a publisher may hold one up.
STALLED_SECONDS = 1800
# What is later than now was written by a clock that ran ahead: by it nothing would ever be old. Two hosts differ a little.
AHEAD_SECONDS = 600
# A refresh comes every week at least (`schedules.CRONS`).
OLD_DAYS = 10


def write_heartbeat(settings: Settings) -> None:
    """Write down that the daemon's sensors run; the time is that of the file. CHOKEPOINT_HEARTBEAT_URL is called too.

    A monitor elsewhere that hears nothing for a while wakes somebody: the only one that does where this machine
    is down.

    Raises:
        AlertError: the monitor did not take it; the text names its host at most.
    """
    settings.heartbeat.parent.mkdir(parents=True, exist_ok=True)
    settings.heartbeat.touch()
    if url := os.environ.get("CHOKEPOINT_HEARTBEAT_URL"):
        waiting = len(waiting_alerts(settings))
        post(url, {"text": f"Chokepoint's daemon runs; {waiting} alerts wait"}, HEARTBEAT_VARIABLE)


def days_since_refresh(settings: Settings) -> float:
    """Days since a refresh ended well, also one with nothing to do; since the release was built where that is not known."""
    try:
        then = settings.refreshed.stat().st_mtime
    except FileNotFoundError:
        about = current_release(settings.published) or {}
        then = dt.datetime.fromisoformat(about["built_at"]).timestamp() if about else 0.0
    return (time.time() - then) / 86_400


def damage_alert(what: str) -> Alert:
    """The alert for a release that is not, on disk, what was published."""
    return Alert(
        key=f"damaged {what}",
        title="Chokepoint: what is published was damaged on disk",
        what=what,
        do="nothing for the figures: it is published anew. Look at the disk, and at who may write to published/",
    )


def old_lists_alert(old: list[str], today: dt.date) -> Alert:
    """The alert for lists that nobody has looked at in time, once a month while that lasts."""
    return Alert(
        key=f"lists {today:%Y-%m}",
        title=f"Chokepoint: {len(old)} lists that are kept by hand are to be looked at again",
        what="\n".join(
            [*old, "What happened since is in no answer: controls in force are those of that day."]
        ),
        do=(
            "compare each with the world, add what is new (sources/reference/README.md), and move `checked_on` in "
            "dbt/seeds/reviewed_list.csv; docs/operate.md, part lists that are kept by hand"
        ),
    )


def _copy_problem(settings: Settings) -> str:
    """What is wrong with what others read, where CHOKEPOINT_PUBLISH_TO says; empty where it is the current release."""
    destination, current = str(settings.publish_to), current_release(settings.published) or {}
    try:
        latest = served(destination) or {}
    except ExportError as error:
        return f"{error}; next: see the address and its keys"
    if latest.get("release") == current.get("release"):
        return ""
    return (
        f"{destination} serves {latest.get('release', 'nothing')}, and {current.get('release')} is current; next: "
        "`chokepoint refresh`, which copies it"
    )


def problems(settings: Settings, *, is_automated: bool = True) -> list[str]:
    """What is wrong and what to do, one line each; empty where all is well.

    `is_automated`: whether a daemon is expected to run (`make serve`).
    """
    found = []
    current = settings.published / "current"
    if not current.exists():
        found.append("nothing is published; next: `make refresh`")
    elif wrong := damage(current):
        found.append(
            f"release {current.resolve().name} is damaged on disk ({wrong[0]}); next: `chokepoint refresh`, which "
            "publishes it anew"
        )
    elif (days := days_since_refresh(settings) if is_automated else 0) * 86_400 < -AHEAD_SECONDS:
        found.append(
            f"the last refresh ended {-days:.1f} days from now by the clock of then, so nobody knows how old what is "
            "published is; next: see the clock, then `chokepoint refresh --force`"
        )
    elif days > OLD_DAYS:
        found.append(
            f"no refresh has ended well for {days:.0f} days, so what is published may be old; next: "
            "`chokepoint refresh`, and mend what it says"
        )
    if is_automated:
        try:
            age = time.time() - settings.heartbeat.stat().st_mtime
        except FileNotFoundError:
            found.append("the daemon has never run here; next: `make serve`")
        else:
            if age < -AHEAD_SECONDS:
                found.append(
                    f"the daemon's sign of life is {-age / 60:,.0f} minutes from now by the clock of then, and it gave "
                    "none since; next: see the clock, then start `make serve` anew"
                )
            elif age > STALLED_SECONDS:
                found.append(
                    f"the daemon gave no sign of life for {age / 60:,.0f} minutes; next: `make serve`, or see why "
                    "its sensors stand still (Automation in the UI)"
                )
    if settings.publish_to is not None and (problem := _copy_problem(settings)):
        found.append(problem)
    if waiting := waiting_alerts(settings):
        found.append(
            f"{len(waiting)} alerts wait, the newest is {max(waiting, key=lambda path: path.stat().st_mtime)}; "
            "next: read them, and set CHOKEPOINT_ALERT_URL to have them posted"
        )
    return found
