"""`make campaign`: break it as often as a night allows, and write down what held: docs/reliability.md.

python -m tests.campaign [--share 0.1] [--part SIGKILL] [--minutes 10] [--small FOLDER]
"""

import argparse
import datetime as dt
import math
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from dagster_project.settings import PROJECT_ROOT
from tests.campaign.frame import SEED, Count, Workshop, counted
from tests.campaign.parts import PARTS

PAGE = PROJECT_ROOT / "docs" / "reliability.md"
BEGIN, END = "<!-- campaign -->\n", "<!-- /campaign -->"
HEAD = (
    "| what is done | what must hold | tried | held | failed | when |",
    "|---|---|---|---|---|---|",
)


def _small(folder: Path) -> Path:
    """A small data folder of the repo as it stands: one refresh, then most rows are left out."""
    from tests.failure._helpers import environment, make_small

    refreshed, small = folder / "refreshed", folder / "small"
    refresh = [str(Path(sys.executable).with_name("chokepoint")), "refresh"]
    subprocess.run(refresh, env=environment(refreshed), check=True, stdout=subprocess.DEVNULL)
    make_small(refreshed, small)
    return small


def commit() -> str:
    """Of the code that is tried."""
    asked = ["git", "log", "-1", "--format=%h"]
    return subprocess.run(
        asked, capture_output=True, text=True, cwd=PROJECT_ROOT, check=False
    ).stdout.strip()


def written(page: str, counts: Sequence[Count], when: str, *, adds: bool = False) -> str:
    """The page with the rows of these parts replaced, or added to; those of other parts stay."""
    before, _, rest = page.partition(BEGIN)
    old, _, after = rest.partition(END)
    rows = {line.split("|")[1].strip(): line for line in old.splitlines() if line.startswith("| ")}
    for count in counts:
        title, failed = count.part.title, len(count.failed)
        tried, held, said = count.tried, count.tried - failed, when
        if adds and title in rows:
            *_, before_tried, before_held, before_failed, earlier, _ = rows[title].split("|")
            tried += _number(before_tried)
            held += _number(before_held)
            failed += _number(before_failed)
            said = f"{earlier.strip()}; {when}"
        rows[title] = (
            f"| {title} | {count.part.holds} | {tried:,} | {held:,} | {failed:,} | {said} |"
        )
    kept = [rows[part.title] for part in PARTS if part.title in rows]
    table = "\n".join([*HEAD, *kept])
    return f"{before}{BEGIN}{table}\n{END}{after}"


def _number(printed: str) -> int:
    return int(printed.replace(",", ""))


def main() -> int:
    """Run the parts, write the table; 1 where anything failed."""
    parser = argparse.ArgumentParser(prog="make campaign", description=__doc__)
    parser.add_argument(
        "--share", type=float, default=1.0, help="of a night's trials; 1 writes the page"
    )
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--part", default="", help="of a part's title; else all")
    parser.add_argument("--small", type=Path, help="a small data folder that was made before")
    parser.add_argument("--write", action="store_true", help="write the page whatever the share is")
    parser.add_argument(
        "--add",
        action="store_true",
        help="write the page, and add to what earlier seeds have tried",
    )
    parser.add_argument("--minutes", type=float, default=math.inf, help="for each part, at most")
    asked = parser.parse_args()
    counts = []
    os.environ.pop("CHOKEPOINT_INPUT", None)
    with tempfile.TemporaryDirectory(dir=asked.small and asked.small.parent) as folder:
        at = Path(folder)
        workshop = Workshop(at, lambda: asked.small or _small(at))
        for part in PARTS:
            if asked.part in part.title:
                trials = max(1, round(part.nightly * asked.share))
                count = counted(part, workshop, trials, asked.seed, asked.minutes)
                counts.append(count)
                sys.stdout.write(f"{part.title}: {count.tried} tried, {len(count.failed)} failed\n")
                for trial in count.failed:
                    sys.stdout.write(f"  FAILED {trial.name}: {trial.fault}\n")
                sys.stdout.flush()
    if asked.write or asked.add or (asked.share >= 1 and not asked.part):
        when = f"{dt.datetime.now(dt.UTC):%Y-%m-%d}, {commit()}, seed {asked.seed}"
        PAGE.write_text(written(PAGE.read_text("utf-8"), counts, when, adds=asked.add), "utf-8")
    return int(any(count.failed for count in counts))


if __name__ == "__main__":
    sys.exit(main())
