"""Taking a new edition in: fetched beside the old, read, checked and compared; then on trial, or in need of review."""

import datetime as dt
import json
import shutil
from dataclasses import replace
from pathlib import Path

import yaml
from pydantic import ValidationError

from sources.editions.comparison import compare, edition_before
from sources.editions.detect import Detection, ahead_of_clock, draft
from sources.editions.pins import Pin, State, candidate_root, now, pins_of
from sources.fetching.client import Client
from sources.fetching.download import RemoteFile, download
from sources.fetching.edition_store import EditionStore, FetchedFile
from sources.fetching.fetch_edition import fetch_edition
from sources.fetching.retry import RetryPolicy
from sources.fetching.sciencebase import files_of
from sources.reading import clock
from sources.reading.catalog import Edition, NewEditions, Source, SourceFile, load_source
from sources.reading.errors import FetchError, SourceError
from sources.reading.files import hardlink_or_copy, sha256_of
from sources.reading.input import Input
from sources.reading.lake import write_atomically
from sources.reading.lake_checks import checks_of
from sources.reading.open_file import Tables
from sources.reading.paths import dropped_file, without_stand_ins
from sources.reading.published import read_published, verify_bytes
from sources.registry import reader_of

NOT_SHA256 = "0" * 64
# A look comes by the hour: without an end, each would end the process again.
MOST_DEATHS = 2


def fetch_candidate(
    source: Source,
    detection: Detection,
    raw: Path,
    drop: Path,
    *,
    retry_policy: RetryPolicy | None = None,
) -> Pin:
    """Bring in what was seen, and judge it. Nothing that a refresh reads is touched.

    Args:
        source: with the editions that are pinned, by `source.yml` or since.

    Returns:
        a pin on trial, its files still beside; or one that needs review, with the reason.

    Raises:
        FetchError: a transient failure at the publisher; nothing is decided, try again later.
    """
    root = candidate_root(raw, source.source_id, detection.fingerprint)
    begun = root / "begun"
    try:
        _count_beginning(source, detection, begun)
        if detection.kind == "told":
            raise _needs_a_person(
                source, detection, f"{detection.said}: it has files that no machine can fetch"
            )
        edition = CandidateFetcher(
            source, detection, raw, drop, root=root, retry_policy=retry_policy
        ).edition()
        if edition.edition in {known.edition for known in source.editions}:
            # However they came: figures that were quoted would change under their name.
            detection = replace(detection, kind="replaced")
        source = without_stand_ins(source, raw)
        after, before = _read(source, edition, detection, raw, root)
        return _judged(source, edition, detection, before, after)
    except SourceError as error:
        if isinstance(error, FetchError) and error.is_transient:
            raise
        return _pin(
            source,
            detection,
            _unreadable_edition(source, detection),
            state="needs_review",
            reason=str(error),
        )
    finally:
        # Only the end of the process leaves it behind.
        begun.unlink(missing_ok=True)


def _count_beginning(source: Source, detection: Detection, begun: Path) -> None:
    """Count how often this began and did not end: a file that kills the process is not read a third time.

    Raises:
        SourceError: the process died over it `MOST_DEATHS` times.
    """
    deaths = int(begun.read_text() or 0) if begun.is_file() else 0
    if deaths >= MOST_DEATHS:
        raise source.error(
            problem="a new edition that ended the process that read it",
            where=detection.said,
            expected="files that are read within the memory of this machine",
            got=f"no end of {deaths} beginnings: killed, out of memory, or a machine that stopped",
            next_step="look at the files' size and parts; fetch or drop others, and they are read anew",
        )
    write_atomically(begun, str(deaths + 1).encode())


def _judged(
    source: Source, edition: Edition, detection: Detection, before: Tables, after: Tables
) -> Pin:
    candidate = with_edition(source, edition)
    names = [known.edition for known in candidate.editions]
    other = (
        edition.edition if detection.kind == "replaced" else edition_before(names, edition.edition)
    )
    comparison = compare(
        reader_of(source.source_id).lake,
        before if detection.kind == "replaced" else after,
        after,
        (other, edition.edition),
        source,
    )
    outcomes = {
        f"lake/{source.source_id}/{check.table}: {check.name}": check.run(after)
        for check in checks_of(reader_of(source.source_id), candidate)
    } | {f"compared, {name}": outcome for name, outcome in comparison.outcomes.items()}
    stops, warned = (
        [
            f"{name}: {outcome.in_words()}"
            for name, outcome in outcomes.items()
            if not outcome.passed and outcome.severity == severity
        ]
        for severity in ("stop", "warn")
    )
    if stops:
        state, reason = "needs_review", "its own checks stop it: " + "; ".join(stops)
    elif detection.kind == "replaced":
        state = "needs_review"
        reason = (
            f"bytes of an edition that is pinned were replaced ({detection.said}). The new ones pass every "
            "check; whether they are right, a person decides"
        )
    else:
        reason = ahead_of_clock(source, edition, clock.today())
        state = "needs_review" if reason else "trial"
    compared = comparison.as_dict() | ({"warned": warned} if warned else {})
    return _pin(source, detection, edition, state=state, reason=reason, compared=compared)


