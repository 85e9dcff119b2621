"""Bringing the files of an edition onto its store: dropped by hand, or asked of the publisher; pinned bytes only.

A publisher is asked at every refresh, politely (its listing, or a conditional request), so that a file
replaced without notice under its old name is caught. What it sends instead is kept in `changed/` and refused.
"""

import errno
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from sources.fetching.client import Client
from sources.fetching.download import Downloaded, RemoteFile, Validators, described, download
from sources.fetching.edition_store import EditionStore, FetchedFile
from sources.fetching.retry import RetryPolicy
from sources.fetching.sciencebase import files_of
from sources.fetching.transport import Secrets
from sources.reading.catalog import Edition, LiveAccess, Source
from sources.reading.errors import FetchError
from sources.reading.files import MOST_MEMBER_BYTES, ZIP_FAULTS
from sources.reading.paths import dropped_file


@dataclass
class EditionFetch:
    """What became of one edition.

    `missing` names files that nobody offers and nobody dropped; `newer` those that a rolling address no
    longer has. With either, the edition can't be had whole. `unasked` says why a publisher could not be
    asked about files that we hold.
    """

    edition: str
    fetched: list[str] = field(default_factory=list)
    dropped: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    newer: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    unasked: str | None = None
    is_whole: bool = False

    def in_words(self) -> str:
        """For people and for metadata: what came, what did not, where it is read from."""
        said = [
            "read as fetched" if self.is_whole else "read from the snapshot",
            f"{len(self.fetched)} files fetched" if self.fetched else "",
            f"{len(self.dropped)} taken from the drop folder" if self.dropped else "",
            f"nobody offers {', '.join(self.missing[:5])}" if self.missing else "",
            f"the publisher has newer bytes of {', '.join(self.newer)}" if self.newer else "",
            f"the publisher could not be asked:\n{self.unasked}" if self.unasked else "",
        ]
        return "; ".join(text for text in said if text)


def fetch_source(
    source: Source,
    raw: Path,
    drop: Path,
    *,
    secrets: Mapping[str, Secrets] | None = None,
    retry_policy: RetryPolicy | None = None,
) -> list[EditionFetch]:
    """Bring every edition of a source into its folder below `raw`, as far as it can be had.

    Args:
        drop: folder of files that people dropped, one folder a source.

    Raises:
        FetchError: a publisher could not be asked for files that we lack.
        SourceError: a publisher, or the drop folder, has other bytes under a pinned name.
    """
    access = source.live or LiveAccess(verified="no publisher is asked")
    with Client(source.source_id, access, secrets=secrets, retry_policy=retry_policy) as client:
        done = [
            fetch_edition(client, source, edition, raw, drop / source.source_id)
            for edition in source.editions
        ]
    replaced = [text for edition in done for text in edition.changed]
    if replaced:
        raise source.error(
            problem="the bytes of a pinned edition changed",
            where=f"{raw / source.source_id}",
            expected="the sha256 that sources/"
            f"{source.source_id}/source.yml (or files.csv) pins for each file",
            got=f"{len(replaced)} files with other bytes; nothing was taken over",
            next_step=(
                "compare the file in `changed/` with the one before; if the publisher really replaced it, pin the "
                "new sha256; if the drop folder holds a wrong file, take it out"
            ),
            offenders=replaced,
        )
    return done


def fetch_edition(
    client: Client, source: Source, edition: Edition, raw: Path, drop: Path
) -> EditionFetch:
    """Bring one edition onto its store. Changed bytes are reported in the result, not raised.

    Raises:
        FetchError: its publisher could not be asked for files that we lack.
    """
    store = EditionStore(raw, source, edition)
    result = EditionFetch(edition.edition)
    _take_dropped(store, drop, result)
    offered = set(store.pins) if edition.live.item else set(edition.live.addresses)
    result.missing = sorted(store.pins.keys() - store.held() - offered)
    # An edition that can't be whole is not begun: a release of BACI has gigabytes.
    if offered and not result.missing and not result.changed:
        try:
            _EditionRequest(client, edition, store, result).ask()
        except FetchError as error:
            if not error.is_transient or store.held() != store.pins.keys():
                raise
            result.unasked = str(error)
    result.is_whole = store.held() == store.pins.keys()
    return result


def _take_dropped(store: EditionStore, drop: Path, result: EditionFetch) -> None:
    """Take what was dropped and is lacking."""
    for name in sorted(store.pins.keys() - store.held()):
        path = dropped_file(drop, result.edition, name)
        if not path.is_file():
            continue
        if store.take(name, path):
            result.dropped.append(name)
        else:
            result.changed.append(f"{path}: dropped, and not the bytes of {result.edition}")


