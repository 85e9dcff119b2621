"""What is new at a publisher or in the drop folder: a few small requests, no download.

A detection is reported once: its `fingerprint` is of the bytes that were seen, as far as their publisher tells them
apart, of our own code and lists for the source, and of the lists that all sources share. When these change, what was
refused is tried again.
"""

import datetime as dt
import hashlib
import json
import re
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from functools import cache, lru_cache
from pathlib import Path

from sources.editions.pins import Kind
from sources.fetching.client import Client
from sources.fetching.download import Validators
from sources.fetching.edition_store import EditionStore
from sources.fetching.retry import RetryPolicy, TransientError
from sources.fetching.sciencebase import files_of, items_found
from sources.reading.catalog import Edition, LiveEdition, NewEditions, Source
from sources.reading.files import sha256_of
from sources.reading.paths import dropped_file

OK, NOT_MODIFIED = 200, 304
MOST_PAGE_BYTES = 4_000_000
MOST_SLEEP_SECONDS = 10


def _no_long_sleep(seconds: float) -> None:
    """A look is an errand of a minute: what does not answer now is asked again at the next look."""
    if seconds > MOST_SLEEP_SECONDS:
        raise TransientError("busy", seconds)
    time.sleep(seconds)


# Dagster ends a sensor after 60 seconds; a request that is under way then takes 15 at most.
LOOK = RetryPolicy(
    connect_seconds=5, read_seconds=10, attempts=2, sleep=_no_long_sleep, whole_seconds=45
)


@dataclass(frozen=True)
class Detection:
    """Something that is not pinned. Every part is text, so that it can be handed on."""

    source_id: str
    edition: str
    kind: Kind
    fingerprint: str
    said: str
    # A ScienceBase item, the day of release as its publisher says it, words that its title filled in.
    item: str = ""
    day: str = ""
    words: str = "{}"

    def as_dict(self) -> dict[str, str]:
        """For a job's config."""
        return asdict(self)


def detect_editions(
    source: Source, raw: Path, drop: Path, *, retry_policy: RetryPolicy | None = None
) -> list[Detection]:
    """What is new or changed.

    Args:
        source: with the editions that are pinned, by `source.yml` or since.

    Raises:
        FetchError: the publisher can't be asked, or answers otherwise than it did.
    """
    seen = [*_dropped(source, drop / source.source_id)]
    if source.live is None or not source.live.hosts:
        return seen
    with Client(source.source_id, source.live, retry_policy=retry_policy or LOOK) as client:
        seen += _changed_items(client, source, raw)
        seen += _changed_addresses(client, source, raw)
        asked = source.live.new_editions
        if asked and asked.search:
            seen += _new_items(client, source, asked, asked.search)
        if asked and asked.page:
            seen += _on_page(client, source, asked, asked.page)
    return seen


def _detection(
    source: Source, edition: str, kind: Kind, bytes_seen: object, said: str, **more: str
) -> Detection:
    text = json.dumps([edition, kind, bytes_seen, code_fingerprint(source.folder)], sort_keys=True)
    fingerprint = hashlib.sha256(text.encode()).hexdigest()[:24]
    return Detection(source.source_id, edition, kind, fingerprint, said, **more)


@cache
def code_fingerprint(folder: Path) -> str:
    """Digest of our reader and lists of a source, which lie in its folder, and of the lists in `reference/` beside it."""
    digest = hashlib.sha256()
    own = [*folder.glob("*"), *folder.glob("mappings/*")]
    shared = folder.parent.glob("reference/*.csv")
    for path in [*sorted(own), *sorted(shared)]:
        if path.suffix in {".py", ".yml", ".csv"}:
            digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()[:16]


