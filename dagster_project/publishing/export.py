"""A release copied to a folder or an S3-compatible address, from where others read it.

`v<release>/` holds the files, `index.json` lists the releases, `latest/release.json` names the newest. Each
object is written whole or not at all, and what was written is read again, in this order: killed at any instant,
`latest` names a whole release. The two lists are changed only as they were read, where the store can see to it:
of two that publish at once neither forgets the other's.
"""

import hashlib
import json
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dagster_project.failpoints import fault_point
from dagster_project.publishing.releases import DATABASE, SUMS, is_whole
from sources.reading.bucket import BucketError, bucket_path, opened, translated_errors

if TYPE_CHECKING:
    from obstore import GetResult
    from obstore.store import ObjectStore

INDEX = "index.json"
LATEST = "latest/release.json"
HEADLINE = "headline"
# How often somebody else may change a list before we give up.
TRIES = 20


class ExportError(Exception):
    """Nothing was turned: `latest` is as it was. The text says why, and what to do."""


def export(
    release: Path,
    destination: str,
    *,
    with_restricted: bool = False,
    tell: Callable[[str], None] = lambda _: None,
) -> dict[str, int]:
    """Copy a release; what is there already with the same content is not copied again.

    Args:
        release: its folder.
        destination: a folder, or `s3://bucket/prefix`. Key, region and endpoint are those of the environment
            (AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_REGION, AWS_ENDPOINT_URL).
        with_restricted: whether a release may go that holds rows which may not be passed on.
        tell: takes a line for a person for each file.

    Returns:
        How many files were copied, and how many were there.

    Raises:
        ExportError: the release is damaged or restricted, its name is taken, or the destination fails.
    """
    about = json.loads((release / "release.json").read_text(encoding="utf-8"))
    restricted = about.get("restricted_sources")
    if restricted and not with_restricted:
        raise ExportError(
            f"not exported: release {about['release']} holds rows of {restricted}, which may not be passed on\n"
            "  next: export a release without them; or --include-restricted, for a place that only you can read"
        )
    if not is_whole(release):
        raise ExportError(
            f"not exported: {release} is not what its SHA256SUMS says\n  next: `chokepoint refresh --force`"
        )
    store = _opened(destination)
    try:
        with translated_errors(destination):
            return _copied(store, release, about, tell)
    except OSError as error:
        raise ExportError(
            f"not exported: {error}\n"
            "  next: mend the address, its key or the room there, and export again: it goes on where it stopped"
        ) from None


def served(destination: str) -> dict[str, Any] | None:
    """`release.json` of the release that a destination names as the newest; None where it names none.

    Raises:
        ExportError: the destination can't be read.
    """
    store = _opened(destination)
    try:
        with translated_errors(destination):
            return _read(store, LATEST)
    except (BucketError, ValueError) as error:
        raise ExportError(f"not read: {error}") from None


def _copied(
    store: "ObjectStore", release: Path, about: dict[str, Any], tell: Callable[[str], None]
) -> dict[str, int]:
    version = f"v{about['release']}"
    there = _read(store, f"{version}/release.json")
    if there and there["content_digest"] != about["content_digest"]:
        raise ExportError(
            f"not exported: {version} is there, with another content ({there['content_digest'][:16]})\n"
            "  next: take another folder or prefix; a version that others have read does not change"
        )
    counts = {"copied": 0, "there": 0}
    listed = []
    # Written last of a version's files: who finds it finds all of them, and they were read again.
    sums = _bytes(store, f"{version}/{SUMS}")
    if sums not in (None, (release / SUMS).read_bytes()):
        raise ExportError(
            f"not exported: {version} is there, of another build with the same content\n"
            "  next: nothing; or take another folder or prefix, since what others have read does not change"
        )
    with tempfile.TemporaryDirectory() as made:
        for name, path in _files(release, Path(made), about):
            digest = _sha256(path)
            listed.append({"path": name, "bytes": path.stat().st_size, "sha256": digest})
            is_there = _holds(store, f"{version}/{name}", path.stat().st_size, digest)
            if not is_there:
                fault_point("export_before_file")
                _put(store, f"{version}/{name}", path, digest)
                fault_point("export_before_verifying")
            if not (is_there and sums):
                _verify(store, f"{version}/{name}", digest)
            counts["there" if is_there else "copied"] += 1
            tell(f"{version}/{name}: {'there' if is_there else 'copied'}")
    entry = {
        **{key: about[key] for key in ("release", "built_at", "content_digest", "input", "as_of")},
        "restricted_sources": about.get("restricted_sources") or "",
        "path": f"{version}/",
        "files": listed,
    }

    def listing(index: dict[str, Any] | None) -> dict[str, Any]:
        others = [
            old for old in (index or {"releases": []})["releases"] if old["path"] != entry["path"]
        ]
        return {"releases": sorted([*others, entry], key=lambda found: _number(found["release"]))}

    def newest(latest: dict[str, Any] | None) -> dict[str, Any] | None:
        # An older release that is exported later is no news.
        is_news = latest is None or _number(latest["release"]) <= _number(about["release"])
        return {**about, "path": f"{version}/"} if is_news else None

    fault_point("export_before_index")
    _change(store, INDEX, listing)
    fault_point("export_before_latest")
    _change(store, LATEST, newest)
    return counts


