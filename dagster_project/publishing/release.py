"""A release is a folder: built beside, verified by reopening, renamed, and only then `current`.

Nothing that an analyst opens is ever written in place. Killed at any instant, `current` is the old
release or the new one, whole.
"""

import datetime as dt
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
from dagster_project.publishing.releases import DATABASE, is_whole, releases
from dagster_project.publishing.warehouse import reading
from dagster_project.settings import Settings
from sources.reading.files import sync_folder

KEPT_RELEASES = 5


class PublishFailedError(Exception):
    """The release could not be written, for instance on a full disk. What is published stays."""


@dataclass(frozen=True)
class ReleaseResult:
    """What publishing did. `is_new` is false where the content was published before."""

    release: str
    folder: Path
    is_new: bool
    content_digest: str
    build_id: str
    input: str
    tables: dict[str, int]


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
    with reading(settings) as connection:
        content = schema_content(connection, MARTS)
    digest, tables = content.digest, content.rows
    texts = texts_digest(texts_of_release())
    published = _with_digest(settings.published, digest, texts)
    if published is not None:
        _make_current(settings.published, published)
        note_built(settings, inputs_digest, published.name)
        return ReleaseResult(published.name, published, False, digest, build_id, input_name, tables)
    building = settings.published / f".building-{build_id}"
    building.mkdir()
    release = _next_release(settings.published)
    about = {
        "release": release,
        "built_at": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
        "build_id": build_id,
        "content_digest": digest,
        "texts_digest": texts,
        "inputs_digest": inputs_digest,
        "input": input_name,
        "as_of": settings.as_of,
        "restricted_sources": ", ".join(restricted_sources(settings)),
        "software_version": version("chokepoint"),
        "storage_version": STORAGE_VERSION,
        "tables": tables,
    }
    try:
        _build_release(settings, building, about)
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
    return ReleaseResult(release, final, True, digest, build_id, input_name, tables)


def _build_release(settings: Settings, building: Path, about: Mapping[str, Any]) -> None:
    """The whole folder, verified and on disk, but not yet in its place."""
    current = settings.published / "current"
    previous = current.resolve() if current.exists() else None
    fault_point("before_database")
    write_database(settings, building / DATABASE, about)
    fault_point("after_database")
    write_companions(building, about, list(about["tables"]), previous)
    verify(building / DATABASE, about["content_digest"], about["tables"])
    fault_point("before_sync")
    _sync(building)


def _next_release(published: Path) -> str:
    today = dt.datetime.now(dt.UTC).date()
    prefix = f"{today.year}.{today.month}."
    taken = [
        int(path.name.removeprefix(prefix))
        for path in published.glob(f"{prefix}*")
        if path.name.removeprefix(prefix).isdigit()
    ]
    return f"{prefix}{max(taken, default=0) + 1}"


def _with_digest(published: Path, digest: str, texts: str) -> Path | None:
    for folder in reversed(releases(published)):
        about = json.loads((folder / "release.json").read_text(encoding="utf-8"))
        # A damaged one is no release to go back to.
        said = (about["content_digest"], about.get("texts_digest"))
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


def _sync(folder: Path) -> None:
    for path in folder.rglob("*"):
        if path.is_file():
            with path.open("rb") as handle:
                os.fsync(handle.fileno())
    for path in (folder, *(path for path in folder.rglob("*") if path.is_dir())):
        sync_folder(path)


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