def _changed_items(client: Client, source: Source, raw: Path) -> Iterator[Detection]:
    """Files of a known item that are listed with another MD5 than that of the pinned bytes.

    What was fetched in their place already is seen as before: nothing but a decision ends that.
    """
    for edition in source.editions:
        live, record = edition.live, EditionStore(raw, source, edition).record
        if not live.item or not (record.files or record.archives or record.changed):
            continue
        listed = files_of(client, live.item, children=live.children)
        known = {
            live.names.get(name, name): record.files[name].md5 if name in record.files else None
            for name in record.files.keys() | record.changed.keys()
        }
        # The archive of other members is another one, although it is the one that we opened last.
        others = {kept.url for kept in record.changed.values()}
        known |= {
            name: None if kept.url in others else kept.md5 for name, kept in record.archives.items()
        }
        changed = {
            name: remote.md5
            for name, md5 in known.items()
            if (remote := listed.get(name.lower())) and remote.md5 and remote.md5.lower() != md5
        }
        if changed:
            said = f"other bytes under the same name: {', '.join(sorted(changed))}"
            yield _detection(source, edition.edition, "replaced", changed, said, item=live.item)


def _changed_addresses(client: Client, source: Source, raw: Path) -> Iterator[Detection]:
    """Addresses that no longer serve what they served, by a conditional request whose body is not read."""
    rolling = [edition for edition in source.editions if edition.live.rolling]
    for edition in source.editions:
        live = edition.live
        # The address of the newest sheet is that of every sheet before.
        if live.rolling and edition is not rolling[-1]:
            continue
        store = EditionStore(raw, source, edition)
        changed: dict[str, str | None] = {}
        for name, url in sorted(live.addresses.items()):
            known = store.record.files.get(name)
            if known is None and name not in store.record.changed:
                continue
            conditions = known.validators.conditions if known else {}
            now = _asked(client, url, conditions)
            if now is not None and (known is None or now != known.validators):
                changed[name] = now.etag or now.last_modified
        if not changed:
            continue
        names = ", ".join(sorted(changed))
        if live.rolling:
            yield _detection(source, f"after {edition.edition}", "new", changed, f"another {names}")
        else:
            said = f"other bytes at the same address: {names}"
            yield _detection(source, edition.edition, "replaced", changed, said)


def _asked(client: Client, url: str, conditions: dict[str, str]) -> Validators | None:
    """What an address serves now; None where the conditions hold. The body is not read."""

    def attempt() -> Validators | None:
        accepted = frozenset({OK, NOT_MODIFIED})
        with client.response(url, headers=conditions, accepted=accepted) as response:
            return Validators.of(response) if response.status_code == OK else None

    return client.with_retries(attempt, client.shown(url))


def _new_items(
    client: Client, source: Source, asked: NewEditions, words: str
) -> Iterator[Detection]:
    """Items of ScienceBase whose title is that of an edition that we don't have, and not an older one."""
    known = {edition.edition for edition in source.editions}
    newest = max(known)
    for item in items_found(client, words):
        found = re.search(asked.pattern, item.title)
        if found is None or item.id in {edition.live.item for edition in source.editions}:
            continue
        name = asked.edition.format(**found.groupdict())
        if name in known or name < newest:
            continue
        listed = {
            file.name: (file.checksum.value if file.checksum else file.size) for file in item.files
        }
        yield _detection(
            source,
            name,
            "new",
            listed,
            f"{item.title!r} in ScienceBase, {len(listed)} files",
            item=item.id,
            day=item.published_on,
            words=json.dumps(found.groupdict()),
        )


def _on_page(client: Client, source: Source, asked: NewEditions, page: str) -> Iterator[Detection]:
    """Names of editions that a page of the publisher's has and we don't."""

    def attempt() -> bytes:
        with client.response(page) as response:
            return b"".join(client.body(response, MOST_PAGE_BYTES, client.shown(page)))

    body = client.with_retries(attempt, client.shown(page))
    known = {edition.edition for edition in source.editions}
    text = body.decode("utf-8", "replace")
    listed = sorted({item.group(): item for item in re.finditer(asked.pattern, text)}.items())
    # Nothing new, and nothing at all, are not the same.
    if not listed:
        raise client.error(
            problem="a page that names no edition at all",
            where=client.shown(page),
            expected=f"names of editions, as {max(known)}",
            got=" ".join(text.split())[:200] or "an empty page",
            next_step="nothing, if it passes; else open the page, and follow it in `live.new_editions`",
            is_transient=True,
        )
    for found in listed:
        name = asked.edition.format(**found[1].groupdict())
        if name not in known and name > max(known):
            yield _detection(source, name, "told", found[0], f"{found[0]} on {page}")


