"""Where fetched files lie, and what is known of each: `<raw>/<source>/<edition>/<name>`.

Beside them: `.fetched.json` (addresses, validators, times), `.arriving/` (what is not verified yet) and
`changed/` (what a publisher now sends in place of a pinned file: never read by a refresh).
"""

import shutil
from dataclasses import asdict, dataclass, field
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from sources.fetching.download import Downloaded, Validators, note
from sources.reading import clock
from sources.reading.catalog import Edition, Source
from sources.reading.files import sha256_of

RECORD = ".fetched.json"


@dataclass(frozen=True)
class FetchedFile:
    """What we know of a file that came from a publisher. `fetched_at` in UTC."""

    url: str
    size: int
    sha256: str
    md5: str
    etag: str | None
    last_modified: str | None
    fetched_at: str

    @classmethod
    def of(cls, got: Downloaded) -> "FetchedFile":
        """Of a file just fetched."""
        return cls(
            url=got.url,
            size=got.size,
            sha256=got.sha256,
            md5=got.md5,
            etag=got.validators.etag,
            last_modified=got.validators.last_modified,
            fetched_at=clock.now().isoformat(timespec="seconds"),
        )

    @property
    def validators(self) -> Validators:
        """For a conditional request."""
        return Validators(self.etag, self.last_modified)


@dataclass
class Record:
    """`.fetched.json` of an edition: files as pinned, archives they came in, and what came instead."""

    files: dict[str, FetchedFile] = field(default_factory=dict)
    archives: dict[str, FetchedFile] = field(default_factory=dict)
    changed: dict[str, FetchedFile] = field(default_factory=dict)
    # Taken from the drop folder.
    dropped: list[str] = field(default_factory=list)


def read_record(folder: Path) -> Record:
    """The record in a folder; empty where it is lost or torn: nothing but one more request hangs on it."""
    try:
        return TypeAdapter(Record).validate_json((folder / RECORD).read_bytes())
    except (OSError, ValidationError):
        return Record()


def save_record(folder: Path, record: Record) -> None:
    """Write the record of a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    note(folder / RECORD, asdict(record))


class EditionStore:
    """The fetched files of one edition."""

    def __init__(self, raw: Path, source: Source, edition: Edition) -> None:
        self.folder = raw / source.source_id / edition.edition
        # Name to the sha256 that this edition pins.
        self.pins = {file.name: file.sha256 for file in edition.files}
        self.record = read_record(self.folder)
        self._held: set[str] | None = None

    @property
    def unverified(self) -> Path:
        """Folder of what is not verified yet; a download's part stays here until it goes on."""
        return self.folder / ".arriving"

    @property
    def changed(self) -> Path:
        """Folder of what a publisher sends in place of pinned files."""
        return self.folder / "changed"

    def held(self) -> set[str]:
        """Names of files that are here with the pinned bytes; read once, since a release has gigabytes."""
        if self._held is None:
            self._held = {
                name
                for name, pin in self.pins.items()
                if (path := self.folder / name).is_file() and sha256_of(path) == pin
            }
        return self._held

    def put(self, name: str, path: Path, kept: FetchedFile) -> bool:
        """Move a verified arrival to its place, or to `changed/` where its bytes are not the pinned ones.

        Returns whether it is the pinned file.
        """
        is_pinned = kept.sha256 == self.pins[name]
        place = (self.folder if is_pinned else self.changed) / name
        place.parent.mkdir(parents=True, exist_ok=True)
        path.replace(place)
        (self.record.files if is_pinned else self.record.changed)[name] = kept
        if is_pinned:
            self.held().add(name)
            self.record.dropped = [other for other in self.record.dropped if other != name]
            self.record.changed.pop(name, None)
            (self.changed / name).unlink(missing_ok=True)
        self.save()
        return is_pinned

    def take(self, name: str, dropped: Path) -> bool:
        """Copy a file from the drop folder to its place, if it is the pinned one. The original stays."""
        if sha256_of(dropped) != self.pins[name]:
            return False
        self.unverified.mkdir(parents=True, exist_ok=True)
        beside = self.unverified / name
        shutil.copyfile(dropped, beside)
        # The very bytes that were copied are judged: a person may still be copying into the folder.
        if sha256_of(beside) != self.pins[name]:
            return False
        beside.replace(self.folder / name)
        self.held().add(name)
        self.record.files.pop(name, None)
        # What its publisher has instead is no longer asked about: a person said which bytes are right.
        self.record.changed.pop(name, None)
        self.record.dropped = sorted({*self.record.dropped, name})
        self.save()
        return True

    def save(self) -> None:
        """Write `.fetched.json`."""
        save_record(self.folder, self.record)
