"""Every command that a page shows is run, by this file or by a test that it names, or says why it is not.

A command is a line of a `bash` block; `export` alone is a setting. The tables below claim each of them word
for word: a new one fails until it has its claim, and so does a claim that no page needs any more.
"""

import ast
import hashlib
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest

from dagster_project.publishing.releases import current_release
from sources.editions.pins import PinStore
from sources.reading.catalog import load_source
from tests.conftest import command_environment
from tests.editions._pins import SOURCE, pin
from tests.golden.profile import PROFILE
from tests.pages import BLOCKS, ROOT, Block

BACKUP = "/path/to/backup"
RELEASES = ["2026.11.1", "2026.11.2"]
SOURCE_YML = Path(f"sources/{SOURCE}/source.yml")


@dataclass(frozen=True)
class Checkout:
    """A checkout with a data folder of two releases, in which a page's commands are run as they stand."""

    folder: Path

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def backup(self) -> Path:
        """Where /path/to/backup lies."""
        return self.folder / "backup"

    def current(self) -> str | None:
        release = current_release(self.data / "published")
        return None if release is None else str(release["release"])

    def run(self, line: str) -> str:
        """Run a line in bash; what it prints. It fails if any part of it fails."""
        # Under `make test` a make of ours would take itself for a part of that one, and say so.
        ours = command_environment(self.data).items()
        result = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", line.replace(BACKUP, str(self.backup))],
            cwd=self.folder,
            env={name: text for name, text in ours if "MAKE" not in name},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert result.returncode == 0, f"{line}\n{result.stdout}{result.stderr}"
        return result.stdout


def _finds_grains(checkout: Checkout, line: str) -> None:
    """Models by name, each with what one row is."""
    found = checkout.run(line).split("\n--\n")
    assert len(found) > 20
    assert all("name: " in model and "One row per" in model for model in found)


def _finds(checkout: Checkout, line: str) -> None:
    """It finds something, and all of it is what it looks for."""
    found = checkout.run(line).splitlines()
    assert found
    assert all("gold" in row.lower() for row in found)


def _lists_releases(checkout: Checkout, line: str) -> None:
    assert checkout.run(line).split() == [*RELEASES, "current"]


def _turns_back(checkout: Checkout, line: str) -> None:
    assert checkout.current() == "2026.11.2"
    checkout.run(line)
    assert checkout.current() == "2026.11.1"
    checkout.run("ln -sfn 2026.11.2 data/published/current")
    assert checkout.current() == "2026.11.2"


def _tells_the_release(checkout: Checkout, line: str) -> None:
    assert "2026.11.2, built" in checkout.run(line)


def _finds_it_whole(checkout: Checkout, line: str) -> None:
    """And a file with a byte more is named."""
    checkout.run(line)
    file = checkout.data / "published" / "current" / "CREDITS.md"
    text = file.read_text(encoding="utf-8")
    _rewrite(file, f"{text} ")
    with pytest.raises(AssertionError, match=r"CREDITS\.md: FAILED"):
        checkout.run(line)
    _rewrite(file, text)


def _rewrite(file: Path, text: str) -> None:
    """A file of its own: it was a second name of the release's of the run."""
    file.unlink()
    file.write_text(text, encoding="utf-8")


def _backs_up(checkout: Checkout, line: str) -> None:
    """Twice, with another release current: the second copy replaces the link of the first."""
    checkout.backup.mkdir()
    for release in reversed(RELEASES):
        checkout.run(f"ln -sfn {release} data/published/current")
        checkout.run(line)
        assert (checkout.backup / "published" / "current").readlink() == Path(release)
    checkout.run("ln -sfn 2026.11.2 data/published/current")
    assert {path.name for path in checkout.backup.iterdir()} == {"raw", "state", "published"}
    shutil.rmtree(checkout.backup)


