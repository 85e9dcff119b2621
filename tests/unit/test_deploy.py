"""What deploy/ holds works: units are valid, the container's steps make an environment that has all that a run reads."""

import os
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml
from typer.main import get_command

from dagster_project.cli.commands import app
from tests.clients import missing
from tests.conftest import ROOT

DEPLOY = ROOT / "deploy"
AT = "/opt/chokepoint"
UNITS = sorted(DEPLOY.glob("*.service"))
COMPOSE = yaml.safe_load((DEPLOY / "compose.yaml").read_text("utf-8"))


def _options(words: list[str]) -> None:
    """The command and its options are some of ours."""
    name, *rest = words
    params = getattr(get_command(app), "commands", {})[name].params
    known = {option for one in params for option in (*one.opts, *one.secondary_opts)}
    assert {word for word in rest if word.startswith("--")} <= known


def test_units_are_valid(tmp_path: Path) -> None:
    """As systemd reads them, with this checkout in place of /opt/chokepoint."""
    analyze = shutil.which("systemd-analyze") or missing("no systemd-analyze")
    assert len(UNITS) == 4
    for unit in UNITS:
        text = unit.read_text("utf-8")
        (start,) = re.findall(r"^ExecStart=(\S+) (.+)$", text, re.MULTILINE)
        assert start[0] == f"{AT}/.venv/bin/chokepoint"
        _options(start[1].split())
        here = text.replace(f"{AT}/.venv/bin", str(Path(sys.executable).parent)).replace(
            AT, str(ROOT)
        )
        (tmp_path / unit.name).write_text(here, encoding="utf-8")
    said = subprocess.run(
        [analyze, "verify", "--man=no", *map(str, sorted(tmp_path.iterdir()))],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (said.returncode, said.stdout + said.stderr) == (0, "")


def test_a_unit_that_is_none_is_found(tmp_path: Path) -> None:
    unit = tmp_path / "bad.service"
    unit.write_text("[Service]\nExecStart=/no/such/program\nKillMood=process\n", encoding="utf-8")
    analyze = shutil.which("systemd-analyze") or missing("no systemd-analyze")
    command = [analyze, "verify", "--man=no", str(unit)]
    said = subprocess.run(command, capture_output=True, text=True, check=False)
    assert "KillMood" in said.stderr
    assert "/no/such/program" in said.stderr


def test_compose_starts_our_commands_and_shows_the_proxy_alone() -> None:
    services = COMPOSE["services"]
    for name in ("code", "daemon", "ui"):
        program, *words = services[name]["command"]
        assert program == "chokepoint"
        _options(words)
    assert [name for name, service in services.items() if "ports" in service] == ["proxy"]
    configuration = (DEPLOY / "nginx.conf").read_text("utf-8")
    assert "auth_basic_user_file" in configuration
    assert "proxy_set_header Host $host;" in configuration
    read = set(re.findall(r"\$\{(\w+)", (DEPLOY / "compose.yaml").read_text("utf-8")))
    page = (ROOT / "docs" / "deploy.md").read_text("utf-8")
    assert not [name for name in read if f"`{name}`" not in page]


def _steps() -> list[tuple[str, str]]:
    text = (DEPLOY / "Containerfile").read_text("utf-8")
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return [(kind, rest) for kind, _, rest in (line.partition(" ") for line in lines)]


def _uv() -> str:
    own = ROOT / ".tools" / "uv" / "bin" / "uv"
    return shutil.which("uv") or (str(own) if own.exists() else missing("no uv"))


@pytest.mark.slow
def test_the_containers_steps_make_a_whole_environment(tmp_path: Path) -> None:
    """Built where a builder is; else its steps are run here, in a clean folder, from the packages that uv has kept."""
    builder = next(filter(None, map(shutil.which, ("podman", "docker", "buildah"))), None)
    if builder:
        command = [builder, "build", "-f", str(DEPLOY / "Containerfile"), str(ROOT)]
        subprocess.run(command, check=True, timeout=800)
        return
    folder = tmp_path / "image"
    folder.mkdir()
    kept = {
        name: value
        for name, value in os.environ.items()
        if "PYTHON" not in name and name != "VIRTUAL_ENV"
    }
    environment = {
        **kept,
        "PATH": os.pathsep.join([str(Path(_uv()).parent), os.environ["PATH"]]),
        "UV_OFFLINE": "1",
        "UV_PYTHON": sys.executable,
        # A copy of a gigabyte, and bytecode of what nobody runs here, take a minute.
        "UV_LINK_MODE": "symlink",
        "UV_COMPILE_BYTECODE": "0",
    }
    version = re.findall(r"^UV_VERSION := (\S+)$", (ROOT / "Makefile").read_text("utf-8"), re.M)
    for kind, rest in _steps():
        if kind == "COPY":
            *names, target = shlex.split(rest)
            for name in names:
                to = folder / target / (name if target == "./" else "")
                if (ROOT / name).is_dir():
                    shutil.copytree(
                        ROOT / name, to, ignore=shutil.ignore_patterns("__pycache__", "target")
                    )
                else:
                    shutil.copy2(ROOT / name, to)
        elif kind == "RUN" and rest.startswith("pip install"):
            assert re.findall(r"uv==(\S+)", rest) == version
        elif kind == "RUN" and "useradd" not in rest:
            ran = subprocess.run(
                ["sh", "-ec", rest],
                cwd=folder,
                env=environment,
                capture_output=True,
                text=True,
                check=False,
            )
            if ran.returncode and "Network connectivity is disabled" in ran.stderr:
                missing("uv has not kept all packages of the container")
            assert ran.returncode == 0, f"{rest}\n{ran.stderr}"
        elif kind == "WORKDIR":
            assert rest == AT
    # What a run reads beside the code, and what the history needs; the tools of developers stay out.
    asked = (
        "import importlib.metadata, psycopg2\n"
        "importlib.metadata.version('dagster-postgres')\n"
        "from dagster_project.settings import PROJECT_ROOT, load_settings, prepare_environment\n"
        "from dagster_project.publishing.artifacts.methods import METHODS\n"
        "prepare_environment(load_settings())\n"
        "assert METHODS.is_dir() and (PROJECT_ROOT / 'dbt' / 'dbt_project.yml').exists()\n"
        "print(PROJECT_ROOT)"
    )
    data = {**environment, "CHOKEPOINT_DATA": str(tmp_path / "data")}
    python = folder / ".venv" / "bin" / "python"
    found = subprocess.run(
        [python, "-c", asked], cwd=tmp_path, env=data, capture_output=True, text=True, check=False
    )
    assert found.stdout.strip() == str(folder), found.stderr
    assert not list((folder / ".venv").glob("lib/*/site-packages/pytest"))
    helped = subprocess.run(
        [folder / ".venv" / "bin" / "chokepoint", "code-server", "--help"],
        env=data,
        check=False,
        capture_output=True,
        text=True,
    )
    assert "Serve our definitions" in helped.stdout


def test_the_extra_is_of_dagsters_release_and_that_of_the_tests() -> None:
    lock = tomllib.loads((ROOT / "uv.lock").read_text("utf-8"))
    locked = {package["name"]: package["version"] for package in lock["package"]}
    assert locked["dagster-postgres"] == locked["dagster-dbt"]
    clients = (ROOT / "scripts" / "clients").read_text("utf-8")
    for name in ("dagster-postgres", "psycopg2-binary"):
        assert re.search(rf"\b{name}[-=]+{re.escape(locked[name])}\b", clients), name
