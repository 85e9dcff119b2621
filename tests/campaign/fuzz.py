"""Publishers' real files, mutated by a seed: is each refused, read alike, or told of where it is accepted changed?

Files are read in a process apart, so that one that crashes it or bursts the memory is counted, not suffered.
`python -m tests.campaign.fuzz --only world_bank_wgi --log FILE` tells each verdict.
"""

import argparse
import json
import multiprocessing
import os
import resource
import sys
import time
import traceback
from collections import Counter
from collections.abc import Collection, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from queue import SimpleQueue
from random import Random

from tests.campaign.frame import SEED, Trial, Workshop

ROOT = Path(__file__).resolve().parents[2]
FILES = Path(os.environ.get("CHOKEPOINT_FILES") or ROOT.parent / "shared" / "data")
# Of address space, of which Polars holds back more than it uses: a file may take half a terabyte and must not, while the
# three gigabytes of the largest file grow by one in a process that has judged hundreds.
MOST_BYTES = 8 << 30
# Far above what any needs: on a machine that does much else, a source alone is read in a minute.
MOST_SECONDS = 300
# A change counts as gross where, in one series, figures moved more than twofold (or to or from nothing) that hold a
# tenth of what the series sums to; of scores, where they moved by one.
GROSS_FOLD, GROSS_SHARE, GROSS_SCORE = 2.0, 0.1, 1.0
# Files whose reading takes seconds are drawn less often.
WEIGHTS = {"BACI_HS92_V202601.zip": 0.05, "importer_declarations_2018_2024.parquet": 0.2}
SOURCE_WEIGHTS = {"cepii_baci": 0.03, "un_comtrade": 0.05, "usitc_dataweb": 0.15}
# Held: `refused`; read `alike`; accepted with a change that is not gross (`small`), or that a warning or the list of what
# moved names, beside the edition before (`told`) or beside the same one as it is held (`told_beside`).
FAILED = ("silent", "fault", "died", "slow")


@dataclass(frozen=True)
class Case:
    """One mutated file: which, how, and the seed of it."""

    number: int
    source_id: str
    edition: str
    path: str
    member: str | None
    mutation: str
    seed: str


@dataclass
class Verdict:
    """What became of a case; `said` are the words of the mutation and of what was told."""

    case: Case
    verdict: str
    said: str = ""
    told: str = ""


def cases(count: int, seed: int = SEED, only: Collection[str] = ()) -> Iterator[Case]:
    """The cases of a seed: one mutation after the other, each of a file that is drawn.

    Every edition of a source is drawn alike, and every file of an edition.
    """
    from sources.registry import all_sources
    from tests.campaign.mutations import BYTES, GRID

    random = Random(seed)
    files = [
        (source.source_id, edition.edition, file)
        for source in all_sources()
        for edition in source.editions
        for file in edition.files
        if not only or source.source_id in only
    ]
    of_edition = Counter((source_id, edition) for source_id, edition, _ in files)
    editions = Counter(source_id for source_id, _ in of_edition)
    weights = [
        SOURCE_WEIGHTS.get(source_id, 1)
        * WEIGHTS.get(file.name, 1)
        / editions[source_id]
        / of_edition[source_id, edition]
        for source_id, edition, file in files
    ]
    mutations = [*GRID, *BYTES]
    for number in range(count):
        [(source_id, edition, file)] = random.choices(files, weights)
        mutation = mutations[number % len(mutations)]
        yield Case(number, source_id, edition, file.path, file.member, mutation, f"{seed}-{number}")


def _answer(pipe: Connection) -> None:
    """Judge the cases that come, one by one; the process of `judged`."""
    resource.setrlimit(resource.RLIMIT_AS, (MOST_BYTES, MOST_BYTES))
    from tests.campaign.judging import Judge

    judge = Judge(FILES)
    while (case := pipe.recv()) is not None:
        try:
            verdict = judge(case)
        except Exception:
            verdict = Verdict(case, "fault", told=traceback.format_exc()[-1500:])
        pipe.send(verdict)


class _Worker:
    """A process that judges; replaced when it dies or takes too long."""

    def __init__(self) -> None:
        self._start()

    def _start(self) -> None:
        spawn = multiprocessing.get_context("spawn")
        self.pipe, theirs = spawn.Pipe()
        self.process = spawn.Process(target=_answer, args=(theirs,), daemon=True)
        self.process.start()
        theirs.close()

    def __call__(self, case: Case) -> Verdict:
        self.pipe.send(case)
        try:
            if self.pipe.poll(MOST_SECONDS):
                return self.pipe.recv()
            failed = Verdict(case, "slow", told=f"no verdict within {MOST_SECONDS} s")
        except (EOFError, ConnectionResetError):
            self.process.join()
            failed = Verdict(case, "died", told=f"exit code {self.process.exitcode}")
        self.process.kill()
        self._start()
        return failed

    def close(self) -> None:
        """End the process."""
        self.process.kill()
        self.process.join()


def verdicts(
    count: int, seed: int = SEED, only: Collection[str] = (), workers: int = 1
) -> Iterator[Verdict]:
    """The verdict of each case, in their order.

    Args:
        only: ids of sources, where others are left out.
        workers: processes that judge at a time.
    """
    os.environ.setdefault("POLARS_MAX_THREADS", "1")
    free = SimpleQueue[_Worker]()
    made = [_Worker() for _ in range(workers)]
    for worker in made:
        free.put(worker)

    def judged(case: Case) -> Verdict:
        worker = free.get()
        try:
            return worker(case)
        finally:
            free.put(worker)

    pool = ThreadPoolExecutor(workers)
    try:
        yield from pool.map(judged, cases(count, seed, only))
    finally:
        pool.shutdown(cancel_futures=True)
        for worker in made:
            worker.close()


def mutated_files(_: Workshop, count: int, chance: Random) -> Iterator[Trial]:
    """The part of the campaign."""
    for verdict in verdicts(count, chance.randrange(1 << 32), workers=os.cpu_count() or 1):
        case = verdict.case
        name = f"{case.source_id} {case.edition} {Path(case.path).name}, {case.mutation}"
        fault = f"{verdict.verdict}: {verdict.told}" if verdict.verdict in FAILED else ""
        yield Trial(f"{name}: {verdict.said}", fault)


def main() -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--cases", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--only", nargs="*", default=[], help="ids of sources; else all")
    parser.add_argument("--minutes", type=float, default=600, help="stop after so many")
    parser.add_argument("--log", type=Path, default=Path(os.devnull), help="a line of JSON a case")
    asked = parser.parse_args()
    until, counts = time.time() + asked.minutes * 60, Counter[str]()
    with asked.log.open("a", encoding="utf-8", buffering=1) as lines:
        for verdict in verdicts(asked.cases, asked.seed, asked.only, os.cpu_count() or 1):
            counts[verdict.verdict] += 1
            lines.write(json.dumps(asdict(verdict)) + "\n")
            if time.time() > until:
                break
    failed = sum(counts[name] for name in FAILED)
    sys.stdout.write(f"{counts.total()} tried, {failed} failed: {dict(counts.most_common())}\n")
    return bool(failed)


if __name__ == "__main__":
    sys.exit(main())
