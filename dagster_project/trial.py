"""Editions on trial: which one a build reads, and what the build's end says of it.

Only the input `live` reads editions that were found by machine. A refresh that published shows that
everything built on the edition holds; one whose checks stopped sends it back to wait, with the checks'
own words, and the next refresh reads what was read before.
"""

import json

from dagster_project import alerts, audit
from dagster_project.settings import EVERYTHING_PUBLISHED, Settings
from sources.catalog import Source, load_source
from sources.inputs import Input
from sources.intake.pins import Pin, PinStore, begin_trial, end_trial, place, unplace


def begin(settings: Settings, build_id: str, *, is_whole: bool) -> dict[str, list[Pin]]:
    """Pins that this build reads, by source; and earlier trials whose builds died are settled.

    Args:
        is_whole: a whole refresh: it alone can prove an edition, so it alone reads one on trial.
    """
    if settings.input is not Input.LIVE:
        return {}
    store = PinStore(settings.state)
    for pins in store.read().values():
        for pin in pins:
            if pin.state == "trial" and pin.tried:
                settle(settings, pin.tried[-1])
    # A release as of an earlier day says nothing of an edition that came out since.
    if is_whole and settings.as_of == EVERYTHING_PUBLISHED:
        return begin_trial(store, build_id)
    return {
        source_id: [pin for pin in pins if pin.state == "current"]
        for source_id, pins in store.read().items()
    }


def settle(settings: Settings, build_id: str) -> list[tuple[str, Pin]]:
    """Draw the conclusion of a build for the edition that it tried, if it tried one. Asked twice, once done.

    Returns:
        source and pin of what is now current, or waits.
    """
    results = audit.read(settings.audit, build_id)
    refusals = [f"{item.key}: {item.summary}" for item in results if item.stops]
    ended = end_trial(
        PinStore(settings.state),
        build_id,
        refusals,
        is_published=not refusals and _is_published(settings, build_id),
        put_back=lambda source_id, pin: unplace(settings.raw, load_source(source_id), pin),
    )
    for source_id, pin in ended:
        if pin.state == "waiting":
            alerts.raise_alert(settings, alerts.waits(source_id, pin))
    return ended


def prove(settings: Settings, build_id: str) -> list[tuple[str, Pin]]:
    """The build was published: what it tried is current."""
    return end_trial(PinStore(settings.state), build_id, (), is_published=True)


def _is_published(settings: Settings, build_id: str) -> bool:
    """Whether the current release is of this build: it was killed behind the rename."""
    path = settings.published / "current" / "release.json"
    try:
        return json.loads(path.read_text(encoding="utf-8"))["build_id"] == build_id
    except (OSError, ValueError, KeyError):
        return False


def put(settings: Settings, source: Source, pin: Pin) -> None:
    """Keep what came of taking an edition in: on trial with its files in place, or waiting, told."""
    if pin.state == "trial":
        place(settings.raw, source, pin)
    PinStore(settings.state).put(source.source_id, pin)
    if pin.state == "waiting":
        alerts.raise_alert(settings, alerts.waits(source.source_id, pin))
