"""Fixtures shared by all tests: a release built once, and the publishers' real files where they lie."""

import fcntl
import os
import shutil
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb
import pytest

ROOT = Path(__file__).resolve().parent.parent
MEMORY = Path("/dev/shm")
# Room for a run's folders, some GB, and as much for its processes.
MEMORY_ASKED = 12_000_000_000
SHARED = Path(os.environ.get("CHOKEPOINT_FILES") or ROOT.parent / "shared" / "data")
# What came out later is unknown to the release of fixture `earlier`.
MINISTERIAL = "2026-01-12"

# Each worker begins with one, and goes on with the next: the first builds `few` for the whole run, the second `data`,
# the third fills the time until `few` is there, and begins what takes longest of all.
FIRST = [
    "defs/test_checks_stop.py",
    "golden/test_profile.py",
    "unit/test_every_snapshot.py",
    "integration/test_on_spark.py",
]
MOST_WORKERS = 6
# Files that take a quarter of a minute or more, the longest first: begun early, they end together.
LONGEST = [
    "failure/test_refresh_kills.py",
    "integration/test_live_daemon.py",
    "failure/test_publish_kills.py",
    "golden/test_second_edition.py",
    "integration/test_ui.py",
    "integration/test_hosts.py",
    "campaign/test_campaign.py",
    "dbt/test_unit_tests.py",
    "defs/test_build_alone.py",
    "integration/test_spark_build.py",
    "campaign/test_fuzz.py",
    "integration/test_atlas.py",
    "integration/test_atlas_reading.py",
    "editions/test_replaced.py",
    "editions/test_new_edition.py",
    "golden/test_add_a_source.py",
    "golden/test_reconciliation.py",
    "golden/test_macros.py",
]


def _has_memory() -> bool:
    """Whether temporary folders can lie in memory: thousands of waits for the disk take a sixth of a run."""
    try:
        is_closed = os.statvfs(MEMORY).f_flag & (os.ST_NOEXEC | os.ST_RDONLY)
        available = (
            Path("/proc/meminfo").read_text("utf-8").partition("MemAvailable:")[2].split()[0]
        )
    except (OSError, IndexError):
        return False
    room = min(int(available) * 1024, shutil.disk_usage(MEMORY).free)
    return not is_closed and room >= MEMORY_ASKED


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """One more than there are cores: a third of a run its tests wait for a process, a lock or a clock."""
    cores = len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1
    return min(cores + 1, MOST_WORKERS)


def pytest_configure() -> None:
    """Choose where temporary folders lie, unless `PYTEST_DEBUG_TEMPROOT` or `--basetemp` says it.

    And keep compiled code: a run starts hundreds of processes, each of which would compile ours anew. What tests make
    lives long, as in a refresh.
    """
    from dagster_project.settings import collect_garbage_rarely

    collect_garbage_rarely()
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    sys.dont_write_bytecode = False
    if "PYTEST_DEBUG_TEMPROOT" not in os.environ and _has_memory():
        os.environ["PYTEST_DEBUG_TEMPROOT"] = os.fspath(MEMORY)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """End with what was skipped, and why: a green run hides no missing tool or file."""
    skipped = terminalreporter.stats.get("skipped", [])
    reasons = Counter(str(report.longrepr[2]).removeprefix("Skipped: ") for report in skipped)
    for reason, count in reasons.most_common():
        terminalreporter.write_line(f"{count} skipped: {reason}")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Order the files, which go to whichever worker is free: last, and short, what waits for nothing."""
    names = [*FIRST, *LONGEST]
    gone = [name for name in names if not (ROOT / "tests" / name).exists()]
    assert not gone, f"tests/conftest.py lists files that are no more: {gone}"
    turns = {ROOT / "tests" / name: number for number, name in enumerate(names)}
    asking = {
        item.path for item in items if {"data", "few"} & set(getattr(item, "fixturenames", ()))
    }
    last = len(names)
    items.sort(key=lambda item: turns.get(item.path, last if item.path in asking else last + 1))


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_call() -> None:
    """Undo what Dagster leaves where interrupts are ignored, as in a job in the background: SIGTERM ignored likewise.

    Processes that a test starts would inherit it, and could not be stopped.
    """
    signal.signal(signal.SIGTERM, signal.SIG_DFL)


def command_environment(data: Path, **more: str) -> dict[str, str]:
    """Environment of a chokepoint command that works on `data` and nothing else."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith("CHOKEPOINT_")}
    return {**kept, "CHOKEPOINT_DATA": str(data), "COLUMNS": "160", "NO_COLOR": "1", **more}