def _dropped(source: Source, drop: Path) -> Iterator[Detection]:
    """`<edition>.yml` in the drop folder: a person describes an edition whose files lie beside it."""
    pinned = {edition.edition: edition for edition in source.editions}
    for path in sorted(drop.glob("*.yml")):
        if path.stem in pinned and not _differs(pinned[path.stem], drop):
            continue
        beside = {
            str(item.relative_to(drop)): _touched(item)
            for item in sorted([*drop.iterdir(), *(drop / path.stem).glob("*")])
            if item.is_file() and item.suffix != ".yml"
        }
        seen = [hashlib.sha256(path.read_bytes()).hexdigest(), beside]
        yield _detection(source, path.stem, "dropped", seen, f"{path.name} in the drop folder")


def _touched(path: Path) -> tuple[int, int]:
    """By what one sees that a file was written again: size and time."""
    stat = path.stat()
    return stat.st_size, stat.st_mtime_ns


@lru_cache(maxsize=1024)
def _sha256_of(path: Path, _size: int, _mtime_ns: int) -> str:
    """Read once while it stays as it is: a release of BACI has gigabytes, and a look is one of many."""
    return sha256_of(path)


def _differs(edition: Edition, drop: Path) -> bool:
    """Whether a described edition that is pinned has other bytes in the drop folder."""
    return any(
        path.is_file() and _sha256_of(path, *_touched(path)) != file.sha256
        for file in edition.files
        for path in (dropped_file(drop, edition.edition, file.name),)
    )


def overdue(source: Source, today: dt.date) -> str:
    """Why the next edition is overdue, in words; empty where it is not, or none is known.

    An edition pinned under a day to come does not count, else it would keep this silent until then.
    """
    released = [edition for edition in source.editions if not is_ahead_of_clock(edition, today)]
    if not released:
        return ""
    newest = source.with_editions(released).newest
    days = (today - newest.released_on).days
    if days <= source.overdue_after_days:
        return ""
    return (
        f"{newest.edition} came out on {newest.released_on}, {days} days ago; one is expected every "
        f"{source.overdue_after_days} days at most ({source.cadence})"
    )


def is_ahead_of_clock(edition: Edition, today: dt.date) -> bool:
    """Whether an edition is of a day to come. A day off is that of another time zone."""
    return edition.released_on > today + dt.timedelta(days=1)


def ahead_of_clock(source: Source, edition: Edition, today: dt.date) -> str:
    """Why an edition can't be in order by its day: it, or one that is pinned, is of a day to come. Else empty."""
    ahead = [
        f"{known.edition} ({known.released_on})"
        for known in [edition, *source.editions]
        if is_ahead_of_clock(known, today)
    ]
    if not ahead:
        return ""
    return (
        f"released after today: {', '.join(ahead)}; expected {today} at the latest, by the clock of this machine. "
        "Such an edition stays the newest until its day comes. If the clock is wrong, put it right; if the day is, "
        "mend the description in the drop folder; take out of state/pins.yml what was pinned under a day to come. "
        "Then `chokepoint pin --again`"
    )


def draft(source: Source, detection: Detection, day: dt.date) -> Edition:
    """The edition that a detection tells of, its files not yet known."""
    asked = source.live.new_editions if source.live else None
    assert asked is not None, "seen by this recipe"
    words = {**json.loads(detection.words), "day": day}
    is_item = bool(detection.item)
    newest = source.newest
    return Edition(
        edition=asked.edition.format(**words),
        title=asked.title.format(**words),
        released_on=day,
        released_on_verified="as its publisher's catalog says" if is_item else "as the file says",
        citation=asked.citation.format(**words),
        url=f"https://www.sciencebase.gov/catalog/item/{detection.item}" if is_item else newest.url,
        live=LiveEdition(item=detection.item) if is_item else newest.live,
    )
