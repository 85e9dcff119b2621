"""What `chokepoint pin` shows and does: editions found by machine, for a person who must decide."""

from collections.abc import Iterator

from dagster_project.operations import edition_trials
from dagster_project.settings import Settings
from sources.editions.pins import Pin, PinStore, candidate_folder, holds
from sources.reading.catalog import load_source
from sources.reading.errors import SourceError


def pin_report(settings: Settings) -> Iterator[str]:
    """Lines that say what is pinned beside `source.yml`, and what needs review and why."""
    pins = PinStore(settings.state).read()
    if not any(pins.values()):
        yield "Nothing is pinned beside source.yml, and nothing needs review."
    for source_id, items in sorted(pins.items()):
        for pin in items:
            spent = (
                "" if holds(pin, load_source(source_id)) else ", and source.yml has gone on since"
            )
            yield f"{source_id} {pin.edition.edition}: {pin.state} ({pin.kind}, found {pin.found_at}{spent})"
            if pin.reason:
                yield from (f"    {line}" for line in pin.reason.splitlines())
            yield from _compared(pin)


def _compared(pin: Pin) -> Iterator[str]:
    for name, value in pin.compared.items():
        if isinstance(value, list):
            yield f"    {name.replace('_', ' ')}:"
            yield from (f"      {_shown(item)}" for item in value)
        elif isinstance(value, dict):
            pairs = [f"{table} {before} -> {after}" for table, (before, after) in value.items()]
            yield f"    {name}: {', '.join(pairs)}"
        else:
            yield f"    {name}: {value}"


def _shown(item: object) -> str:
    if not isinstance(item, dict):
        return str(item)
    return (
        f"{item['table']} {item['what']}: {item['before']} -> {item['after']} ({item['fold']}-fold)"
    )


def _named(settings: Settings, name: str) -> tuple[str, Pin]:
    source_id, _, edition = name.partition(":")
    items = PinStore(settings.state).read().get(source_id, [])
    found = [pin for pin in items if pin.edition.edition == edition and pin.state == "needs_review"]
    if not found:
        raise SourceError(
            source=source_id,
            problem="no such edition needs review",
            where=str(PinStore(settings.state).path),
            expected="SOURCE:EDITION of one that needs review",
            got=repr(name),
            next_step="`chokepoint pin` lists them",
        )
    return source_id, found[0]


def accept_for_trial(settings: Settings, name: str) -> str:
    """A person decides that an edition is right: the next refresh tries it, with all its checks.

    Raises:
        SourceError: none of that name needs review, or its files could not be read.
        RefreshRunningError: a refresh runs, and may be reading what would be moved; nothing was.
    """
    source_id, pin = _named(settings, name)
    if not pin.edition.files or not candidate_folder(settings.raw, source_id, pin).is_dir():
        raise SourceError(
            source=source_id,
            problem="an edition whose files are not here whole can't be taken up",
            where=str(candidate_folder(settings.raw, source_id, pin)),
            expected="files that were fetched and read",
            got=pin.reason.splitlines()[0] if pin.reason else "none",
            next_step="mend what the reason says, then `chokepoint pin --again`",
        )
    pin.state, pin.reason, pin.tried = "trial", "", []
    edition_trials.put(settings, load_source(source_id), pin, holder="chokepoint pin --take")
    return f"{name} is on trial: the next refresh reads it, and publishes if every check passes"


def forget(settings: Settings, name: str) -> str:
    """Forget what needs review: the next look finds it again, and it is read and checked anew.

    Raises:
        SourceError: none of that name needs review.
    """
    source_id, pin = _named(settings, name)
    with PinStore(settings.state).changing() as pins:
        pins[source_id] = [
            known for known in pins[source_id] if known.fingerprint != pin.fingerprint
        ]
    return (
        f"{name} is forgotten; the next look of the sensor new_edition_{source_id} finds it again"
    )
