"""Pages ask every mart, the cookbook every macro: in one shape, quickly, and after a refresh too.

What its blocks answer, test_docs.py compares; its transcript is run here.
"""

import re
import time
from pathlib import Path

import duckdb
import pytest
from house import DBT, ROOT

from tests.pages import BLOCKS, Block

COOKBOOK = ROOT / "docs" / "cookbook.md"
MARTS = {path.stem for path in (DBT / "models" / "marts").rglob("mart_*.sql")}
MACROS = {path.stem for path in (DBT / "published_macros").glob("*.sql")}
FEWEST_QUESTIONS = 25
# A query takes a fifth of that at most on an idle machine; the rest is for a busy one.
MOST_SECONDS = 1.0

OURS = [block for block in BLOCKS if block.path == COOKBOOK]
QUERIES = [block for block in OURS if block.language == "sql"]
# A shell's transcript begins with a prompt, on whatever page.
PROMPT = re.compile(r"(\$|D) ")
TRANSCRIPTS = [block for block in BLOCKS if block.language == "text" and PROMPT.match(block.text)]
HEADING = re.compile(r"^### (\d+)\. (.+)$", re.MULTILINE)


def unasked(queries: list[str], marts: set[str], macros: set[str]) -> set[str]:
    """Marts that no query reads, and macros that none calls."""
    text = "\n".join(queries)
    return {name for name in marts if not re.search(rf"\bmarts\.{name}\b(?!\()", text)} | {
        name for name in macros if not re.search(rf"\bmarts\.{name}\(", text)
    }


def misshapen(page: str) -> list[str]:
    """Questions that lack their why, query, answer or reading, or are out of number."""
    found = list(HEADING.finditer(page))
    faults = [] if found else ["there is no question"]
    for number, heading in enumerate(found, start=1):
        name = f"question {heading[1]}"
        end = found[number].start() if number < len(found) else len(page)
        body = page[heading.end() : end]
        parts = [r"^Why: ", r"^```sql\n", r"^```\n\n```text\n[^`]", r"^```\n\nRead: "]
        places = [match.start() if (match := re.search(part, body, re.M)) else -1 for part in parts]
        if -1 in places or places != sorted(places):
            faults.append(f"{name} is not why, query, answer and reading, in this order")
        if int(heading[1]) != number:
            faults.append(f"{name} should be number {number}")
    return faults


def seconds(connection: duckdb.DuckDBPyConnection, sql: str) -> float:
    """Time of the processor for a query, its rows fetched: the better of two. A busy machine takes no more of it."""
    taken: list[float] = []
    for _ in range(2):
        begun = time.process_time()
        connection.execute(sql).fetchall()
        taken.append(time.process_time() - begun)
        if taken[-1] < MOST_SECONDS:
            break
    return min(taken)


def test_every_mart_and_macro_is_queried() -> None:
    assert MARTS
    assert MACROS
    asked = [block.text for block in BLOCKS if block.language == "sql"]
    missing = unasked(asked, MARTS, set()) | unasked(
        [block.text for block in QUERIES], set(), MACROS
    )
    assert not missing, f"no page of docs/ asks anything of: {sorted(missing)}"


def test_questions_have_one_shape() -> None:
    page = COOKBOOK.read_text(encoding="utf-8")
    assert not misshapen(page)
    assert len(HEADING.findall(page)) >= FEWEST_QUESTIONS


@pytest.mark.slow
@pytest.mark.parametrize("block", QUERIES, ids=str)
def test_query_is_quick(block: Block, release: duckdb.DuckDBPyConnection) -> None:
    assert seconds(release, block.text) < MOST_SECONDS


def _release(folder: Path, name: str) -> None:
    folder.mkdir()
    with duckdb.connect(str(folder / "critical_minerals.duckdb")) as connection:
        connection.execute("create schema _build")
        connection.execute(
            f"create table _build.release as select '{name}' as release, date '9999-12-31' as as_of"
        )


def _switch_release(current: Path, name: str) -> None:
    """Turn the link in one step, as publishing does."""
    fresh = current.with_name("fresh")
    fresh.symlink_to(name)
    fresh.replace(current)


