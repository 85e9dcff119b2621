"""The benchmark names what a thread is at, replays what was built, and says what it left out and why."""

import json
from pathlib import Path

import duckdb
import pytest

from benchmarks import __main__ as bench
from benchmarks import environments, replay
from benchmarks.cpu import RULES, phase_of, shares_by_phase
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


def test_threads_that_wait_are_not_counted(tmp_path: Path) -> None:
    recorded = tmp_path / "stacks.txt"
    recorded.write_text(
        "run (/x/dagster/run.py:7);execute (/x/dbt/adapters/duckdb/environments/local.py:9) 1\n"
        "run (/x/dagster/run.py:7);_load (<frozen importlib._bootstrap>:690) 3\n"
        "run (/x/dagster/run.py:7);wait (/x/threading.py:327) 50\n"
        # As py-spy 0.4.3 writes it.
        "run (/x/dagster/run.py:7);Event.wait (/x/threading.py:629) 50\n"
        "Task.run (/x/dbt/task/run.py:7);Cursor.execute (/x/dbt/duckdb/environments/local.py:36) 4\n"
        "run (/x/dagster/run.py:7);pool.<locals>.worker (/x/pool.py:114) 50\n"
        "run (/x/threading.py:982);_heard.<locals>.hear (/x/dagster_project/cli/exits.py:200) 50\n"
        # A process that ended meanwhile.
        "run (/x/dagster/run.py:7);exec (/x/langhelpers.py:1343);\n",
        encoding="utf-8",
    )
    assert shares_by_phase(recorded) == {
        "dbt: SQL of models": 0.5,
        "imports": 0.375,
        "dbt: SQL of seeds and hooks": 0.125,
    }


def test_a_replay_has_the_seeds_and_must_build_what_the_refresh_built(tmp_path: Path) -> None:
    (tmp_path / "warehouse").mkdir()
    with duckdb.connect(str(tmp_path / "warehouse" / "chokepoint.duckdb")) as built:
        built.execute("create schema seeds; create table seeds.listed as select 7 as number")
        built.execute("create schema marts; create table marts.asked as from seeds.listed")
    sent = [
        '/* {"app": "dbt", "node_id": "seed.chokepoint.listed"} */ create table seeds.listed (number int)',
        '/* {"app": "dbt"} */ create schema marts',
        '/* {"app": "dbt", "node_id": "model.chokepoint.asked"} */ create table marts.asked as from seeds.listed',
    ]
    statements = tmp_path / "statements.json"
    statements.write_text(json.dumps(sent), encoding="utf-8")
    assert json.loads(replay.run("replayed", statements, tmp_path))["rows"] == 2
    statements.write_text(json.dumps([*sent[:2], f"{sent[2]} where false"]), encoding="utf-8")
    with pytest.raises(BenchmarkError, match=r"1 differ in rows: marts\.asked 0 for 1"):
        replay.run("replayed", statements, tmp_path)


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
