"""What the gate reads: the result of every check of a build, in `audit/<build_id>.json`.

Written by the checks as they run, read by publishing and by nobody else. The file is rewritten whole
and atomically after each step of checks, so a killed build leaves a readable, incomplete audit.
"""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from sources.reading.disk import write_atomically


@dataclass(frozen=True)
class CheckRecord:
    """One check's result in one build. `key` is `<asset key>:<check name>`."""

    key: str
    passed: bool
    severity: str
    summary: str

    @property
    def stops(self) -> bool:
        """Whether this result forbids publishing."""
        return not self.passed and self.severity == "ERROR"


def check_key(asset_path: str, name: str) -> str:
    """The one spelling of a check's key, from `a/b/c` and its name."""
    return f"{asset_path}:{name}"


def _path(folder: Path, build_id: str) -> Path:
    return folder / f"{build_id}.json"


def record(folder: Path, build_id: str, results: list[CheckRecord]) -> None:
    """Add results to the build's audit; a later result of the same check replaces the earlier."""
    known = {item.key: item for item in read(folder, build_id)}
    known.update({item.key: item for item in results})
    content = json.dumps([asdict(known[key]) for key in sorted(known)], indent=1)
    write_atomically(_path(folder, build_id), content.encode("utf-8"))


def read(folder: Path, build_id: str) -> list[CheckRecord]:
    """Results recorded for a build, sorted by key; empty where the build has none, or they are damaged.

    Nothing is lost by that: a check without a result forbids publishing.
    """
    try:
        found = json.loads(_path(folder, build_id).read_text(encoding="utf-8"))
        return [CheckRecord(**item) for item in found]
    except (FileNotFoundError, ValueError, TypeError):
        return []


def refusals(folder: Path, build_id: str, blocking: list[str]) -> list[str]:
    """Why this build may not be published, in words; empty where it may.

    Args:
        blocking: keys of every check that the definitions call blocking.
    """
    results = {item.key: item for item in read(folder, build_id)}
    missing = [f"{key}: not run in this build" for key in blocking if key not in results]
    failed = [f"{key}: {results[key].summary}" for key in sorted(results) if results[key].stops]
    return failed + missing
