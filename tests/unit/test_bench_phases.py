"""The benchmark names what a thread is at, and one that can't be run is left out with its reason."""

from pathlib import Path

import pytest

from benchmarks import __main__ as bench
from benchmarks import environments
from benchmarks.cpu import RULES, phase_of
from benchmarks.refresh import BenchmarkError, Line


def test_a_stack_belongs_to_the_first_phase_that_fits() -> None:
    sql = "/x/dbt/adapters/duckdb/environments/local.py:execute"
    assert phase_of([sql, "/x/dbt/task/test.py:execute_data_test"]) == "dbt: SQL of tests"
    assert phase_of([sql, "/x/dbt/task/run.py:_execute_model"]) == "dbt: SQL of models"
    assert phase_of(["/x/dbt/clients/jinja.py:call", "/x/dbt/task/run.py:_execute_model"]) == (
        "dbt: the rest"
    )
    asset = "/x/dagster_project/defs/sources/assets.py:lake"
    assert phase_of(["/x/polars/frame.py:sort", asset, "/x/dagster/a.py:b"]) == "readers and lake"
    assert phase_of(["<frozen importlib._bootstrap>:_load", asset]) == "imports"
    assert phase_of(["/x/rich/live.py:run"]) == "all else"
    assert len({phase for phase, _ in RULES}) == len(RULES)


def test_an_environment_that_cannot_be_made_is_told_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(environments, "FOLDER", tmp_path)
    monkeypatch.setattr(environments.sys, "executable", "/bin/false")
    told: list[str] = []
    python, why_not = environments.python_with(("nothing==1",), "nothing", told.append)
    assert python is None
    assert why_not.startswith("nothing==1 could not be installed")
    assert "\n" not in why_not
    assert told == ["making an environment with nothing==1"]


def test_a_benchmark_that_fails_leaves_the_others_running(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fails(_: object) -> list[Line]:
        raise BenchmarkError("the disk is full")

    monkeypatch.setattr(
        bench, "BENCHMARKS", {"first": fails, "second": lambda _: [Line("speed", "7", "how")]}
    )
    with pytest.raises(SystemExit):
        bench.main([])
    shown = capsys.readouterr().out
    assert "the disk is full" in shown
    assert "speed" in shown