def _pin(
    source: Source,
    detection: Detection,
    edition: Edition,
    *,
    state: State,
    reason: str,
    compared: dict[str, object] | None = None,
) -> Pin:
    return Pin(
        edition=edition,
        kind=detection.kind,
        fingerprint=detection.fingerprint,
        state=state,
        found_at=now(),
        against=pins_of(load_source(source.source_id), edition.edition),
        reason=reason,
        compared=compared or {},
    )


def with_edition(source: Source, edition: Edition) -> Source:
    """The source with this edition, in place of the one of its name."""
    others = [known for known in source.editions if known.edition != edition.edition]
    return source.with_editions(sorted([*others, edition], key=lambda other: other.released_on))


def _read(
    source: Source, edition: Edition, detection: Detection, raw: Path, root: Path
) -> tuple[Tables, Tables]:
    """Lake tables with the candidate, and without it where bytes were replaced.

    The other editions are read from where they lie; the folder of the candidate holds links to them.
    """
    own = root / source.source_id
    for known in source.editions:
        held, link = raw / source.source_id / known.edition, own / known.edition
        if known.edition != edition.edition and held.is_dir() and not link.exists():
            link.symlink_to(held.resolve(), target_is_directory=True)
    candidate = with_edition(source, edition)
    reader = reader_of(source.source_id)

    def lake_tables(read: Source, folder: Path) -> Tables:
        published = read_published(reader, read, Input.LIVE, folder, include_restricted=True)
        return reader.tidy(published, read)

    try:
        verify_bytes(candidate, Input.LIVE, root, include_restricted=True)
        after = lake_tables(candidate, root)
        return after, lake_tables(source, raw) if detection.kind == "replaced" else {}
    finally:
        for link in own.iterdir():
            if link.is_symlink():
                link.unlink()


def _unreadable_edition(source: Source, detection: Detection) -> Edition:
    """What stands in `pins.yml` for an edition that could not be read: its name, and where it was seen."""
    return Edition(
        edition=detection.edition,
        title=detection.said,
        released_on=_day(detection.day) or clock.today(),
        released_on_verified="not known",
        citation="",
        url=source.landing_page,
    )


def _needs_a_person(source: Source, detection: Detection, got: str) -> SourceError:
    return source.error(
        problem="a new edition that a person must take in",
        where=detection.said,
        expected="files that can be fetched, and a day of release",
        got=got,
        next_step=(
            f"follow the click-path in sources/{source.source_id}/README.md, and describe the edition in "
            "the drop folder (docs/operate.md, part a new edition)"
        ),
    )


def _day(text: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text[:10])
    except ValueError:
        return None


