"""A release of three files, whole, for what asks no figure of it."""

import datetime as dt
import hashlib
import json
from pathlib import Path

from dagster_project.publishing.releases import DATABASE
from dagster_project.settings import Settings
from tests.failure._helpers import settings_of


def tiny_release(data: Path) -> Settings:
    """Settings of a data folder with it."""
    settings = settings_of(data)
    folder = settings.published / "2026.11.1"
    folder.mkdir(parents=True)
    about = {
        "release": "2026.11.1", "built_at": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
        "input": "embedded", "content_digest": "0" * 64, "tables": {},
    }  # fmt: skip
    (folder / "release.json").write_text(json.dumps(about), encoding="utf-8")
    (folder / DATABASE).write_bytes(b"marts")
    sums = [
        f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n"
        for path in sorted(folder.iterdir())
    ]
    (folder / "SHA256SUMS").write_text("".join(sums), encoding="utf-8")
    (settings.published / "current").symlink_to(folder.name)
    return settings
