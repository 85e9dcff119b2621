"""`pins.yml`: editions that were found by machine, beside `source.yml`; and the sources as a build reads them.

A pin overrides the `source.yml` that it was made against. Where a person pins the edition otherwise since
then, `source.yml` holds again.
"""

import contextlib
import fcntl
import hashlib
import json
import shutil
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, model_validator

from sources.fetching.edition_store import EditionStore, read_record, save_record
from sources.reading import clock
from sources.reading.catalog import Edition, Source, load_source
from sources.reading.disk import write_atomically
from sources.reading.errors import SourceError
from sources.reading.files import hardlink_or_copy, sha256_of

State = Literal["current", "trial", "needs_review"]
Kind = Literal["new", "replaced", "dropped", "told"]
MOST_TRIALS = 3
FINGERPRINT_LENGTH, KEPT_DAYS = 12, 7


class Pin(BaseModel):
    """One edition that was found.

    `trial`: its own checks passed, and the next whole refresh shows whether everything built on it does.
    `current`: it did. `needs_review`: it did not, or a person must decide; `reason` says which.
    """

    model_config = ConfigDict(extra="forbid")

    edition: Edition
    kind: Kind
    # Of the bytes, and of our code that read them: the same fingerprint is not taken in again.
    fingerprint: str
    state: State
    found_at: str
    # Digest of what source.yml pins for this edition; empty where it has no such edition.
    against: str = ""
    reason: str = ""
    compared: dict[str, object] = {}
    # Builds that tried it.
    tried: list[str] = []

    @model_validator(mode="before")
    @classmethod
    def _from_older_release(cls, written: Any) -> Any:
        """A pin as releases before 2026.12 wrote it, in the words of today."""
        if isinstance(written, dict) and "mark" in written:
            written = {"fingerprint" if key == "mark" else key: v for key, v in written.items()}
            if written.get("state") == "waiting":
                written["state"] = "needs_review"
        return written

    @property
    def is_active(self) -> bool:
        """Whether a build may read it."""
        return self.state != "needs_review"


# A question about a pin of a source.
Asked = Callable[[str, Pin], bool]


def now() -> str:
    """This moment in UTC."""
    return clock.now().isoformat(timespec="seconds")


def pins_of(source: Source, edition: str) -> str:
    """Digest of the files that `source.yml` pins for an edition; empty where it lacks the edition."""
    files = [
        [file.model_dump() for file in known.files]
        for known in source.editions
        if known.edition == edition
    ]
    return hashlib.sha256(json.dumps(files[0]).encode()).hexdigest()[:16] if files else ""


def holds(pin: Pin, source: Source) -> bool:
    """Whether a pin still overrides `source.yml` (given as `source`)."""
    return pin.against == pins_of(source, pin.edition.edition)


def with_pins(source: Source, pins: Sequence[Pin]) -> Source:
    """The source with the editions of these pins, in the order of their release.

    Of two pins of one edition the later one counts: new bytes on trial beside the current ones.
    """
    ours = {pin.edition.edition: pin.edition for pin in pins if holds(pin, source)}
    if not ours:
        return source
    editions = [ours.pop(known.edition, known) for known in source.editions] + list(ours.values())
    return source.with_editions(sorted(editions, key=lambda edition: edition.released_on))


