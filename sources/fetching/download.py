"""One file from a publisher to disk: resumable, in bounded memory, verified, renamed when it is whole.

What arrives is written at once to `.<name>.part`, and `.<name>.part.json` says of which bytes it is the
beginning. A killed download goes on from there, if the publisher still has the same bytes.
"""

import fcntl
import hashlib
import json
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import httpx2

from sources.fetching.client import Client
from sources.fetching.retry import TransientError
from sources.reading.disk import sync_folder, write_atomically

CHUNK = 1 << 20
OK, PARTIAL, NOT_MODIFIED, NOT_SATISFIABLE = 200, 206, 304, 416
OCTETS = ("application/octet-stream", "binary/octet-stream", "application/force-download")
# What publishers send for a kind of file; a web page in its place is an error page.
CONTENT_TYPES = {
    ".csv": (
        "text/csv",
        "text/plain",
        "text/x-csv",
        "text/comma-separated-values",
        "application/csv",
        "application/x-csv",
        "application/vnd.ms-excel",
        *OCTETS,
    ),
    ".zip": ("application/zip", "application/x-zip-compressed", "application/x-zip", *OCTETS),
    ".xlsx": (
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "application/vnd.ms-excel",
        "application/zip",
        *OCTETS,
    ),
    ".json": ("application/json", "text/plain", *OCTETS),
    ".7z": ("application/x-7z-compressed", *OCTETS),
}
PAGE = re.compile(rb"^\s*(<!doctype\s+html|<html)", re.IGNORECASE)


def note(path: Path, content: object) -> None:
    """Write what may be lost in a power cut, since no more than a request hangs on it; never torn."""
    text = json.dumps(content, indent=1, sort_keys=True)
    write_atomically(path, text.encode("utf-8"), outlives_power_cut=False)


@dataclass(frozen=True)
class RemoteFile:
    """A file as its publisher announces it. Size in bytes and MD5 only where it says them."""

    name: str
    url: str
    size: int | None = None
    md5: str | None = None


@dataclass(frozen=True)
class Validators:
    """What a publisher tells bytes apart by."""

    etag: str | None = None
    last_modified: str | None = None

    @classmethod
    def of(cls, response: httpx2.Response) -> "Validators":
        """Those of a response."""
        return cls(response.headers.get("etag"), response.headers.get("last-modified"))

    @property
    def for_range(self) -> str | None:
        """The one that If-Range may carry: a weak ETag promises no equal bytes."""
        strong = self.etag if self.etag and not self.etag.startswith("W/") else None
        return strong or self.last_modified

    @property
    def conditions(self) -> dict[str, str]:
        """Headers that ask for the file only if it changed."""
        pairs = {"If-None-Match": self.etag, "If-Modified-Since": self.last_modified}
        return {name: value for name, value in pairs.items() if value}


@dataclass(frozen=True)
class Downloaded:
    """A whole file on disk and what its publisher says of it."""

    path: Path
    url: str
    size: int
    sha256: str
    md5: str
    validators: Validators


@dataclass
class _Part:
    """The beginning of a file, on disk."""

    path: Path
    url: str

    @property
    def about(self) -> Path:
        return self.path.with_name(f"{self.path.name}.json")

    def resumable(self) -> tuple[int, Validators]:
        """Bytes to go on from, and of which file; 0 where there is no telling."""
        try:
            said = json.loads(self.about.read_text(encoding="utf-8"))
            validators = Validators(said["etag"], said["last_modified"])
            size = self.path.stat().st_size
        except (OSError, ValueError, KeyError, TypeError):
            return 0, Validators()
        same = said["url"] == self.url and validators.for_range
        return (size, validators) if same else (0, Validators())

    def begin(self, validators: Validators) -> None:
        """Nothing of it yet: first the old bytes go, then it is said whose beginning will stand here."""
        with self.path.open("r+b") as handle:
            handle.truncate(0)
        note(self.about, {"url": self.url, **asdict(validators)})

    def drop(self) -> None:
        self.path.unlink(missing_ok=True)
        self.about.unlink(missing_ok=True)


def download(
    client: Client, remote: RemoteFile, to: Path, known: Validators | None = None
) -> Downloaded | None:
    """Fetch a file to `to`; what stood there stays until the new one is whole and verified.

    Args:
        known: validators of the bytes we have; unchanged, they are not sent again.

    Returns:
        the file, or None where the publisher says that `known` still holds.

    Raises:
        FetchError: it could not be had whole, as announced, within the limits.
    """
    to.parent.mkdir(parents=True, exist_ok=True)
    part = _Part(to.with_name(f".{to.name}.part"), remote.url)
    where = client.shown(remote.url)
    ends = client.ends()
    with one_process_at_a_time(client, part.path, where):
        # Damaged on the way: once more from the start, then it is the publisher's fault.
        for is_last in (False, True):
            validators = _fetched(client, remote, part, known, ends)
            if validators is None:
                part.drop()
                return None
            got = described(part.path, remote.url, validators)
            if fault := _fault(remote, got):
                part.begin(Validators())
                if is_last:
                    part.drop()
                    raise client.error(
                        problem="the file is not what its publisher announces",
                        where=where,
                        expected=fault[0],
                        got=fault[1],
                        next_step="run it again later; if it stays so, the publisher's own listing is wrong: tell them",
                        is_transient=True,
                    )
                continue
            with part.path.open("rb") as handle:
                os.fsync(handle.fileno())
            part.path.replace(to)
            part.about.unlink(missing_ok=True)
            sync_folder(to.parent)
            return Downloaded(to, remote.url, got.size, got.sha256, got.md5, validators)
    raise AssertionError("unreachable")


