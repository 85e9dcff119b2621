"""A release is a folder: built beside, verified by reopening, renamed, and only then `current`.

Nothing that an analyst opens is ever written in place. Killed at any instant, `current` is the old
release or the new one, whole.
"""

import itertools
import json
import os
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import duckdb

from dagster_project.failpoints import fault_point
from dagster_project.publishing.digest import schema_content, texts_digest
from dagster_project.publishing.fingerprint import note_built
from dagster_project.publishing.gate import PublishRefusedError, pass_gate, restricted_sources
from dagster_project.publishing.release_files import (
    MARTS,
    STORAGE_VERSION,
    texts_of_release,
    verify,
    write_companions,
    write_database,
)
from dagster_project.publishing.releases import (
    DATABASE,
    about_release,
    damage,
    is_whole,
    releases,
)
from dagster_project.publishing.warehouse import engine_of, reading
from dagster_project.settings import Settings
from sources.reading import clock
from sources.reading.disk import sync_folder, sync_tree, write_atomically

KEPT_RELEASES = 5
# Beside the months in `state/numbers.json`: of all releases.
SEQUENCE = "sequence"
# Metadata of the release in Dagster: what was damaged before.
MENDED = "mended"


class PublishFailedError(Exception):
    """The release could not be written, for instance on a full disk. What is published stays."""


@dataclass(frozen=True)
class ReleaseResult:
    """What publishing did. `is_new` is false where the content was published before.

    `mended` says in words what was damaged before, and what became of it.
    """

    release: str
    folder: Path
    is_new: bool
    content_digest: str
    build_id: str
    input: str
    tables: dict[str, int]
    mended: str = ""


def publish(
    settings: Settings, nodes: Sequence[str], blocking: Sequence[str], inputs_digest: str = ""
) -> ReleaseResult:
    """Publish the audited warehouse as a release, under the refresh lock.

    Args:
        settings: where things lie.
        nodes: see `pass_gate`.
        blocking: see `pass_gate`.
        inputs_digest: of what the build was made from (`fingerprint`); empty where nobody knows.

    Raises:
        PublishRefusedError: see `pass_gate`; or the built file is not the one that was audited.
        PublishFailedError: the disk is full, or does not take the files; what is published stays.
    """
    build_id, input_name = pass_gate(settings, nodes, blocking)
    settings.published.mkdir(parents=True, exist_ok=True)
    _sweep(settings.published)
    mended = _mended(settings.published)
    with reading(settings) as connection:
        content = schema_content(connection, MARTS)
        engine = engine_of(connection)
    digest, tables = content.digest, content.rows
    texts = texts_digest(texts_of_release())
    published = _with_digest(settings.published, digest, texts)
    if published is not None:
        _make_current(settings.published, published)
        note_built(settings, inputs_digest, published.name)
        return ReleaseResult(
            published.name, published, False, digest, build_id, input_name, tables, mended
        )
    building = settings.published / f".building-{build_id}"
    building.mkdir()
    release, sequence = _next_release(settings)
    about = {
        "release": release,
        "sequence": sequence,
        "built_at": clock.now().isoformat(timespec="seconds"),
        "build_id": build_id,
        "content_digest": digest,
        "texts_digest": texts,
        "inputs_digest": inputs_digest,
        # Another engine adds doubles in another order: its digest is another, though its figures are the same.
        "engine": engine,
        "input": input_name,
        "as_of": settings.as_of,
        "restricted_sources": ", ".join(restricted_sources(settings)),
        "software_version": version("chokepoint"),
        "storage_version": STORAGE_VERSION,
        "tables": tables,
    }
    # The notes compare with it: with nothing that is damaged.
    previous = (settings.published / "current").resolve()
    if mended or not previous.exists():
        whole = filter(is_whole, reversed(releases(settings.published)))
        previous = next(whole, None)
    try:
        _build_release(settings, building, about, previous)
    except (OSError, duckdb.Error) as error:
        # On a full disk the half of a release must not stay in the way of what would make room.
        shutil.rmtree(building, ignore_errors=True)
        raise PublishFailedError(
            f"not published: the release could not be written: {error}\n"
            f"  next: see that {settings.published} can be written and has room, and refresh again; "
            "the last release stays current"
        ) from None
    except PublishRefusedError:
        shutil.rmtree(building, ignore_errors=True)
        raise
    fault_point("before_rename")
    final = settings.published / release
    building.rename(final)
    sync_folder(settings.published)
    fault_point("after_rename")
    _make_current(settings.published, final)
    fault_point("after_swap")
    _prune(settings.published)
    return ReleaseResult(release, final, True, digest, build_id, input_name, tables, mended)