class PinStore:
    """`<state>/pins.yml`. Changed only within `changing`, which no two processes enter at once."""

    def __init__(self, state: Path) -> None:
        self.path = state / "pins.yml"

    def read(self) -> dict[str, list[Pin]]:
        """Pins by source, oldest first.

        Raises:
            SourceError: the file was damaged, by hand or by the disk.
        """
        if not self.path.exists():
            return {}
        try:
            content = yaml.safe_load(self.path.read_text(encoding="utf-8")) or {}
            return {
                source_id: [Pin.model_validate(item) for item in items]
                for source_id, items in content.items()
            }
        except (yaml.YAMLError, ValueError, AttributeError, TypeError) as error:
            raise SourceError(
                source="pins",
                problem="pins.yml can't be read",
                where=str(self.path),
                expected="what the daemon wrote: lists of pins by source",
                got=str(error).splitlines()[0],
                next_step=(
                    "undo what was edited; or move the file away: source.yml then holds alone, and new "
                    "editions are found again"
                ),
            ) from None

    @contextlib.contextmanager
    def changing(self) -> Iterator[dict[str, list[Pin]]]:
        """The pins, written back at the end of the block; the kernel frees the lock at death."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.with_suffix(".lock").open("ab") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            pins = self.read()
            before = self._text(pins)
            yield pins
            after = self._text(pins)
            if after != before:
                write_atomically(self.path, after.encode("utf-8"))

    def put(self, source_id: str, pin: Pin) -> None:
        """Add a pin, in place of what waited under the same edition."""
        with self.changing() as pins:
            kept = [
                known
                for known in pins.get(source_id, [])
                if known.edition.edition != pin.edition.edition
                # What is current stays so until the new bytes are.
                or (known.state == "current" and pin.state != "current")
            ]
            pins[source_id] = [*kept, pin]

    def has_seen(self, source_id: str, fingerprint: str) -> bool:
        """Whether this was taken in before, whatever came of it."""
        return any(pin.fingerprint == fingerprint for pin in self.read().get(source_id, []))

    def forget_unseen(self, source_id: str, fingerprints: set[str]) -> None:
        """Drop what needs review and is no longer there: its publisher put it right, or a drop was taken out."""
        with self.changing() as pins:
            pins[source_id] = [
                pin
                for pin in pins.get(source_id, [])
                if pin.state != "needs_review" or pin.fingerprint in fingerprints
            ]

    @staticmethod
    def _text(pins: dict[str, list[Pin]]) -> str:
        content = {
            source_id: [pin.model_dump(mode="json", exclude_defaults=True) for pin in items]
            for source_id, items in sorted(pins.items())
            if items
        }
        head = (
            "# Editions found by machine; written by the daemon, read by refreshes with CHOKEPOINT_INPUT=live.\n"
            "# `chokepoint pin` shows it; `chokepoint pin --accept` turns it into a diff of source.yml.\n"
        )
        return head + yaml.safe_dump(content, sort_keys=False, allow_unicode=True, width=110)


def _every_pin(_source_id: str, _pin: Pin) -> bool:
    return True


def on_trial(pins: Mapping[str, Sequence[Pin]], is_read: Asked = _every_pin) -> list[Pin]:
    """Editions on trial that a build would read, oldest first."""
    found = [
        pin
        for source_id, items in pins.items()
        for pin in items
        if pin.state == "trial" and is_read(source_id, pin)
    ]
    return sorted(found, key=lambda pin: pin.found_at)


def pins_for_refresh(
    store: PinStore, build_id: str, is_read: Asked = _every_pin
) -> dict[str, list[Pin]]:
    """Pins that a whole refresh reads: every current one, and the oldest on trial, which is noted.

    One on trial at a time, so that a check that stops says which edition it stops.

    Args:
        is_read: whether this build reads the edition at all; one that it doesn't read proves nothing.
    """
    with store.changing() as pins:
        chosen = on_trial(pins, is_read)[:1]
        for pin in chosen:
            pin.tried.append(build_id)
        return {
            source_id: [pin for pin in items if pin.state == "current" or pin in chosen]
            for source_id, items in pins.items()
        }


def forget_trial(store: PinStore, build_id: str) -> None:
    """A build ended by an outage of some publisher: as if it had not tried the edition."""
    with store.changing() as pins:
        for pin in [pin for items in pins.values() for pin in items if pin.state == "trial"]:
            pin.tried = [build for build in pin.tried if build != build_id]


def end_trial(
    store: PinStore,
    build_id: str,
    refusals: Sequence[str],
    *,
    is_published: bool,
    was_read: Asked = _every_pin,
    put_back: Callable[[str, Pin], None] = lambda _source_id, _pin: None,
) -> list[tuple[str, Pin]]:
    """What a finished build says of the edition that it tried: current, or in need of review with the reason.

    A build that ended for another reason (a kill) says nothing, three times at most.

    Args:
        refusals: checks of the build that stopped it, in words.
        was_read: whether the build read those very bytes; a release without them proves nothing.
        put_back: done before an edition is said to need review.

    Returns:
        source and pin of what changed its state.
    """
    ended: list[tuple[str, Pin]] = []
    proven: list[Pin] = []
    with store.changing() as pins:
        for source_id, items in pins.items():
            # Of the last build that tried it: a late word of one before is not that of the one that runs.
            for pin in [p for p in items if p.state == "trial" and p.tried[-1:] == [build_id]]:
                if is_published and was_read(source_id, pin):
                    pin.state = "current"
                    proven.append(pin)
                elif refusals:
                    pin.state, pin.reason = (
                        "needs_review",
                        "a refresh with it was stopped: " + "; ".join(refusals[:8]),
                    )
                elif len(pin.tried) >= MOST_TRIALS:
                    pin.state = "needs_review"
                    pin.reason = f"{len(pin.tried)} refreshes with it ended without a release of it"
                else:
                    continue
                if pin.state == "needs_review":
                    put_back(source_id, pin)
                ended.append((source_id, pin))
            names = {pin.edition.edition for pin in proven}
            pins[source_id] = [
                pin for pin in items if pin.edition.edition not in names or pin in proven
            ]
            proven.clear()
    return ended


def place(raw: Path, source: Source, pin: Pin) -> None:
    """Put the files of a candidate into its edition's folder; what they replace goes to `replaced/`.

    Asked again after a kill half-way, or once it is done: what stands already stays.
    """
    root = candidate_root(raw, source.source_id, pin.fingerprint)
    if not root.is_dir():
        return
    store = EditionStore(raw, source, pin.edition)
    beside = candidate_folder(raw, source.source_id, pin)
    for name, sha256 in store.pins.items():
        arrived, standing = beside / name, store.folder / name
        if not arrived.is_file() or (standing.is_file() and standing.samefile(arrived)):
            continue
        known = store.record.files.get(name)
        if known and known.sha256 != sha256:
            before = read_record(_before(store, sha256))
            before.files[name] = known
            save_record(_before(store, sha256), before)
        if standing.is_file():
            kept = _before(store, sha256) / name
            kept.parent.mkdir(parents=True, exist_ok=True)
            standing.replace(kept)
        store.folder.mkdir(parents=True, exist_ok=True)
        arrived.replace(standing)
    # What its publisher said of the files: the next refresh asks whether it still holds.
    store.record.files |= EditionStore(root, source, pin.edition).record.files
    for name in [name for name in store.record.changed if name in store.pins]:
        if store.record.changed[name].sha256 == store.pins[name]:
            store.record.files[name] = store.record.changed.pop(name)
            (store.changed / name).unlink(missing_ok=True)
    store.save()
    shutil.rmtree(root, ignore_errors=True)


def remove_unpinned_candidates(raw: Path, store: PinStore) -> None:
    """Remove files of candidates that no pin has any more, once nobody can be at work on them."""
    fingerprints = {
        pin.fingerprint[:FINGERPRINT_LENGTH] for pins in store.read().values() for pin in pins
    }
    for folder in (raw / ".candidates").glob("*"):
        age = time.time() - folder.stat().st_mtime
        if folder.name.rpartition("-")[2] not in fingerprints and age > KEPT_DAYS * 86_400:
            shutil.rmtree(folder, ignore_errors=True)


def restore_replaced(raw: Path, source: Source, pin: Pin) -> None:
    """Back to what stood in place before `place`; a candidate's files go back beside.

    What was known of the bytes before is known again, so that a look still sees that others are offered.

    Args:
        source: as it is read without this pin; files that the pin leaves alone stay.
    """
    store = EditionStore(raw, source, pin.edition)
    beside = EditionStore(
        candidate_root(raw, source.source_id, pin.fingerprint), source, pin.edition
    )
    known = [edition for edition in source.editions if edition.edition == pin.edition.edition]
    same = {file.name: file.sha256 for edition in known for file in edition.files}
    for name, sha256 in store.pins.items():
        if same.get(name) == sha256:
            continue
        kept, standing = _before(store, sha256) / name, store.folder / name
        # Asked again after a kill half-way: what is back already stays.
        if standing.is_file() and sha256_of(standing) == sha256:
            beside.folder.mkdir(parents=True, exist_ok=True)
            standing.replace(beside.folder / name)
        if kept.is_file():
            kept.replace(standing)
        said = store.record.files.get(name)
        if said is None or said.sha256 != sha256:
            continue
        del store.record.files[name]
        if before := read_record(_before(store, sha256)).files.get(name):
            store.record.files[name] = before
        if pin.kind == "replaced" and (beside.folder / name).is_file():
            hardlink_or_copy(beside.folder / name, store.changed / name)
            store.record.changed[name] = said
        else:
            beside.record.files[name] = said
    if beside.folder.is_dir():
        beside.save()
    if store.folder.is_dir():
        store.save()


def _before(store: EditionStore, sha256: str) -> Path:
    """Folder of what the file with this digest replaced, with a record of its own."""
    return store.folder / "replaced" / sha256[:12]


def candidate_folder(raw: Path, source_id: str, pin: Pin) -> Path:
    """Where a candidate's files lie until it is on trial."""
    return candidate_root(raw, source_id, pin.fingerprint) / source_id / pin.edition.edition


def candidate_root(raw: Path, source_id: str, fingerprint: str) -> Path:
    """Root of a candidate: laid out as `raw` is, so that it is read as `live` reads."""
    return raw / ".candidates" / f"{source_id}-{fingerprint[:FINGERPRINT_LENGTH]}"


def effective(store: PinStore, source_id: str) -> Source:
    """A source with every edition that is current or on trial."""
    pins = [pin for pin in store.read().get(source_id, []) if pin.is_active]
    return with_pins(load_source(source_id), pins)
