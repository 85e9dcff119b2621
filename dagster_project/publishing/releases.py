"""Releases that stand, and which one is current. Imports nothing that is heavy: `status` answers at once."""

import json
from pathlib import Path
from typing import Any


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
