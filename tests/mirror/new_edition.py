"""`python -m tests.mirror.new_edition <files> <folder>`: the whole of a new edition, with the real daemon.

In a copy of the repo that does not know USGS's book of 2026: a refresh from the mirror, then `chokepoint
serve` with the daemon. First the book has a slip of units, which must be told to a webhook; then USGS puts it
right, and it must be in a release. Minutes, not seconds: the tests do the same with one source.
"""

import argparse
import http.server
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

from sources.catalog import all_sources
from sources.inputs import READERS
from tests.intake.held_back import HELD, SOURCE, TITLE, book_of_2026, in_kilograms
from tests.mirror import publishers
from tests.mirror.server import running

ROOT = Path(__file__).resolve().parents[2]
ITEM = "696a75d5d4be0228872d3bf8"
PATIENCE_SECONDS = 1500
TOLD: list[str] = []


class _Hook(http.server.BaseHTTPRequestHandler):
    """A webhook that keeps what it is told."""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        TOLD.append(json.loads(body)["text"])
        self.send_response(204)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Nothing."""


def _said(text: str) -> None:
    sys.stdout.write(f"{time.strftime('%H:%M:%S')} {text}\n")
    sys.stdout.flush()


def _wait(what: str, done: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE_SECONDS
    while not done():
        if time.monotonic() > end:
            raise TimeoutError(what)
        time.sleep(2)
    _said(what)


def _copy(to: Path) -> None:
    for name in ("sources", "dagster_project", "dbt", "pyproject.toml", "dagster.yaml"):
        if (ROOT / name).is_dir():
            shutil.copytree(
                ROOT / name, to / name, ignore=shutil.ignore_patterns("__pycache__", "target")
            )
        else:
            shutil.copy2(ROOT / name, to / name)
    path = to / "sources" / SOURCE / "source.yml"
    text = path.read_text(encoding="utf-8")
    path.write_text(re.sub(rf"  - edition: {HELD}\n(?:    .*\n)*", "", text), encoding="utf-8")


def main() -> None:
    """Show it, or raise TimeoutError."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", type=Path, help="folder of publishers' files")
    parser.add_argument("folder", type=Path, help="an empty folder to work in")
    asked = parser.parse_args()
    copy, data = asked.folder / "copy", asked.folder / "data"
    copy.mkdir(parents=True)
    _copy(copy)
    sources = [source for source in all_sources() if source.source_id in READERS]
    hook = http.server.HTTPServer(("127.0.0.1", 0), _Hook)
    threading.Thread(target=hook.serve_forever, daemon=True).start()
    with running(publishers.hosts_of(sources), asked.folder) as (mirror, environment):
        for source in sources:
            known = tuple(
                edition
                for edition in source.editions
                if (source.source_id, edition.edition) != (SOURCE, HELD)
            )
            publishers.publish(mirror, source.model_copy(update={"editions": known}), asked.files)
        environment |= {
            "CHOKEPOINT_DATA": str(data),
            "CHOKEPOINT_INPUT": "live",
            "CHOKEPOINT_ALERT_URL": f"http://127.0.0.1:{hook.server_address[1]}/hook",
            "PYTHONPATH": str(copy),
        }
        command = [sys.executable, "-c", "from dagster_project.cli import app; app()"]
        run = {"cwd": copy, "env": {**os.environ, **environment}}
        release = data / "published" / "current" / "release.json"
        pins = data / "state" / "pins.yml"

        def editions() -> str:
            held = data / "lake" / SOURCE / "production.json"
            return held.read_text() if held.exists() else ""

        subprocess.run([*command, "refresh"], check=True, **run)  # pyright: ignore[reportCallIssue, reportArgumentType]
        first = json.loads(release.read_text())["release"]
        _said(f"release {first}, without {HELD}: {HELD not in editions()}")
        book = book_of_2026(asked.files)
        for content, ends in (
            (in_kilograms(book, "Cobalt"), lambda: any(HELD in text for text in TOLD)),
            (book, lambda: "state: current" in pins.read_text()),
        ):
            publishers.announce(
                mirror, ITEM, TITLE, "2026-02-06", {"MCS2026_Commodities_Data.csv": content}
            )
            # A sensor looks when it first runs, and then every six hours.
            shutil.rmtree(data / "dagster" / "schedules", ignore_errors=True)
            served = subprocess.Popen([*command, "serve", "--port", "3391"], **run)  # pyright: ignore[reportCallIssue, reportArgumentType]
            try:
                _wait("taken in", pins.exists)
                _wait("told to the webhook" if not TOLD else "current", ends)
            finally:
                served.send_signal(signal.SIGTERM)
                served.wait(60)
            now = json.loads(release.read_text())["release"]
            _said(f"release {now}, with {HELD}: {HELD in editions()}; the webhook has {len(TOLD)}")
        _said(next(text for text in TOLD if HELD in text))


if __name__ == "__main__":
    main()