def _files(release: Path, made: Path, about: dict[str, Any]) -> Iterator[tuple[str, Path]]:
    """Name and path of each file: the release's, the tables made for spreadsheets, and the sums last."""
    from dagster_project.publishing.artifacts.headline_tables import write_headline_tables
    from dagster_project.publishing.warehouse import opened as opened_database

    names = sorted(
        str(path.relative_to(release))
        for path in release.rglob("*")
        if path.is_file() and path.name != SUMS
    )
    for name in names:
        yield name, release / name
    with opened_database(str(release / DATABASE), read_only=True) as connection:
        write_headline_tables(connection, made, about)
    for path in sorted(made.iterdir()):
        yield f"{HEADLINE}/{path.name}", path
    yield SUMS, release / SUMS


def _opened(destination: str) -> "ObjectStore":
    """The store of a destination; keys are read by the library from the environment, and never by us."""
    from obstore.store import LocalStore

    if "://" not in destination:
        folder = Path(destination).expanduser().resolve()
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise ExportError(f"not exported: {folder}: {error.strerror}") from None
        return LocalStore(folder)
    try:
        place = bucket_path(destination)
    except ValueError as error:
        raise ExportError(f"not exported: {error}") from None
    try:
        return opened(place.bucket, place.key)
    except BucketError as error:
        raise ExportError(f"not exported: {error}") from None


def _holds(store: "ObjectStore", path: str, size: int, digest: str) -> bool:
    """Whether the object is there with these bytes: in a bucket by the digest that was stored with it."""
    import obstore
    from obstore.store import LocalStore

    try:
        if obstore.head(store, path)["size"] != size:
            return False
        found = obstore.get(store, path)
    except FileNotFoundError:
        return False
    if not isinstance(store, LocalStore):
        return found.attributes.get("sha256") == digest
    return _digest_of(found) == digest


def _verify(store: "ObjectStore", path: str, digest: str) -> None:
    import obstore

    if (got := _digest_of(obstore.get(store, path))) != digest:
        raise ExportError(
            f"not exported: {path} came back with other bytes (SHA-256 {got[:16]} for {digest[:16]})\n"
            "  next: export again; if it stays so, somebody else writes there, or the store is faulty"
        )


def _digest_of(found: "GetResult") -> str:
    summed = hashlib.sha256()
    for part in found.stream():
        summed.update(part)
    return summed.hexdigest()


def _change(
    store: "ObjectStore",
    path: str,
    changed: Callable[[dict[str, Any] | None], dict[str, Any] | None],
) -> None:
    """Write what `changed` makes of an object, unless that is None; made again where somebody else was faster."""
    import obstore
    from obstore.exceptions import AlreadyExistsError, PreconditionError

    for _ in range(TRIES):
        try:
            found = obstore.get(store, path)
            before, mode = json.loads(bytes(found.bytes())), {"e_tag": found.meta["e_tag"]}
        except FileNotFoundError:
            before, mode = None, "create"
        if (after := changed(before)) is None:
            return
        content = json.dumps(after, indent=1).encode()
        try:
            obstore.put(store, path, content, mode=mode)  # pyright: ignore[reportArgumentType]
        except (AlreadyExistsError, PreconditionError):
            continue
        except NotImplementedError:
            # A folder; or a store of which AWS_CONDITIONAL_PUT says so.
            _put(store, path, content)
        return
    raise ExportError(
        f"not exported: {path} is changed by others all the time\n  next: export again"
    )


def _put(store: "ObjectStore", path: str, content: Path | bytes, digest: str = "") -> None:
    import obstore
    from obstore.store import LocalStore

    attributes = {} if isinstance(store, LocalStore) or not digest else {"sha256": digest}
    obstore.put(store, path, content, attributes=attributes)


def _read(store: "ObjectStore", path: str) -> dict[str, Any] | None:
    content = _bytes(store, path)
    return None if content is None else json.loads(content)


def _bytes(store: "ObjectStore", path: str) -> bytes | None:
    import obstore

    try:
        return bytes(obstore.get(store, path).bytes())
    except FileNotFoundError:
        return None


def _number(release: str) -> list[int]:
    return [int(part) for part in release.split(".")]


def _sha256(path: Path) -> str:
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()
