"""Releases that stand, and which one is current. Imports nothing that is heavy: `status` answers at once."""

import hashlib
import json
from pathlib import Path
from typing import Any

DATABASE = "critical_minerals.duckdb"
ABOUT = "release.json"
SUMS = "SHA256SUMS"
# Without these a folder is no release, whatever its sums say.
NEEDED = {DATABASE, ABOUT}


def releases(published: Path) -> list[Path]:
    """Folders of finished releases in the order of publishing; a damaged `release.json` comes first.

    By its own number: a month in the name is that of a clock, which may have run ahead.
    """
    found = [path for path in published.glob("[0-9]*.[0-9]*.[0-9]*") if (path / ABOUT).exists()]

    def order(path: Path) -> tuple[int, list[int]]:
        about = about_release(path)
        number = -1 if about is None else int(about.get("sequence", 0))
        return number, [int(part) for part in path.name.split(".")]

    return sorted(found, key=order)


def about_release(folder: Path) -> dict[str, Any] | None:
    """What `release.json` of a release says; None where it is missing or damaged."""
    try:
        about = json.loads((folder / ABOUT).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return about if isinstance(about, dict) and "release" in about else None


def current_release(published: Path) -> dict[str, Any] | None:
    """`release.json` of what `current` points to; None where nothing is published, or it is damaged."""
    return about_release(published / "current")


def is_whole(folder: Path) -> bool:
    """Whether every file of a release is there with the bytes that `SHA256SUMS` says, and no other."""
    return not damage(folder)


def damage(folder: Path) -> list[str]:
    """Files of a release that are not what `SHA256SUMS` says, with what is wrong; none where it is whole.

    Every byte is read: 220 MB take most of a second.
    """
    try:
        lines = (folder / SUMS).read_text(encoding="utf-8").splitlines()
    except (OSError, ValueError) as error:
        return [f"{SUMS}: {type(error).__name__}"]
    stated = {name: digest for digest, _, name in (line.partition("  ") for line in lines)}
    found = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
    wrong = dict.fromkeys({*stated, *NEEDED} - found, "missing")
    wrong |= dict.fromkeys(found - {*stated, SUMS}, f"not in {SUMS}")
    for name in stated.keys() & found:
        try:
            is_same = _sha256(folder / name) == stated[name]
        except OSError as error:
            wrong[name] = f"can't be read ({error.strerror})"
        else:
            if not is_same:
                wrong[name] = "other bytes"
    return [f"{name}: {what}" for name, what in sorted(wrong.items())]


def shut_to_others(published: Path) -> Path | None:
    """The folder or file that keeps others from opening the current release; None where they can."""
    release = published.resolve() / "current"
    for path, needed in ((published.parent, 0o011), (published, 0o011), (release, 0o055)):
        if path.exists() and not path.stat().st_mode & needed:
            return path
    database = release / DATABASE
    return database if database.exists() and not database.stat().st_mode & 0o044 else None


def _sha256(path: Path) -> str:
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()
