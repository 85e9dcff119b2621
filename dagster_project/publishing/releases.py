"""Releases that stand, and which one is current. Imports nothing that is heavy: `status` answers at once."""

import hashlib
import json
from pathlib import Path
from typing import Any

DATABASE = "critical_minerals.duckdb"


def releases(published: Path) -> list[Path]:
    """Folders of finished releases, oldest first."""
    found = [
        path for path in published.glob("[0-9]*.[0-9]*.[0-9]*") if (path / "release.json").exists()
    ]
    return sorted(found, key=lambda path: [int(part) for part in path.name.split(".")])


def current_release(published: Path) -> dict[str, Any] | None:
    """`release.json` of what `current` points to; None where nothing is published."""
    path = published / "current" / "release.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else None


def is_whole(folder: Path) -> bool:
    """Whether every file of a release is there with the bytes that `SHA256SUMS` says."""
    try:
        lines = (folder / "SHA256SUMS").read_text(encoding="utf-8").splitlines()
        stated = {name: digest for digest, _, name in (line.partition("  ") for line in lines)}
        return all(_sha256(folder / name) == digest for name, digest in stated.items())
    except OSError:
        return False


def _sha256(path: Path) -> str:
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()