def _backs_up_what_was_dropped(checkout: Checkout, line: str) -> None:
    checkout.backup.mkdir()
    checkout.run(line)
    assert not list(checkout.backup.iterdir()), "nothing was dropped"
    dropped = checkout.data / "drop" / SOURCE
    dropped.mkdir(parents=True)
    (dropped / "sheet.xlsx").write_bytes(b"dropped")
    checkout.run(line)
    assert (checkout.backup / "drop" / SOURCE / "sheet.xlsx").read_bytes() == b"dropped"
    shutil.rmtree(checkout.data / "drop")
    shutil.rmtree(checkout.backup)


def _restores(checkout: Checkout, line: str) -> None:
    """What the lines of the backup copied, in an empty folder, is readable there."""
    lost = checkout.data.rename(checkout.folder / "lost")
    checkout.backup.mkdir()
    checkout.run(f"cp -a {lost}/raw {lost}/state {lost}/published {BACKUP}/")
    checkout.data.mkdir()
    checkout.run(line)
    assert checkout.current() == "2026.11.2"
    database = checkout.data / "published" / "current" / "critical_minerals.duckdb"
    with duckdb.connect(str(database), read_only=True) as connection:
        assert connection.execute("select count(*) from marts.dim_mineral").fetchall()[0][0] > 0
    for folder in (checkout.data, checkout.backup):
        shutil.rmtree(folder)
    lost.rename(checkout.data)


def _shows_pins(checkout: Checkout, line: str) -> None:
    PinStore(checkout.data / "state").put(SOURCE, pin(state="current"))
    assert "CMO2026-04" in checkout.run(line)


def _prints_the_diff(checkout: Checkout, line: str) -> None:
    PinStore(checkout.data / "state").put(SOURCE, pin(state="current"))
    assert "+  - edition: CMO2026-04\n" in checkout.run(line)


def _applies_the_diff(checkout: Checkout, line: str) -> None:
    PinStore(checkout.data / "state").put(SOURCE, pin(state="current"))
    assert checkout.run(line) == ""
    before = (ROOT / SOURCE_YML).read_text(encoding="utf-8")
    after = (checkout.folder / SOURCE_YML).read_text(encoding="utf-8")
    assert after.startswith(before.rstrip("\n"))
    assert after.count("- edition: CMO2026-04\n") == before.count("- edition: CMO2026-04\n") + 1


def _tells_what_changed(checkout: Checkout, line: str) -> None:
    path = checkout.folder / SOURCE_YML
    text = path.read_text(encoding="utf-8")
    path.write_text(f"{text}# a change\n", encoding="utf-8")
    assert str(SOURCE_YML) in checkout.run(line)
    path.write_text(text, encoding="utf-8")


def _writes_the_profile(checkout: Checkout, line: str) -> None:
    """As it was reviewed, since the release is of these very tables."""
    path = checkout.folder / PROFILE.relative_to(ROOT)
    path.write_text("mart,column,nulls,total\n", encoding="utf-8")
    assert "+dim_mineral,*,," in checkout.run(line)
    assert path.read_text(encoding="utf-8") == PROFILE.read_text(encoding="utf-8")


def _takes_the_digest(checkout: Checkout, line: str) -> None:
    path = checkout.folder / "usgs_mcs/2027/MCS2027_Commodities_Data.csv"
    path.parent.mkdir(parents=True)
    path.write_bytes(b"as published")
    assert checkout.run(line).split()[0] == hashlib.sha256(b"as published").hexdigest()


def _installs_the_hook(checkout: Checkout, line: str) -> None:
    checkout.run(line)
    for name in ("pre-commit", "commit-msg"):
        hook = checkout.folder / ".git/hooks" / name
        assert hook.samefile(ROOT / "scripts" / name)
        assert os.access(hook, os.X_OK)