def run_command(
    *arguments: str, data: Path, timeout: float = 480, **more: str
) -> subprocess.CompletedProcess[str]:
    """Run `chokepoint …` as a user would, in a process of its own.

    The limit was 180 s until trade came in; two refreshes side by side on a busy machine took 130.
    """
    return subprocess.run(
        [str(Path(sys.executable).parent / "chokepoint"), *arguments],
        env=command_environment(data, **more),
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Folder of the publishers' real files; skips, saying so, where it is absent."""
    if not SHARED.is_dir():
        if os.environ.get("CHOKEPOINT_REQUIRE_SHARED"):
            pytest.fail(f"CHOKEPOINT_REQUIRE_SHARED is set, and {SHARED} is not there")
        pytest.skip(f"the publishers' real files are not at {SHARED}")
    return SHARED


def made_once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], object]) -> Path:
    """A folder for the whole run: the first worker that asks makes it, the others wait and share it.

    A refresh costs a minute of a core. Nobody may change what lies there: take a copy and change that.
    """
    base = factory.getbasetemp()
    # A worker of xdist has a folder of its own inside that of the run.
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    folder, done = shared / name, shared / f"{name}.done"
    with (shared / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not done.exists():
            assert not folder.exists(), f"{name} could not be made before; see the first failure"
            folder.mkdir()
            make(folder)
            done.touch()
    return folder


def _parsed(folder: Path) -> None:
    from dagster_project.operations.dbt_runner import prepare_manifest
    from dagster_project.settings import Settings
    from sources.reading.input import Input

    prepare_manifest(Settings(folder, Input.EMBEDDED, None))


@pytest.fixture(scope="session")
def parsed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with dbt's parsed project alone: who begins with a copy of its `dbt` need not parse."""
    return made_once(tmp_path_factory, "parsed", _parsed)


def _refreshed(parsed: Path, folder: Path) -> None:
    shutil.copytree(parsed / "dbt", folder / "dbt")
    result = run_command("refresh", data=folder)
    assert result.returncode == 0, result.stdout + result.stderr


@pytest.fixture(scope="session")
def data(parsed: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Data folder after one embedded refresh, shared by all workers: read it, or copy it."""
    return made_once(tmp_path_factory, "refreshed", lambda folder: _refreshed(parsed, folder))


def _few_refreshed(parsed: Path, folder: Path) -> None:
    from tests.copied_repository import copy_repository, refresh_copy
    from tests.few_traders import cut_repository

    assert copy_repository(folder / "repo"), "not a git checkout: there is no list of files to copy"
    cut_repository(folder / "repo")
    # The copy's seeds are others: of the parsed project its refresh reads these anew.
    shutil.copytree(parsed / "dbt", folder / "data" / "dbt")
    refresh_copy(folder / "repo", folder / "data")


@pytest.fixture(scope="session")
def few(parsed: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Data folder after a refresh of a copy of the repo whose BACI knows few traders; copy it, or read it.

    For what rests on a whole release and on none of its figures: an eighth of the rows, all of the checks.
    """
    made = made_once(tmp_path_factory, "few", lambda folder: _few_refreshed(parsed, folder))
    return made / "data"


def _made_small(few: Path, folder: Path) -> None:
    from tests.failure._helpers import make_small

    make_small(few, folder)


@pytest.fixture(scope="session")
def small(few: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Data folder with a cut-down warehouse and one release of it: copy it, never change it."""
    return made_once(tmp_path_factory, "small", lambda folder: _made_small(few, folder))


def _refreshed_as_of(few: Path, folder: Path) -> None:
    from tests.failure._helpers import copied
    from tests.failure._kills import killed_thrice_then_refreshed

    killed_thrice_then_refreshed(copied(few, folder / "data"), few.parent / "repo", MINISTERIAL)


@pytest.fixture(scope="session")
def earlier(few: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Data folder as of the ministerial, refreshed after three kills; shared by all workers: only read it."""
    return made_once(
        tmp_path_factory, "earlier", lambda folder: _refreshed_as_of(few, folder)
    ).joinpath("data")


@pytest.fixture(scope="session")
def release(data: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """The published database, opened read-only as an analyst would."""
    path = data / "published" / "current" / "critical_minerals.duckdb"
    connection = duckdb.connect(str(path), read_only=True)
    yield connection
    connection.close()