@dataclass
class _EditionRequest:
    """One edition's publisher being asked."""

    client: Client
    edition: Edition
    store: EditionStore
    result: EditionFetch

    def ask(self) -> None:
        """For each file: fetched where it is lacking or changed, left alone where it is not."""
        live = self.edition.live
        if live.item:
            listed = files_of(self.client, live.item, children=live.children)
            self._archives(listed, self._files(listed))
        else:
            for name, url in sorted(live.addresses.items()):
                if not self._is_dropped(name):
                    self._address(RemoteFile(name, url))
        for name in sorted(self.store.record.changed):
            noted = self.result.newer if live.rolling else self.result.changed
            noted.append(name if live.rolling else self._replaced(name))

    def _is_dropped(self, name: str) -> bool:
        """What a person dropped is that person's: the publisher is not asked about it."""
        return name in self.store.held() and name in self.store.record.dropped

    def _last_sent(self, name: str) -> FetchedFile | None:
        """What we know of the bytes that the publisher sent last."""
        return self.store.record.changed.get(name) or self.store.record.files.get(name)

    def _files(self, listed: Mapping[str, RemoteFile]) -> set[str]:
        """Fetch listed files that are new or changed. Returns names that the listing does not have."""
        left: set[str] = set()
        for name in sorted(self.store.pins):
            remote = listed.get(self.edition.live.names.get(name, name).lower())
            if remote is None:
                left.add(name)
                continue
            last = self._last_sent(name)
            is_known = last is not None and remote.md5 == last.md5 and self._is_here(name)
            if not self._is_dropped(name) and not is_known:
                self._keep(name, self._downloaded(remote, name))
        return left

    def _archives(self, listed: Mapping[str, RemoteFile], wanted: set[str]) -> None:
        """Fetch archives that are new or changed, and keep those of their members that we want."""
        record = self.store.record
        for archive in self.edition.live.archives if wanted else ():
            remote = listed.get(archive.lower())
            kept = record.archives.get(archive)
            lacking = {name for name in wanted if not self._is_here(name)}
            if remote is None or (not lacking and kept and kept.md5 == remote.md5):
                continue
            got = self._downloaded(remote, archive)
            for name, path in _unpacked(self.client, got, self.store.unverified, wanted).items():
                self._keep(name, described(path, got.url, Validators()))
            record.archives[archive] = FetchedFile.of(got)
            self.store.save()
            got.path.unlink()
        if lost := sorted(wanted - self.store.held() - record.changed.keys()):
            raise self.client.error(
                problem="the publisher no longer lists files of a pinned edition",
                where=f"ScienceBase item {self.edition.live.item}, {self.edition.edition}",
                expected=", ".join(lost[:5]) + (f" and {len(lost) - 5} more" if lost[5:] else ""),
                got=f"{len(listed)} other files",
                next_step=(
                    f"look at {self.edition.url}; correct live.names or live.archives in "
                    f"sources/{self.client.source_id}/source.yml, or drop the files (docs/operate.md, part live)"
                ),
                is_transient=False,
            )

    def _address(self, remote: RemoteFile) -> None:
        last = self._last_sent(remote.name)
        known = last.validators if last and self._is_here(remote.name) else None
        got = download(self.client, remote, self.store.unverified / remote.name, known)
        if got is not None:
            self._keep(remote.name, got)

    def _is_here(self, name: str) -> bool:
        """Whether the bytes that the publisher sent last are on disk."""
        if name in self.store.record.changed:
            return (self.store.changed / name).is_file()
        return name in self.store.held()

    def _downloaded(self, remote: RemoteFile, name: str) -> Downloaded:
        got = download(self.client, remote, self.store.unverified / name)
        assert got is not None, "asked without a condition"
        return got

    def _keep(self, name: str, got: Downloaded) -> None:
        was_held = name in self.store.held()
        if self.store.put(name, got.path, FetchedFile.of(got)) and not was_held:
            self.result.fetched.append(name)

    def _replaced(self, name: str) -> str:
        kept = self.store.record.changed[name]
        return (
            f"{name}: pinned {self.store.pins[name][:12]}…, {kept.url} has {kept.sha256[:12]}… "
            f"({kept.size:,} bytes, kept as {self.store.changed / name})"
        )


def _unpacked(
    client: Client, archive: Downloaded, folder: Path, wanted: set[str]
) -> dict[str, Path]:
    """Wanted members of a zip, by name without folder, each written beside; nothing else is unpacked."""
    found: dict[str, Path] = {}
    try:
        with zipfile.ZipFile(archive.path) as opened:
            for info in opened.infolist():
                name = info.filename.rsplit("/", 1)[-1]
                if name in wanted and info.file_size <= MOST_MEMBER_BYTES:
                    found[name] = folder / name
                    found[name].write_bytes(opened.read(info))
    except ZIP_FAULTS as error:
        # A damaged offset is a place before the start; any other errno is the disk's own fault.
        if isinstance(error, OSError) and error.errno not in (None, errno.EINVAL):
            raise
        archive.path.unlink(missing_ok=True)
        raise client.error(
            problem="the zip can't be read",
            where=client.shown(archive.url),
            expected="a whole zip archive, not encrypted",
            got=f"{error}",
            next_step="run it again later; if it stays so, tell the publisher",
            is_transient=True,
        ) from None
    return found