PROFILED = ".venv/bin/python -m tests.golden.profile --release data/published/current/critical_minerals.duckdb --write"
# Run here, and how it is seen that they do what the page says.
RUN: dict[str, Callable[[Checkout, str], None]] = {
    "grep -nE ',(gold|Gold),' sources/usgs_mcs/mappings/world_series.csv": _finds,
    "grep ',Gold,' sources/usgs_mcs/snapshot/MCS2026/world_figure.csv": _finds,
    "grep -rniw gold sources/*/mappings sources/reference | grep -E 'not among the minerals|outside'": _finds,
    'grep -rhiB1 "One row per [^.]*importer" dbt/models --include=_*.yml': _finds_grains,
    "ls data/published": _lists_releases,
    "ln -sfn 2026.11.1 data/published/current": _turns_back,
    ".venv/bin/chokepoint status": _tells_the_release,
    "cd data/published/current && sha256sum --check --quiet SHA256SUMS": _finds_it_whole,
    "cp -a data/raw data/state data/published /path/to/backup/": _backs_up,
    "test ! -d data/drop || cp -a data/drop /path/to/backup/": _backs_up_what_was_dropped,
    "cp -a /path/to/backup/. data/": _restores,
    ".venv/bin/chokepoint pin": _shows_pins,
    ".venv/bin/chokepoint pin --accept": _prints_the_diff,
    ".venv/bin/chokepoint pin --accept | git apply": _applies_the_diff,
    "git diff --stat": _tells_what_changed,
    PROFILED: _writes_the_profile,
    "sha256sum usgs_mcs/2027/MCS2027_Commodities_Data.csv": _takes_the_digest,
    "make hooks": _installs_the_hook,
}
# A target of the Makefile, and the one command that it is: claimed in the tables around this one.
MADE = {
    "make refresh": ".venv/bin/chokepoint refresh",
    "make serve": ".venv/bin/chokepoint serve",
    "make dev": ".venv/bin/chokepoint serve --development",
    "make site": ".venv/bin/python scripts/build_site.py",
    "CHOKEPOINT_FILES=/path/to/files make snapshot": ".venv/bin/chokepoint snapshot",
}
_SERVED = "tests/integration/test_ui.py"
_LAUNCHED = f"{_SERVED}::test_a_refresh_and_a_backfill_are_launched_through_webserver_and_daemon"
_APART = "tests/integration/test_hosts.py::test_the_next_refresh_outlives_daemon_code_server_and_another_host"
_BUILT = "tests/defs/test_build_alone.py"
_ADDED = "tests/golden/test_add_a_source.py::test_a_copied_template_is_a_source"
_DECIDED = "tests/editions/test_pins.py::test_the_command_shows_and_decides"
# Run by another test: a whole refresh takes a minute and more, a server a process that must end.
ELSEWHERE = {
    ".venv/bin/python scripts/build_site.py": "tests/integration/test_site.py::test_every_page_is_in_the_site",
    ".venv/bin/chokepoint refresh": "tests/conftest.py::_refreshed",
    ".venv/bin/python scripts/new_source.py made_up": _ADDED,
    ".venv/bin/pytest sources": _ADDED,
    "CHOKEPOINT_FILES=/path/to/files .venv/bin/chokepoint snapshot made_up": _ADDED,
    ".venv/bin/chokepoint build mart_reserve_share": f"{_BUILT}::test_one_mart_is_built_and_tested_and_publishing_refuses_it",
    ".venv/bin/chokepoint build +mart_reserve_share": f"{_BUILT}::test_a_plus_builds_what_a_mart_is_built_from",
    ".venv/bin/chokepoint build mart_thing mart_assumption": f"{_BUILT}::test_one_mart_is_built_and_tested_and_publishing_refuses_it",
    ".venv/bin/python scripts/new_mart.py thing": "tests/rules/test_template.py::test_nothing_is_overwritten",
    ".venv/bin/chokepoint serve": _LAUNCHED,
    ".venv/bin/chokepoint status --exit-code": "tests/failure/test_status_for_a_monitor.py::test_the_exit_code_is_for_a_monitor",
    ".venv/bin/chokepoint code-server": _APART,
    ".venv/bin/chokepoint serve --no-ui": _APART,
    ".venv/bin/chokepoint serve --no-daemon": _APART,
    ".venv/bin/chokepoint serve --read-only --port 3001": f"{_SERVED}::test_read_only_server_refuses_to_launch",
    # The same server; the option leaves one variable unset.
    ".venv/bin/chokepoint serve --development": _LAUNCHED,
    ".venv/bin/chokepoint pin --again usgs_mcs:MCS2027": _DECIDED,
    ".venv/bin/chokepoint pin --take usgs_mcs:MCS2025": _DECIDED,
    ".venv/bin/chokepoint pull 2023 2024": "tests/editions/test_comtrade_pull.py::test_years_are_pulled_by_a_command_without_a_daemon",
    ".venv/bin/chokepoint pull --source us_census 2025-04 2025-05": "tests/editions/test_census_months.py::test_months_are_pulled_by_a_command",
    ".venv/bin/chokepoint pull --source eurostat_comext_months 2025-04 2025-05": "tests/editions/test_comext_months.py::test_months_of_the_eu_are_pulled_by_a_command",
    # The command writes into the checkout; the test does its work, source by source, in a copy.
    ".venv/bin/chokepoint snapshot": "tests/unit/test_every_snapshot.py::test_compiling_the_snapshot_again_changes_no_byte",
    "CHOKEPOINT_DATA=/tmp/as-of CHOKEPOINT_AS_OF=2026-01-12 .venv/bin/chokepoint refresh": "tests/failure/test_refresh_kills.py::test_killed_at_each_stage_and_published_under_an_open_query",
    # Against a mirror of the publishers: a test has no network.
    "CHOKEPOINT_INPUT=live .venv/bin/chokepoint refresh": "tests/integration/test_live_daemon.py::test_the_release_is_that_of_embedded",
}
# Not run by any test, and why.
NEVER = {
    "make setup": "asks a package index; what runs this test was installed by it",
    "make test": "is this suite",
    "make lint": "is the first half of `make test`, and takes minutes",
    "make spark": "needs Java and 800 MB of packages; docs/spark.md says how far it was run",
    "make format": "rewrites the checkout that is under test",
    ".venv/bin/pytest tests/rules tests/unit/reference tests/unit/test_real_rows.py": "is a part of this suite",
    '.venv/bin/pytest -m "not slow" tests/rules tests/dbt': "is a part of this suite",
    '.venv/bin/pytest -m "not slow" tests/rules': "is a part of this suite",
    ".venv/bin/pytest tests/rules/test_docs.py -k thing": "is a part of this suite, on a mart that is made up",
    "CHOKEPOINT_FILES=/path/to/files .venv/bin/pytest tests/unit/test_every_snapshot.py -k made_up": "is a part of this suite, on a source that is made up",
}
CLAIMED = {**RUN, **MADE, **ELSEWHERE, **NEVER}