class CandidateFetcher:
    """One candidate's files, brought to its folder."""

    def __init__(
        self,
        source: Source,
        detection: Detection,
        raw: Path,
        drop: Path,
        *,
        root: Path,
        retry_policy: RetryPolicy | None,
    ) -> None:
        self.source, self.detection, self.raw, self.root = source, detection, raw, root
        self.drop = drop / source.source_id
        self.retry_policy = retry_policy

    def edition(self) -> Edition:
        """The edition with its pins; its files lie in the candidate's folder."""
        if self.detection.kind == "dropped":
            return self._dropped()
        if self.source.live is None:
            raise _needs_a_person(self.source, self.detection, "no publisher is asked")
        with Client(
            self.source.source_id, self.source.live, retry_policy=self.retry_policy
        ) as client:
            if self.detection.kind == "replaced":
                return self._replaced(client)
            return self._of_item(client) if self.detection.item else self._of_address(client)

    def _recipe(self) -> NewEditions:
        asked = self.source.live.new_editions if self.source.live else None
        if asked is None or not asked.files:
            raise _needs_a_person(self.source, self.detection, "no list of the files that it has")
        return asked

    def _of_item(self, client: Client) -> Edition:
        asked, day = self._recipe(), _day(self.detection.day)
        if day is None:
            raise _needs_a_person(
                self.source, self.detection, f"day of release {self.detection.day!r}"
            )
        edition = draft(self.source, self.detection, day)
        listed = files_of(client, self.detection.item)
        names = {file.name.format(**self._words(day)) for file in asked.files}
        lacking = sorted(name for name in names if name.lower() not in listed)
        if lacking:
            raise _needs_a_person(
                self.source,
                self.detection,
                f"no {', '.join(lacking[:4])}; it has {', '.join(sorted(listed)[:12])}",
            )
        folder = self.root / self.source.source_id / edition.edition
        kept: dict[str, FetchedFile] = {}
        for name in sorted(names):
            got = download(client, listed[name.lower()], folder / name)
            assert got is not None, "asked without a condition"
            kept[name] = FetchedFile.of(got)
        return self._pinned(edition, kept, day)

    def _of_address(self, client: Client) -> Edition:
        """The sheet that a rolling address serves now."""
        [(name, url)] = self.source.newest.live.addresses.items()
        arriving = self.root / "arriving" / name
        got = download(client, RemoteFile(name, url), arriving)
        assert got is not None, "asked without a condition"
        released_on = reader_of(self.source.source_id).released_on
        if released_on is None:
            raise _needs_a_person(
                self.source, self.detection, "no day of release that a file tells"
            )
        day = released_on(self.source, name, arriving.read_bytes())
        edition = draft(self.source, self.detection, day)
        if edition.edition in {known.edition for known in self.source.editions}:
            raise _needs_a_person(
                self.source, self.detection, f"another sheet of {edition.edition}, updated on {day}"
            )
        kept = {name: FetchedFile.of(got)}
        folder = self.root / self.source.source_id / edition.edition
        folder.mkdir(parents=True, exist_ok=True)
        arriving.replace(folder / name)
        return self._pinned(edition, kept, day)

    def _words(self, day: dt.date) -> dict[str, object]:
        return {**json.loads(self.detection.words), "day": day}

    def _pinned(self, edition: Edition, kept: dict[str, FetchedFile], day: dt.date) -> Edition:
        folder = f"{self.source.source_id}/{edition.edition}"
        named = [(file, file.name.format(**self._words(day))) for file in self._recipe().files]
        pinned = edition.with_files(
            SourceFile(
                table=file.table,
                path=f"{folder}/{name}",
                member=file.member,
                layout=file.layout,
                sha256=kept[name].sha256,
            )
            for file, name in named
        )
        store = EditionStore(self.root, self.source, pinned)
        store.record.files = kept
        store.save()
        return pinned

    def _replaced(self, client: Client) -> Edition:
        """The edition with the pins of the bytes that its publisher has now."""
        [edition] = [e for e in self.source.editions if e.edition == self.detection.edition]
        fetch_edition(client, self.source, edition, self.raw, self.drop)
        store = EditionStore(self.raw, self.source, edition)
        changed = store.record.changed
        folder = self.root / self.source.source_id / edition.edition
        for name in store.pins:
            hardlink_or_copy(
                (store.changed if name in changed else store.folder) / name, folder / name
            )
        return edition.with_files(
            file.model_copy(update={"sha256": changed[file.name].sha256})
            if file.name in changed
            else file
            for file in edition.files
        )

    def _dropped(self) -> Edition:
        """The edition that a person described; its pins are of the files beside the description."""
        path = self.drop / f"{self.detection.edition}.yml"
        try:
            content = yaml.safe_load(path.read_text(encoding="utf-8"))
            files = content["files"]
            for file in files:
                held = dropped_file(self.drop, path.stem, Path(file["path"]).name)
                file["sha256"] = sha256_of(held) if held.is_file() else NOT_SHA256
            edition = Edition.model_validate(content)
            lacking = [file.name for file in edition.files if file.sha256 == NOT_SHA256]
            if lacking:
                raise ValueError(f"{', '.join(lacking)} do not lie beside it")
            if edition.edition != path.stem:
                raise ValueError(f"it describes {edition.edition!r}")
        except (OSError, ValueError, KeyError, TypeError, yaml.YAMLError, ValidationError) as error:
            raise self.source.error(
                problem="the description of a dropped edition can't be used",
                where=str(path),
                expected=(
                    "edition, title, released_on, released_on_verified, citation, url and files (table, path, "
                    "layout, member), as in source.yml, without sha256; the file's name is the edition's"
                ),
                got=" ".join(str(error).split())[:300],
                next_step="correct the description; it is looked at again by itself",
            ) from None
        for file in edition.files:
            name = file.name
            to = self.root / self.source.source_id / edition.edition / name
            to.parent.mkdir(parents=True, exist_ok=True)
            # No second name: the person may still be copying into the drop folder.
            shutil.copyfile(dropped_file(self.drop, path.stem, name), to)
        return edition
