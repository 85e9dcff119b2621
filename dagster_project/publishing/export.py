"""A release copied to a folder or an S3-compatible address, from where others read it.

`v<release>/` holds the files, `index.json` lists the releases, `latest/release.json` names the newest. Each
object is written whole or not at all, in this order: killed at any instant, `latest` names a whole release.
"""

import hashlib
import json
import os
import re
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dagster_project.failpoints import fault_point
from dagster_project.publishing.releases import DATABASE, is_whole

if TYPE_CHECKING:
    from obstore.store import ObjectStore

INDEX = "index.json"
LATEST = "latest/release.json"
# Written last of a version's files: who finds it finds all of them.
SUMS = "SHA256SUMS"
HEADLINE = "headline"
ADDRESS = re.compile(r"^(s3)://(?P<bucket>[A-Za-z0-9._-]+)(/(?P<prefix>[^?#@]*))?$")
SECRETS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")


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
        return _copied(store, release, about, tell)
    except (OSError, *_errors()) as error:
        raise ExportError(
            f"not exported: {destination}: {without_secrets(str(error))}\n"
            "  next: mend the address, its key or the room there, and export again: it goes on where it stopped"
        ) from None


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
    with tempfile.TemporaryDirectory() as made:
        for name, path in _files(release, Path(made), about):
            digest = _sha256(path)
            listed.append({"path": name, "bytes": path.stat().st_size, "sha256": digest})
            is_there = _holds(store, f"{version}/{name}", path.stat().st_size, digest)
            if not is_there:
                fault_point("export_before_file")
                _put(store, f"{version}/{name}", path, digest)
            counts["there" if is_there else "copied"] += 1
            tell(f"{version}/{name}: {'there' if is_there else 'copied'}")
    index = _read(store, INDEX) or {"releases": []}
    others = [entry for entry in index["releases"] if entry["release"] != about["release"]]
    entry = {
        **{key: about[key] for key in ("release", "built_at", "content_digest", "input", "as_of")},
        "restricted_sources": about.get("restricted_sources") or "",
        "path": f"{version}/",
        "files": listed,
    }
    releases = sorted([*others, entry], key=lambda found: _number(found["release"]))
    fault_point("export_before_index")
    _put(store, INDEX, json.dumps({"releases": releases}, indent=1).encode())
    fault_point("export_before_latest")
    newest = _read(store, LATEST)
    # An older release that is exported later is no news.
    if newest is None or _number(newest["release"]) <= _number(about["release"]):
        _put(store, LATEST, json.dumps({**about, "path": f"{version}/"}, indent=1).encode())
    return counts


def _files(release: Path, made: Path, about: dict[str, Any]) -> Iterator[tuple[str, Path]]:
    """Name and path of each file: the release's, the tables made for spreadsheets, and the sums last."""
    from dagster_project.publishing.artifacts.headline_tables import write_headline_tables
    from dagster_project.publishing.warehouse import opened

    names = sorted(
        str(path.relative_to(release))
        for path in release.rglob("*")
        if path.is_file() and path.name != SUMS
    )
    for name in names:
        yield name, release / name
    with opened(str(release / DATABASE), read_only=True) as connection:
        write_headline_tables(connection, made, about)
    for path in sorted(made.iterdir()):
        yield f"{HEADLINE}/{path.name}", path
    yield SUMS, release / SUMS


def _opened(destination: str) -> "ObjectStore":
    """The store of a destination; keys are read by the library from the environment, and never by us."""
    from obstore.store import LocalStore, S3Store

    if "://" not in destination:
        folder = Path(destination).expanduser().resolve()
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise ExportError(f"not exported: {folder}: {error.strerror}") from None
        return LocalStore(folder)
    address = ADDRESS.match(destination)
    if not address:
        # Not repeated: it may hold a key.
        raise ExportError(
            "not exported: the address is neither a folder nor s3://bucket/prefix without key or query\n"
            "  next: set AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_REGION and AWS_ENDPOINT_URL in the "
            "environment"
        )
    return S3Store(
        address["bucket"],
        prefix=(address["prefix"] or "").strip("/") or None,
        client_options={"allow_http": os.environ.get("AWS_ENDPOINT_URL", "").startswith("http://")},
    )


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
    summed = hashlib.sha256()
    for part in found.stream():
        summed.update(part)
    return summed.hexdigest() == digest


def _put(store: "ObjectStore", path: str, content: Path | bytes, digest: str = "") -> None:
    import obstore
    from obstore.store import LocalStore

    attributes = {} if isinstance(store, LocalStore) or not digest else {"sha256": digest}
    obstore.put(store, path, content, attributes=attributes)


def _read(store: "ObjectStore", path: str) -> dict[str, Any] | None:
    import obstore

    try:
        return json.loads(bytes(obstore.get(store, path).bytes()))
    except FileNotFoundError:
        return None


def _errors() -> tuple[type[Exception], ...]:
    from obstore.exceptions import BaseError

    return (BaseError,)


def _number(release: str) -> list[int]:
    return [int(part) for part in release.split(".")]


def _sha256(path: Path) -> str:
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def without_secrets(text: str) -> str:
    """A library's message in one line, without what the environment holds of keys."""
    for name in SECRETS:
        if secret := os.environ.get(name):
            text = text.replace(secret, "***")
    return text.split("\n\n", 1)[0].strip()