def command_lines(text: str) -> list[str]:
    """Commands of a `bash` block: lines without comments and settings, one that goes on made whole."""
    lines = re.sub(r"\s*\\\n\s*", " ", text).splitlines()
    commands = [line.split(" #")[0].strip() for line in lines]
    return [line for line in commands if line and not line.startswith(("#", "export "))]


def unclaimed(blocks: list[Block], claimed: set[str]) -> list[str]:
    """Commands of the blocks that no table claims."""
    return [
        f"{block}: {line}"
        for block in blocks
        for line in command_lines(block.text)
        if line not in claimed
    ]


BASH = [block for block in BLOCKS if block.language == "bash"]


def test_every_command_is_run_or_says_why_not() -> None:
    assert not unclaimed(BASH, set(CLAIMED)), "claim them in a table of this file"


def test_no_claim_is_idle() -> None:
    used = {line for block in BASH for line in command_lines(block.text)} | set(MADE.values())
    assert not set(CLAIMED) - used, "no page shows these any more"
    assert len(CLAIMED) == len(RUN) + len(MADE) + len(ELSEWHERE) + len(NEVER), "claimed twice"
    assert set(MADE.values()) <= set(RUN) | set(ELSEWHERE)


@pytest.mark.parametrize("place", sorted(set(ELSEWHERE.values())))
def test_the_test_that_runs_it_is_there(place: str) -> None:
    name, function = place.split("::")
    tree = ast.parse((ROOT / name).read_text(encoding="utf-8"))
    assert function in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


