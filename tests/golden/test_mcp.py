"""An assistant asks a release by the protocol's own client; twenty attempts on more than figures are refused."""

import json
import shutil
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import anyio
import duckdb
import pytest
from mcp import Client, StdioServerParameters

from dagster_project.cli.tools import server
from dagster_project.publishing.questions import Release
from dagster_project.publishing.releases import DATABASE
from tests.conftest import command_environment

pytestmark = pytest.mark.slow
# An endless one, and one that would fill memory.
ENDLESS = "with recursive steps(n) as (select 1 union all select n + 1 from steps) select count(*) from steps"
HOSTILE = [
    ("sql", {"query": "select * from read_text('/etc/passwd')"}),
    ("sql", {"query": "from '/etc/passwd'"}),
    ("sql", {"query": "select * from read_csv('/etc/hosts')"}),
    ("sql", {"query": "select * from glob('/*')"}),
    ("sql", {"query": "select * from read_parquet('http://127.0.0.1:9/x.parquet')"}),
    ("sql", {"query": "attach '/tmp/x.duckdb' as other"}),
    ("sql", {"query": "copy marts.dim_stage to '/tmp/stolen.csv'"}),
    ("sql", {"query": "export database '/tmp/stolen'"}),
    ("sql", {"query": "pragma database_list"}),
    ("sql", {"query": "/* select */ pragma version"}),
    ("sql", {"query": "/* /* */ select */ pragma version"}),
    ("sql", {"query": "set enable_external_access = true"}),
    ("sql", {"query": "reset lock_configuration"}),
    ("sql", {"query": "install httpfs"}),
    ("sql", {"query": "load httpfs"}),
    ("sql", {"query": "select 1; drop table marts.dim_stage"}),
    ("sql", {"query": "drop table marts.dim_stage"}),
    ("sql", {"query": "create temp table mine as select 1"}),
    ("sql", {"query": "insert into marts.dim_stage select * from marts.dim_stage"}),
    ("sql", {"query": "call pragma_database_size()"}),
    ("sql", {"query": "select * from query('copy (select 1) to ''/tmp/stolen.csv''')"}),
    ("sql", {"query": "from release"}),
    ("sql", {"query": "select '" + "x" * 20_000 + "'"}),
    ("sql", {"query": ENDLESS}),
    ("dependency", {"importer": "DEU', 'gallium', 'refined', 2024); select 1; --", "mineral": "gallium",
                    "stage": "refined", "year": 2024}),
    ("headline", {"importer": "x' or 1 = 1 --", "mineral": "gallium"}),
    ("explain_trade", {"source_row_id": "x') union all select * from read_text('/etc/passwd') --"}),
    ("passport", {"source_row_id": "' or true --"}),
    ("dictionary", {"table": "mart_headline; drop table marts.dim_stage"}),
    ("compare", {"importers": ["DEU'); drop table x --"], "mineral": "gallium", "stage": "refined"}),
]  # fmt: skip


