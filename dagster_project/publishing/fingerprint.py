"""One digest of all that a release is made from: code, lists, seeds, methods, snapshot, settings, publishers’ files.

Equal digest, equal release: a refresh that would build what is published already says so and ends. It
reads bytes, never dates of files, and imports nothing that is heavy.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from dagster_project.publishing.releases import current_release, is_whole
from dagster_project.settings import PROJECT_ROOT, Settings
from sources.reading.code_digest import ENGINES, code_files, digest_of
from sources.reading.disk import write_atomically
from sources.reading.input import Input

CODE = ("sources", "dagster_project", "dbt", "docs/methods")
ALL_ENGINES = ("chokepoint", "duckdb", "dbt-core", "dbt-duckdb", *ENGINES)


def inputs_digest(settings: Settings) -> str:
    """SHA-256 of everything that decides a release; empty for `live`, whose publishers must be asked."""
    if settings.input is Input.LIVE:
        return ""
    stated = (settings.input.value, settings.as_of, settings.include_restricted, settings.engine)
    return digest_of(_files(settings), ALL_ENGINES, *stated)


def _files(settings: Settings) -> Iterator[Path]:
    for folder in CODE:
        yield from code_files(PROJECT_ROOT / folder)
    if settings.read_from is not None:
        from sources.registry import all_sources

        for source in all_sources():
            for edition in source.editions:
                yield from (settings.read_from / file.path for file in edition.files)


def unchanged_release(settings: Settings) -> dict[str, Any] | None:
    """The current release, where a refresh would build it again and its files are whole; else None."""
    digest, current = inputs_digest(settings), current_release(settings.published)
    if not digest or current is None or not is_whole(settings.published / "current"):
        return None
    try:
        built = settings.built.read_text(encoding="utf-8").split()
    except (OSError, ValueError):
        built = []
    known = digest == current.get("inputs_digest") or built == [digest, current["release"]]
    if known:
        note_refreshed(settings)
    return current if known else None


def note_refreshed(settings: Settings) -> None:
    """Remember that what is published is what a refresh would build now: the time is that of the file."""
    settings.refreshed.parent.mkdir(parents=True, exist_ok=True)
    settings.refreshed.touch()


def note_built(settings: Settings, digest: str, release: str) -> None:
    """Remember what a refresh built whose content had been published before: that release says other inputs."""
    write_atomically(settings.built, f"{digest} {release}\n".encode())
