"""Environments of what we compare with, which is no dependency of ours: made once, below `.tools/bench`."""

import hashlib
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

FOLDER = Path(__file__).resolve().parent.parent / ".tools" / "bench"
TIMEOUT_SECONDS = 900


def python_with(
    requirements: Sequence[str], module: str, progress: Callable[[str], None]
) -> tuple[Path | None, str]:
    """A Python that has the requirements; or none, and why in one line.

    Args:
        requirements: as pip takes them.
        module: what must be there to import.
        progress: is told that packages are fetched, before anything is timed.
    """
    name = hashlib.sha256(" ".join(requirements).encode()).hexdigest()[:12]
    folder = FOLDER / f"{module}-{name}"
    python = folder / "bin" / "python"
    if not (folder / "done").exists():
        progress(f"making an environment with {', '.join(requirements)}")
        for command in (
            [sys.executable, "-m", "venv", "--clear", str(folder)],
            [str(python), "-m", "pip", "install", "--quiet", *requirements],
            [str(python), "-c", f"import importlib.util as u; assert u.find_spec('{module}')"],
        ):
            try:
                subprocess.run(
                    command, capture_output=True, text=True, timeout=TIMEOUT_SECONDS, check=True
                )
            except subprocess.TimeoutExpired:
                return None, f"{' '.join(requirements)} took longer than {TIMEOUT_SECONDS} s"
            except subprocess.CalledProcessError as error:
                said = (error.stderr or "").strip().splitlines() or ["no reason given"]
                return None, f"{' '.join(requirements)} could not be installed: {said[-1]}"
        (folder / "done").touch()
    return python, ""