def test_a_new_connection_sees_the_new_release(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The cookbook's own `connect`, with a connection to the release before still open."""
    published = tmp_path / "data" / "published"
    published.mkdir(parents=True)
    for name in ("2026.1.1", "2026.1.2"):
        _release(published / name, name)
    _switch_release(published / "current", "2026.1.1")
    monkeypatch.chdir(tmp_path)
    (block,) = [each for each in OURS if "def connect(" in each.text]
    cells: dict[str, object] = {}
    exec(compile(block.text, str(block), "exec"), cells)
    connect, before = cells["connect"], cells["connection"]
    assert callable(connect)
    assert isinstance(before, duckdb.DuckDBPyConnection)
    _switch_release(published / "current", "2026.1.2")
    after = connect()
    assert isinstance(after, duckdb.DuckDBPyConnection)
    with before, after:
        seen = [each.execute("from _build.release").fetchall()[0][0] for each in (before, after)]
    assert seen == ["2026.1.1", "2026.1.2"]


def test_an_alias_hides_the_macros(tmp_path: Path) -> None:
    """Why the cookbook says to attach without one: a macro's body names the catalog."""
    path = tmp_path / "critical_minerals.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute("create schema marts")
        connection.execute("create table marts.shares as select 1 as share")
        connection.execute(
            "create macro critical_minerals.marts.answer() as table "
            "select share from critical_minerals.marts.shares"
        )
    with duckdb.connect() as connection:
        connection.execute(f"attach '{path}' (read_only)")
        assert connection.execute("from critical_minerals.marts.answer()").fetchall() == [(1,)]
        connection.execute("detach critical_minerals")
        connection.execute(f"attach '{path}' as cm (read_only)")
        assert connection.execute("from cm.marts.shares").fetchall() == [(1,)]
        with pytest.raises(duckdb.BinderException, match='"critical_minerals" does not exist'):
            connection.execute("from cm.marts.answer()")


def in_duckdb(text: str) -> list[list[tuple[object, ...]]]:
    """Answers to a transcript of DuckDB's shell, by the library of the same engine.

    Raises:
        ValueError: a line that is neither its start nor a statement.
    """
    answers: list[list[tuple[object, ...]]] = []
    connection = duckdb.connect()
    for line in filter(None, text.splitlines()):
        match line.split():
            case ["$", "duckdb"]:
                connection = duckdb.connect()
            case ["$", "duckdb", "-readonly", path]:
                connection = duckdb.connect(path, read_only=True)
            case ["D", *_] if line.endswith(";"):
                answers.append(connection.execute(line.removeprefix("D ")).fetchall())
            case _:
                raise ValueError(
                    f"{line!r}: neither `$ duckdb [-readonly FILE]` nor `D statement;`"
                )
    connection.close()
    return answers


@pytest.mark.slow
@pytest.mark.parametrize("block", TRANSCRIPTS, ids=str)
def test_transcript_runs(
    block: Block, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "data").symlink_to(data)
    monkeypatch.chdir(tmp_path)
    asked = block.text.count("D from ")
    assert asked
    assert sum(bool(rows) for rows in in_duckdb(block.text)) == asked, "each of them has an answer"


def test_transcripts_are_seen() -> None:
    assert [block.path.name for block in TRANSCRIPTS] == ["cookbook.md"]
    with pytest.raises(ValueError, match="neither"):
        in_duckdb("$ rm -r data")
    assert in_duckdb("$ duckdb\nD select 1;\n\n$ duckdb\nD select 2;") == [[(1,)], [(2,)]]


def test_mart_rule_bites() -> None:
    queries = ["select 1 from marts.mart_a", "from marts.ask('x')", "-- mart_b"]
    assert unasked(queries, {"mart_a", "mart_b"}, {"ask", "mart_a"}) == {"mart_b", "mart_a"}
    assert unasked(queries, {"mart_a"}, {"ask"}) == set()


def test_shape_rule_bites() -> None:
    good = "### 1. A?\n\nWhy: b.\n\n```sql\nc\n```\n\n```text\nd\n```\n\nRead: e.\n"
    assert misshapen(good) == []
    assert misshapen(good.replace("### 1", "### 2")) == ["question 2 should be number 1"]
    assert misshapen("# No question\n") == ["there is no question"]
    for part in ("Why: b.", "Read: e.", "```sql\nc\n```\n\n", "d\n"):
        assert len(misshapen(good.replace(part, ""))) == 1, part


def test_quick_rule_bites(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter([0.0, 3.0, 10.0, 12.0])
    monkeypatch.setattr(time, "process_time", lambda: next(clock))
    with duckdb.connect() as connection:
        assert seconds(connection, "select 1") == 2.0
