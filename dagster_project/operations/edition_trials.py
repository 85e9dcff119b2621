"""Editions on trial: which one a build reads, and what the build's end says of it.

Only the input `live` reads editions that were found by machine. A refresh that published shows that
everything built on the edition holds; one whose checks stopped sends it to review, with the checks'
own words, and the next refresh reads what was read before.
"""

import json
from functools import partial

from dagster_project.operations import alerts
from dagster_project.operations.lock import refresh_lock
from dagster_project.publishing import audit
from dagster_project.settings import EVERYTHING_PUBLISHED, Settings
from sources.editions.pins import (
    Pin,
    PinStore,
    end_trial,
    forget_trial,
    holds,
    on_trial,
    pins_for_refresh,
    place,
    restore_replaced,
    with_pins,
)
from sources.reading.catalog import Source, load_source
from sources.reading.input import Input, is_left_out
from sources.reading.published import digest_of_pins


def start_trial(settings: Settings, build_id: str, *, is_whole: bool) -> dict[str, list[Pin]]:
    """Pins that this build reads, by source; and earlier trials whose builds died are resolved.

    Args:
        is_whole: a whole refresh: it alone can prove an edition, so it alone reads one on trial.
    """
    if settings.input is not Input.LIVE:
        return {}
    store = PinStore(settings.state)
    for pins in store.read().values():
        for pin in pins:
            if pin.state == "trial" and pin.tried:
                resolve_trial(settings, pin.tried[-1])
    # A release as of an earlier day says nothing of an edition that came out since.
    if is_whole and settings.as_of == EVERYTHING_PUBLISHED:
        read = pins_for_refresh(store, build_id, partial(_is_read, settings))
        for source_id, pins in read.items():
            for pin in pins:
                if pin.state == "trial":
                    place(settings.raw, load_source(source_id), pin)
        return read
    return {
        source_id: [pin for pin in pins if pin.state == "current"]
        for source_id, pins in store.read().items()
    }


def due(settings: Settings) -> list[Pin]:
    """Editions on trial that the next whole refresh would read, the first of them now."""
    if settings.input is not Input.LIVE or settings.as_of != EVERYTHING_PUBLISHED:
        return []
    return on_trial(PinStore(settings.state).read(), partial(_is_read, settings))


def _is_read(settings: Settings, source_id: str, pin: Pin) -> bool:
    """Whether a build reads this edition: source.yml may have gone on, or its source be left out."""
    source = load_source(source_id)
    return holds(pin, source) and not is_left_out(
        source, settings.input, settings.include_restricted
    )


def _was_read(settings: Settings, source_id: str, pin: Pin) -> bool:
    """Whether the bytes that were verified last are those of this edition."""
    try:
        recorded = json.loads((settings.raw / f"{source_id}.json").read_text(encoding="utf-8"))
        return recorded["editions"].get(pin.edition.edition) == digest_of_pins(pin.edition)
    except (OSError, ValueError, KeyError):
        return False


def resolve_trial(
    settings: Settings, build_id: str, *, is_outage: bool = False
) -> list[tuple[str, Pin]]:
    """Decide what follows from a build for the edition that it tried, if any. Idempotent: a second call changes nothing.

    Args:
        is_outage: a transient failure at a publisher ended it, so that it does not count as a trial.

    Returns:
        source and pin of what is now current, or needs review.
    """
    results = audit.read(settings.audit, build_id)
    refusals = [f"{item.key}: {item.summary}" for item in results if item.stops]
    store = PinStore(settings.state)
    if is_outage and not refusals:
        forget_trial(store, build_id)
    ended = end_trial(
        store,
        build_id,
        refusals,
        is_published=not refusals and _is_published(settings, build_id),
        was_read=partial(_was_read, settings),
        put_back=partial(_put_back, settings),
    )
    for source_id, pin in ended:
        if pin.state == "needs_review":
            alerts.raise_alert(settings, alerts.edition_needs_review(source_id, pin))
    return ended


def promote(settings: Settings, build_id: str) -> list[tuple[str, Pin]]:
    """The build was published: what it tried is current, if it read it."""
    return end_trial(
        PinStore(settings.state),
        build_id,
        (),
        is_published=True,
        was_read=partial(_was_read, settings),
        put_back=partial(_put_back, settings),
    )


def _put_back(settings: Settings, source_id: str, pin: Pin) -> None:
    current = [
        known
        for known in PinStore(settings.state).read().get(source_id, [])
        if known.state == "current"
    ]
    restore_replaced(settings.raw, with_pins(load_source(source_id), current), pin)


def _is_published(settings: Settings, build_id: str) -> bool:
    """Whether the current release is of this build: it was killed behind the rename."""
    path = settings.published / "current" / "release.json"
    try:
        return json.loads(path.read_text(encoding="utf-8"))["build_id"] == build_id
    except (OSError, ValueError, KeyError):
        return False


def put(
    settings: Settings, source: Source, pin: Pin, *, holder: str, wait_seconds: float = 0
) -> None:
    """Keep what came of taking an edition in: on trial with its files in place, or in need of review, with an alert.

    Files are moved under the lock of a refresh, which may be reading them.

    Args:
        holder: who says so, for people whom the lock meanwhile refuses.
        wait_seconds: how long to wait for a refresh that runs.

    Raises:
        RefreshRunningError: one runs still; nothing was kept.
    """
    store = PinStore(settings.state)
    with refresh_lock(settings.lock, holder, wait_seconds=wait_seconds):
        for known in store.read().get(source.source_id, []):
            is_replaced = (
                known.edition.edition == pin.edition.edition
                and known.fingerprint != pin.fingerprint
            )
            if known.state == "trial" and is_replaced:
                _put_back(settings, source.source_id, known)
        # Noted first: what a kill then leaves undone, the build that tries the edition does.
        store.put(source.source_id, pin)
        if pin.state == "trial":
            place(settings.raw, source, pin)
    if pin.state == "needs_review":
        alerts.raise_alert(settings, alerts.edition_needs_review(source.source_id, pin))