def _fetched(
    client: Client, remote: RemoteFile, part: _Part, known: Validators | None, ends: float
) -> Validators | None:
    """Bring the part to its whole length. Returns whose bytes they are; None where nothing changed."""
    where = client.shown(remote.url)
    reached = part.path.stat().st_size

    def made_progress() -> bool:
        nonlocal reached
        before, reached = reached, part.path.stat().st_size
        return reached > before

    def attempt() -> Validators | None:
        client.refuse_too_long(ends, where)
        have, validators = part.resumable()
        headers = dict(known.conditions) if known else {}
        if have and validators.for_range:
            headers = {"Range": f"bytes={have}-", "If-Range": validators.for_range}
        accepted = frozenset({OK, PARTIAL, NOT_MODIFIED, NOT_SATISFIABLE})
        with client.response(remote.url, headers=headers, accepted=accepted) as response:
            if response.status_code == NOT_MODIFIED:
                return None
            if response.status_code == NOT_SATISFIABLE:
                return _at_the_end(part, response, have, validators)
            now = Validators.of(response)
            if response.status_code == PARTIAL:
                _refuse_other_bytes(part, response, have, validators, now)
            else:
                _refuse_page(client, response, remote, where)
                part.begin(now)
                have = 0
            most = client.access.largest_file_mb * 1_000_000 - have
            _append(client, part, have, client.body(response, most, where, ends))
            return now

    return client.with_retries(attempt, where, made_progress)


def _append(client: Client, part: _Part, have: int, pieces: Iterator[bytes]) -> None:
    """Write what arrives behind what is there, each piece at once: a kill loses no more than one."""
    with part.path.open("ab") as handle:
        for piece in pieces:
            if not have and PAGE.match(piece[:200]):
                part.begin(Validators())
                raise _page_error(
                    client, client.shown(part.url), f"it begins with {client.beginning(piece)!r}"
                )
            have += len(piece)
            handle.write(piece)
            handle.flush()


def _at_the_end(
    part: _Part, response: httpx2.Response, have: int, validators: Validators
) -> Validators:
    """What was left to fetch may have been nothing.

    Raises:
        TransientError: the file is another one; it begins anew.
    """
    total = response.headers.get("content-range", "").rpartition("/")[2]
    if have and total == str(have):
        return validators
    part.begin(Validators())
    raise TransientError("the file is shorter than what we had of it")


def _refuse_other_bytes(
    part: _Part, response: httpx2.Response, have: int, before: Validators, now: Validators
) -> None:
    content_range = response.headers.get("content-range", "")
    if not re.match(rf"^bytes {have}-\d+/(\d+|\*)$", content_range):
        part.begin(Validators())
        raise TransientError(f"another range than asked for ({content_range or 'none said'})")
    if now.for_range and now.for_range != before.for_range:
        # A server that heeds Range and not If-Range.
        part.begin(Validators())
        raise TransientError("the file changed since its first half was fetched")


def _refuse_page(client: Client, response: httpx2.Response, remote: RemoteFile, where: str) -> None:
    """Refuse what is plainly no file of this kind. A server that says nothing of it is believed."""
    suffix = Path(remote.name).suffix.lower()
    kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind and kind not in CONTENT_TYPES.get(suffix, OCTETS):
        raise _page_error(client, where, f"content type {kind}")
    encoding = response.headers.get("content-encoding", "identity")
    if encoding != "identity":
        # Ranges and sizes would be those of the packed bytes.
        raise _page_error(client, where, f"bytes packed by {encoding}, though asked for plain ones")


def _page_error(client: Client, where: str, got: str) -> Exception:
    return client.error(
        problem="the publisher sent something else than the file",
        where=where,
        expected="the bytes of the file",
        got=got,
        next_step=(
            "open the address in a browser: an error page passes; where the file moved, correct the address "
            f"in sources/{client.source_id}/source.yml"
        ),
        is_transient=True,
    )


def described(path: Path, url: str, validators: Validators) -> Downloaded:
    """A whole file on disk, measured."""
    sha256, md5 = hashlib.sha256(), hashlib.md5(usedforsecurity=False)
    with path.open("rb") as handle:
        while chunk := handle.read(CHUNK):
            sha256.update(chunk)
            md5.update(chunk)
    size = path.stat().st_size
    return Downloaded(path, url, size, sha256.hexdigest(), md5.hexdigest(), validators)


def _fault(remote: RemoteFile, got: Downloaded) -> tuple[str, str] | None:
    """Expected and got, where the file is not as announced."""
    if got.size == 0:
        return "at least a header", "0 bytes"
    if remote.size is not None and got.size != remote.size:
        return f"{remote.size:,} bytes", f"{got.size:,} bytes"
    if remote.md5 is not None and got.md5 != remote.md5.lower():
        return f"MD5 {remote.md5}", f"MD5 {got.md5}"
    return None


@contextmanager
def one_process_at_a_time(
    client: Client, path: Path, where: str, does: str = "fetches this file"
) -> Iterator[None]:
    """One process at a time does it; the kernel frees the lock, which is on `path`, at its death."""
    with path.open("ab") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise client.error(
                problem=f"another process {does}",
                where=where,
                expected="one at a time",
                got=f"{path} is locked",
                next_step="wait for the other one; nothing is to be cleaned up",
                is_transient=True,
            ) from None
        yield