@pytest.fixture(scope="module")
def folder(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the file: a process opens one file with one set of settings."""
    folder = tmp_path_factory.mktemp("asked")
    shutil.copy(data / "published" / "current" / DATABASE, folder / DATABASE)
    return folder


@pytest.fixture(scope="module")
def opened(folder: Path) -> Iterator[Release]:
    opened = Release(folder, most_seconds=3.0)
    yield opened
    opened.close()


def ask(opened: Release, tool: str, arguments: dict[str, Any]) -> dict[str, Any]:
    async def asked() -> dict[str, Any]:
        async with Client(server(opened)) as client:
            answer = await client.call_tool(tool, arguments)
            assert answer.structured_content is not None, answer
            assert answer.is_error is ("error" in answer.structured_content)
            [text] = answer.content
            assert json.loads(getattr(text, "text", "")) == answer.structured_content
            return answer.structured_content

    return anyio.run(asked)


def _a_row(release: duckdb.DuckDBPyConnection, table: str) -> str:
    query = f"select min(source_row_id) from marts.{table}"
    return release.execute(query).fetchall()[0][0]


def test_each_tool_answers_with_credit_and_caveat(
    opened: Release, release: duckdb.DuckDBPyConnection
) -> None:
    flow = release.execute("select source_row_id from marts.fct_trade limit 1").fetchall()[0][0]
    questions: dict[str, dict[str, Any]] = {
        "headline": {"importer": "Japan", "mineral": "rare_earths", "stage": "refined"},
        "dependency": {
            "importer": "Germany",
            "mineral": "cobalt",
            "stage": "refined",
            "year": 2024,
        },
        "look_through": {
            "importer": "Germany",
            "mineral": "lithium",
            "stage": "refined",
        },
        "vulnerability": {"importer": "DEU"},
        "compare": {"importers": ["DEU", "JPN"], "mineral": "gallium", "stage": "refined"},
        "disruption": {"suppliers": ["CHN"], "mineral": "gallium"},
        "control_exposure": {"importer": "JPN", "day": "2026-01-12"},
        "controls_as_of": {"day": "2026-01-12"},
        "explain_trade": {"source_row_id": flow},
        "explain_production": {"source_row_id": _a_row(release, "fct_production")},
        "passport": {"source_row_id": _a_row(release, "fct_price")},
        "dictionary": {"table": "mart_headline"},
        "sql": {"query": "select count(*) as rows from marts.mart_headline"},
    }

    async def listed() -> set[str]:
        async with Client(server(opened)) as client:
            return {tool.name for tool in (await client.list_tools()).tools}

    assert anyio.run(listed) == questions.keys()
    for tool, arguments in questions.items():
        answer = ask(opened, tool, arguments)
        assert "error" not in answer, (tool, answer)
        assert answer["rows"], tool
        assert answer["credit"], tool
        assert answer["caveats"][0].startswith("An empty value is no zero"), tool
        if "source_row_id" in arguments:
            assert len(answer["credit"]) == 1, "a figure has one publisher"


def test_a_question_without_an_answer_has_a_row_with_the_reason(opened: Release) -> None:
    asked = {"mineral": "caesium", "stage": "refined"}
    answers = [
        ask(opened, "compare", {"importers": ["Japan"], **asked}),
        ask(opened, "headline", {"importer": "Japan", **asked}),
        ask(opened, "dependency", {"importer": "Japan", "year": 2024, **asked}),
    ]
    for answer in answers:
        [row] = answer["rows"]
        found = {"importer_id": "JPN", "mineral_id": "caesium", "null_reason": "no_hs_line"}
        assert found.items() <= row.items()


def test_one_name_is_a_list_of_one(opened: Release) -> None:
    asked = {"mineral": "gallium", "stage": "refined"}
    one = ask(opened, "compare", {"importers": "Germany", **asked})
    assert one == ask(opened, "compare", {"importers": ["Germany"], **asked})
    assert [row["importer_id"] for row in one["rows"]] == ["DEU"]
    stopped = ask(opened, "disruption", {"suppliers": "China", "mineral": "gallium"})
    assert stopped == ask(opened, "disruption", {"suppliers": ["CHN"], "mineral": "gallium"})


def test_an_error_bears_the_flag_of_the_protocol_and_says_what_to_ask(opened: Release) -> None:
    asked = {"importer": "Germony", "mineral": "gallium", "stage": "refined"}
    told = ask(opened, "headline", asked)["error"]
    assert "No party is called 'Germony'. Nearest: Germany (DEU)" in told


def test_figures_are_those_of_the_marts(
    opened: Release, release: duckdb.DuckDBPyConnection
) -> None:
    arguments = {"importer": "DEU", "mineral": "gallium", "stage": "refined", "year": 2024}
    answer = ask(opened, "dependency", arguments)
    wanted = release.execute(
        "select origin_id, value_share from marts.dependency('DEU', 'gallium', 'refined', 2024)"
    ).fetchall()
    assert [(row["origin_id"], row["value_share"]) for row in answer["rows"]] == wanted
    named = ", ".join(sorted({f"'{row['source_id']}'" for row in answer["rows"]}))
    credit = release.execute(
        f"select credit_line from marts.dim_source where source_id in ({named})"
    )
    assert set(answer["credit"]) == {line for (line,) in credit.fetchall()}
    assert len(answer["credit"]) < 3
    flags = {
        flag for row in answer["rows"] for flag in (row["quality_flags"] or "").split(",") if flag
    }
    assert {caveat.partition(":")[0] for caveat in answer["caveats"][1:]} == flags


@pytest.mark.parametrize(("tool", "arguments"), HOSTILE, ids=range(len(HOSTILE)))
def test_more_than_figures_is_refused(
    opened: Release, tool: str, arguments: dict[str, Any]
) -> None:
    begun = time.monotonic()
    answer = ask(opened, tool, arguments)
    assert answer.get("error"), answer
    assert "rows" not in answer
    assert "root:" not in str(answer)
    assert time.monotonic() - begun < 30
    assert not Path("/tmp/stolen.csv").exists()
    # It still answers.
    assert ask(opened, "sql", {"query": "select 1 as one"})["rows"] == [{"one": 1}]


def test_a_long_answer_is_cut_and_says_so(folder: Path) -> None:
    opened = Release(folder, most_rows=10, most_bytes=2_000)
    try:
        many = opened.sql("select importer_id from marts.mart_headline")
        assert len(many["rows"]) == 10
        assert many["truncated"]
        wide = opened.sql("select repeat('x', 900) as text from range(5)")
        assert len(wide["rows"]) == 2
        assert "Not all rows: ask for fewer." in wide["caveats"]
    finally:
        opened.close()


def test_the_command_speaks_the_protocol(data: Path) -> None:
    command = StdioServerParameters(
        command=str(Path(sys.executable).parent / "chokepoint"),
        args=["mcp"],
        env=command_environment(data),
    )

    async def asked() -> Any:
        async with Client(command) as client:
            return await client.call_tool("headline", {"importer": "DEU", "mineral": "gallium"})

    answer = anyio.run(asked)
    assert answer.structured_content["rows"]
