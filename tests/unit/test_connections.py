"""Every connection of ours, dbt's with them, has the optimizer off that gives wrong rows without an error, and is let go."""

import ast
import gc
from pathlib import Path
from types import SimpleNamespace

import duckdb
import pytest
import yaml

from dagster_project.operations import dbt_runner
from dagster_project.publishing.warehouse import DISABLED_OPTIMIZERS, opened, opened_locked
from dagster_project.settings import PROJECT_ROOT


def test_ours_have_it_off() -> None:
    with opened() as connection:
        [(disabled,)] = connection.execute(
            "select current_setting('disabled_optimizers')"
        ).fetchall()
        assert disabled == DISABLED_OPTIMIZERS


def test_one_for_strangers_has_it_off(tmp_path: Path) -> None:
    path = str(tmp_path / "release.duckdb")
    duckdb.connect(path).close()
    with opened_locked(path, {"threads": 1}) as connection:
        asked = "select current_setting('disabled_optimizers'), current_setting('threads')"
        assert connection.execute(asked).fetchall() == [(DISABLED_OPTIMIZERS, 1)]
        with pytest.raises(duckdb.Error, match="locked"):
            connection.execute("set disabled_optimizers = ''")


def test_dbt_has_it_off() -> None:
    profile = yaml.safe_load((PROJECT_ROOT / "dbt" / "profiles.yml").read_text(encoding="utf-8"))
    settings = profile["chokepoint"]["outputs"]["duckdb"]["config_options"]
    assert settings["disabled_optimizers"] == DISABLED_OPTIMIZERS


def test_no_module_connects_otherwise() -> None:
    connects: list[str] = []
    for path in sorted((PROJECT_ROOT / "dagster_project").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "duckdb.connect":
                connects.append(path.name)
    assert connects == ["warehouse.py", "warehouse.py"]


def test_what_failed_in_dbt_keeps_the_warehouse_from_nobody(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A seed with a word in a column of numbers: its error held the connection, and the reason was never said."""
    path = tmp_path / "warehouse.duckdb"

    class Runner:
        def __init__(self, **_: object) -> None:
            pass

        def invoke(self, _: object) -> SimpleNamespace:
            error = RuntimeError("Conversion Error")
            error.args = (duckdb.connect(str(path), config={"memory_limit": "500MB"}), error)
            return SimpleNamespace(
                success=False, exception=None, result=SimpleNamespace(results=[])
            )

    monkeypatch.setattr("dbt.cli.main.dbtRunner", Runner)
    gc.disable()
    try:
        assert dbt_runner.invoke(["build"], tmp_path / "target", tmp_path / "logs") == []
        duckdb.connect(str(path), read_only=True).close()
    finally:
        gc.enable()