def _mended(published: Path) -> str:
    """What is wrong with what is published, in words; what stands in the way of the link is set aside."""
    link = published / "current"
    if link.exists() and not link.is_symlink():
        aside = next(
            path
            for number in itertools.count(1)
            if not (path := published / f"set-aside-{number}").exists()
        )
        link.rename(aside)
        return f"published/current was no link; it is kept as published/{aside.name}"
    if not link.exists():
        return ""
    if not (found := damage(link)):
        return ""
    return f"release {link.resolve().name} is damaged on disk ({found[0]}; {len(found)} files); another takes its place"


def _build_release(
    settings: Settings, building: Path, about: Mapping[str, Any], previous: Path | None
) -> None:
    """The whole folder, verified and on disk, but not yet in its place."""
    fault_point("before_database")
    write_database(settings, building / DATABASE, about)
    fault_point("after_database")
    write_companions(building, about, list(about["tables"]), previous)
    verify(building / DATABASE, about["content_digest"], about["tables"])
    fault_point("before_sync")
    sync_tree(building)


def _next_release(settings: Settings) -> tuple[str, int]:
    """Name and number of the next release. Noted before it is used, so that neither is ever used again."""
    today = clock.today()
    month = f"{today.year}.{today.month}"
    taken = [
        int(path.name.removeprefix(f"{month}."))
        for path in settings.published.glob(f"{month}.*")
        if path.name.removeprefix(f"{month}.").isdigit()
    ]
    sequences = [
        int((about_release(folder) or {}).get("sequence", 0))
        for folder in releases(settings.published)
    ]
    try:
        noted = {
            name: int(number)
            for name, number in json.loads(settings.numbers.read_text(encoding="utf-8")).items()
        }
    # Lost or damaged: what stands in the folder says it as well.
    except (OSError, ValueError, TypeError, AttributeError):
        noted = {}
    noted[month] = max([*taken, noted.get(month, 0)]) + 1
    noted[SEQUENCE] = max([*sequences, noted.get(SEQUENCE, 0)]) + 1
    write_atomically(settings.numbers, json.dumps(noted, indent=1).encode())
    return f"{month}.{noted[month]}", noted[SEQUENCE]


def _with_digest(published: Path, digest: str, texts: str) -> Path | None:
    for folder in reversed(releases(published)):
        about = about_release(folder) or {}
        # A damaged one is no release to go back to.
        said = (about.get("content_digest"), about.get("texts_digest"))
        if said == (digest, texts) and is_whole(folder):
            return folder
    return None


def _make_current(published: Path, folder: Path) -> None:
    link = published / "current"
    if link.is_symlink() and str(link.readlink()) == folder.name:
        return
    beside = published / f".current-{os.getpid()}"
    beside.unlink(missing_ok=True)
    beside.symlink_to(folder.name)
    fault_point("before_swap")
    beside.replace(link)
    sync_folder(published)


def _sweep(published: Path) -> None:
    """Remove what a killed publish left behind; called under the lock, so nobody is at work in it."""
    for path in published.glob(".*"):
        if path.is_symlink() or path.is_file():
            path.unlink()
        else:
            shutil.rmtree(path)


def _prune(published: Path) -> None:
    """Keep the last releases; one is renamed out of sight before it is deleted."""
    current = (published / "current").resolve()
    old = [folder for folder in releases(published)[:-KEPT_RELEASES] if folder.resolve() != current]
    for folder in old:
        hidden = published / f".trash-{folder.name}"
        folder.rename(hidden)
        fault_point("during_prune")
        shutil.rmtree(hidden)
