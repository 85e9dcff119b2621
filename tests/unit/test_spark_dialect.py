"""What is rewritten for Spark means the same as before: DuckDB, which takes both, is asked."""

import importlib.util
from types import ModuleType

import duckdb
import pytest

from dagster_project.settings import DBT_PROJECT


def _loaded() -> ModuleType:
    spec = importlib.util.spec_from_file_location("dialect", DBT_PROJECT / "spark" / "dialect.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


DIALECT = _loaded()


def _rewritten(connection: duckdb.DuckDBPyConnection, sql: str) -> str:
    """The statement for Spark, with the columns that DuckDB sees."""

    def columns_of(query: str) -> list[str]:
        return [row[0] for row in connection.execute(f"describe {query}").fetchall()]

    return DIALECT.for_spark(sql, columns_of)


@pytest.mark.parametrize(
    ("sql", "rows"),
    [
        # A column of one side alone, and another order.
        (
            "select 1 as a, 'x' as b union all by name select 'y' as b, 2 as a, 3 as c",
            [(1, "x", None), (2, "y", 3)],
        ),
        # In a step, of steps before it; a comment and a string say the words too.
        (
            "with\n\none as (select 1 as a), -- union all by name\ntwo as materialized (\n"
            "    select *, 'union all by name (' as t from one\n    union all by name\n"
            "    select 2 as a, 5 as z\n    union all by name\n    select 6 as z\n),\n"
            "three as (select * from two)\nselect * from three order by a nulls last",
            [(1, "union all by name (", None), (2, None, 5), (None, None, 6)],
        ),
        # The query itself behind its steps, in the brackets of a test, and ordered.
        (
            "select count(*), max(b) from (\nwith one as (select 1 as a), two as (select 7 as b)\n"
            "select * from one union all by name select * from two order by a\n) as t",
            [(2, 7)],
        ),
        # A side that holds another in brackets.
        (
            "select * from (select 1 as a union all by name select 2 as b) as t\n"
            "union all by name select 3 as c",
            [(1, None, None), (None, 2, None), (None, None, 3)],
        ),
    ],
)
def test_a_union_by_name_becomes_a_plain_one(sql: str, rows: list[tuple[object, ...]]) -> None:
    with duckdb.connect() as connection:
        rewritten = _rewritten(connection, sql)
        assert not DIALECT.BY_NAME.search(DIALECT.QUIET.sub("", rewritten))
        assert connection.execute(sql).fetchall() == rows
        assert connection.execute(rewritten).fetchall() == rows


STEPS = "with one as (select 1 as a, ', b' as t), two as (\n-- A comment.\nselect *, 2 as b from one where a = 1)"


@pytest.mark.parametrize(
    ("query", "names"),
    [
        (
            "\nselect distinct\n    a, -- one, two from\n    t.b,\n    extract(year from c) as d,\n"
            "    a is distinct from b as e,\n    ', from' as f\nfrom t",
            ["a", "b", "d", "e", "f"],
        ),
        ("select a from t union all select b from t", ["a"]),
        ("select *, 3 as c from two", ["a", "t", "b", "c"]),
        # Spark is asked.
        ("select * from main.t", ["select * from main.t"]),
        ("select t.*, 1 as a from t", None),
        ("select *, 1 as a from t cross join u", None),
        ("select * from parquet.`a`", None),
        ("select a + b from t", None),
        ("with t as (select 1 as a) select * from t", None),
    ],
)
def test_names_of_columns_are_read_where_a_query_lists_them(
    query: str, names: list[str] | None
) -> None:
    wanted = names or [f"{STEPS}\nselect * from (\n{query}\n) as side"]
    assert DIALECT._names(query, STEPS, lambda asked: [asked]) == wanted


def test_held_steps_are_computed_before() -> None:
    """Each from the steps before it; a statement that makes no table stays as it is."""
    query = (
        "with\n\n-- One (the first.\none as /* held */ (select 1 as a),\n"
        "two as (select a + 1 as a from one),\nthree as /* held */ (\n"
        "    with own as (select a + 1 as a from two) select * from own\n)\n"
        "select one.a as x, three.a as y from one cross join three"
    )
    with duckdb.connect() as connection:
        kept: list[str] = []

        def keep(asked: str) -> str:
            kept.append(f"held_{len(kept)}")
            connection.execute(f"create table {kept[-1]} as {asked}")
            return kept[-1]

        rewritten = DIALECT.with_held_steps(f"/* dbt */ create table t as\n{query}", keep)
        assert not DIALECT.HELD.search(rewritten)
        connection.execute(rewritten)
        assert connection.execute("select * from t").fetchall() == [(1, 3)]
        assert connection.execute("select a from held_1").fetchall() == [(3,)]
        assert DIALECT.with_held_steps(query, keep) == query
    assert kept == ["held_0", "held_1"]


def test_words_are_those_of_spark() -> None:
    sql = (
        "select array_to_string(array_sort(string_split(a, ',')), ',') as array_to_string, "
        "sum(cast(hash(a) as hugeint)) as rows_hash, lag(max(b) ignore nulls) over c from t where d <> 'hash(it''s)'"
    )
    wanted = (
        "select array_join(array_sort(split(a, ',')), ',') as array_to_string, "
        "sum(cast(xxhash64(a) as decimal(38, 0))) as rows_hash, lag(max(b)) ignore nulls over c from t where d <> 'hash(it''s)'"
    )
    assert DIALECT.for_spark(sql, lambda _: []) == wanted


def test_steps_that_several_read_are_computed_once() -> None:
    query = (
        "with one as (select 1 as a), two as (select distinct a from one),\n"
        "three as (select a from two where a in (select a from two)),\n"
        "four as (select one.a from one inner join three on one.a = three.a)\n"
        "select one.a from one inner join four on one.a = four.a"
    )
    kept: list[str] = []
    with duckdb.connect() as connection:

        def keep(query: str) -> str:
            kept.append(query)
            connection.execute(f"create table held_{len(kept)} as {query}")
            return f"held_{len(kept)}"

        connection.execute(DIALECT.with_held_steps(f"create table t as {query}", keep))
        assert connection.execute("select a from t").fetchall() == [(1,)]
    # `one` is read more often, and costs nothing; `four` is read once.
    assert len(kept) == 1
    assert "distinct" in kept[0]