@pytest.fixture(scope="module")
def checkout(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Checkout:
    made = Checkout(tmp_path_factory.mktemp("commands") / "checkout")
    own = {SOURCE_YML, PROFILE.relative_to(ROOT), *map(Path, (".git", ".venv", "data"))}
    _linked(ROOT, made.folder, own)
    for path in (SOURCE_YML, PROFILE.relative_to(ROOT)):
        shutil.copyfile(ROOT / path, made.folder / path)
    # Python code that must write beside itself is a file of its own, too.
    (made.folder / "tests/golden/profile.py").unlink()
    shutil.copyfile(ROOT / "tests/golden/profile.py", made.folder / "tests/golden/profile.py")
    _linked(Path(sys.executable).parent.parent, made.folder / ".venv", {Path(".synced")})
    (made.folder / ".venv/.synced").touch()
    published = made.data / "published"
    for release in RELEASES:
        source = (data / "published" / "current").resolve()
        shutil.copytree(source, published / release, copy_function=os.link)
        note, sums = published / release / "release.json", published / release / "SHA256SUMS"
        before = hashlib.sha256(note.read_bytes()).hexdigest()
        _rewrite(note, note.read_text("utf-8").replace(f'"{source.name}"', f'"{release}"'))
        after = hashlib.sha256(note.read_bytes()).hexdigest()
        _rewrite(sums, sums.read_text("utf-8").replace(before, after))
    (published / "current").symlink_to(RELEASES[-1])
    for name in ("raw", "state", "lake"):
        shutil.copytree(data / name, made.data / name)
    subprocess.run(["git", "init", "-q", str(made.folder)], check=True)
    subprocess.run(["git", "-C", str(made.folder), "add", str(SOURCE_YML)], check=True)
    return made


def _linked(source: Path, target: Path, own: set[Path]) -> None:
    """Links to everything of a folder; folders on the way to `own` paths are made, and those are left out."""
    target.mkdir(parents=True)
    for path in source.iterdir():
        name = Path(path.name)
        below = {own_path.relative_to(name) for own_path in own if name in own_path.parents}
        if below:
            _linked(path, target / name, below)
        elif name not in own:
            (target / name).symlink_to(path)


@pytest.mark.slow
@pytest.mark.parametrize("line", RUN)
def test_command_does_what_the_page_says(checkout: Checkout, line: str) -> None:
    RUN[line](checkout, line)


@pytest.mark.slow
@pytest.mark.parametrize("line", MADE)
def test_target_is_the_command(checkout: Checkout, line: str) -> None:
    """`make -n` says what `make` would do, where everything is set up."""
    assert checkout.run(line.replace("make ", "make -n ")).splitlines() == [MADE[line]]


def test_claim_rule_bites() -> None:
    text = "# first\nexport A=1\nmake refresh   # and then\ncp -a \\\n  x y\n"
    assert command_lines(text) == ["make refresh", "cp -a x y"]
    block = Block(ROOT / "README.md", 7, "bash", text, None)
    assert unclaimed([block], {"make refresh"}) == ["README.md:7: cp -a x y"]


@pytest.mark.slow
def test_a_failing_part_fails_the_command(checkout: Checkout) -> None:
    for line in ("ls nowhere", "grep no-such-word README.md | sort", "false; true"):
        with pytest.raises(AssertionError, match=re.escape(line)):
            checkout.run(line)


def test_sources_named_by_commands_exist() -> None:
    for line in CLAIMED:
        for named in re.findall(r"--(?:again|take) (\w+):", line):
            assert load_source(named).source_id == named
