"""SQL outside `dbt/macros/` and `dbt/published_macros/` stays readable for Spark too.

Each rule is seen biting on a sample, and leaving alone what only looks like an offence.
"""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from house import DBT, bare_sql, portable_sql_files, shown

# Offsets in the bare SQL at which a rule is broken.
Finder = Callable[[str], Iterator[int]]
ORDERED_AGGREGATES = r"\b(?:list|array_agg|string_agg|group_concat)\s*\("


def _pattern(pattern: str) -> Finder:
    compiled = re.compile(pattern, re.IGNORECASE)
    return lambda sql: (found.start() for found in compiled.finditer(sql))


def _closing(sql: str, start: int) -> int:
    """Offset of the bracket that closes the one before `start`."""
    depth = 1
    for offset in range(start, len(sql)):
        depth += {"(": 1, ")": -1}.get(sql[offset], 0)
        if depth == 0:
            return offset
    return len(sql)


def _ordered_aggregate(sql: str) -> Iterator[int]:
    for found in re.finditer(ORDERED_AGGREGATES, sql, re.IGNORECASE):
        if re.search(r"\border\s+by\b", sql[found.end() : _closing(sql, found.end())], re.I):
            yield found.start()


def _qualify_after_group_by_all(sql: str) -> Iterator[int]:
    grouped_by_all = [False]
    tokens = r"[();]|\bselect\b|\bgroup\s+by\s+all\b|\bqualify\b"
    for found in re.finditer(tokens, sql, re.IGNORECASE):
        token = found.group().lower()
        if token == "(":
            grouped_by_all.append(False)
        elif token == ")":
            grouped_by_all = grouped_by_all[:-1] or [False]
        elif token == "qualify":
            if grouped_by_all[-1]:
                yield found.start()
        else:
            grouped_by_all[-1] = token.startswith("group")


BANNED: dict[str, tuple[Finder, str]] = {
    "`::` cast": (_pattern(r"::"), "write cast(x as type)"),
    "`* exclude` or `* replace`": (
        _pattern(r"\*\s*(?:exclude|replace)\b"),
        "name the columns",
    ),
    "ordered aggregate": (
        _ordered_aggregate,
        "order in a CTE with a window function, or put it into dbt/macros/",
    ),
    "slice": (_pattern(r"\[[^\[\]]*:[^\[\]]*\]"), "use substring() or an explicit index"),
    "`qualify` with `group by all`": (
        _qualify_after_group_by_all,
        "name the columns of the group, or rank in a CTE of its own",
    ),
    "a source read past lake()": (
        _pattern(r"\bsource\s*\(|\b(?:read_\w+|parquet_scan|iceberg_scan|delta_scan)\s*\("),
        "read it with {{ lake('<source>', '<table>') }}",
    ),
    "a day of the machine's zone": (
        _pattern(r"\bcurrent_(?:date|timestamp)\b|\btoday\s*\("),
        "write cast(make_timestamp(epoch_us(now())) as date), which is of UTC",
    ),
    "a type of DuckDB's own": (_pattern(r"\bvarchar\b"), "write string: both engines know it"),
}


def offences(text: str) -> list[str]:
    """Every banned construct of a file's text, with its line and the remedy."""
    sql = bare_sql(text)
    return [
        f"line {sql.count(chr(10), 0, offset) + 1}: {name}; {remedy}"
        for name, (finder, remedy) in BANNED.items()
        for offset in finder(sql)
    ]


@pytest.mark.parametrize("path", portable_sql_files(), ids=shown)
def test_sql_is_portable(path: Path) -> None:
    assert not offences(path.read_text(encoding="utf-8"))


def test_types_of_properties_and_macros_are_portable() -> None:
    others = [path for path in DBT.rglob("*.yml") if "target" not in path.parts]
    others += (DBT / "macros").rglob("*.sql")
    named = [shown(path) for path in others if "varchar" in path.read_text(encoding="utf-8")]
    assert len(others) > 80
    assert not named, "write string: both engines know it"


@pytest.mark.parametrize(
    ("name", "sql"),
    [
        ("`::` cast", "select x::double from t"),
        ("`::` cast", "select {{ exact_sum('x::double') }} from t"),
        ("`* exclude` or `* replace`", "select t.* exclude (a) from t"),
        ("`* exclude` or `* replace`", "select *\n  REPLACE (1 as a) from t"),
        ("ordered aggregate", "select list(distinct lower(x) order by x) from t"),
        ("ordered aggregate", "select string_agg(x, ';' order by x) from t"),
        ("slice", "select name[1:3] from t"),
        ("slice", "select name[:n] from t"),
        (
            "`qualify` with `group by all`",
            "select a, sum(b) from t group by all having sum(b) > 0 qualify rank() over () = 1",
        ),
        ("a source read past lake()", "select * from {{ source('usgs_mcs', 'production') }}"),
        ("a source read past lake()", "select * from read_parquet('x.parquet')"),
        ("a day of the machine's zone", "select * from t where a < current_date"),
        ("a type of DuckDB's own", "select cast(a as varchar) from t"),
    ],
)
def test_each_rule_bites(name: str, sql: str) -> None:
    assert [text for text in offences(sql) if f": {name};" in text], offences(sql)


@pytest.mark.parametrize(
    "sql",
    [
        "select 'a::b', '[1:2]', '* exclude' from t -- x::y",
        "{#- not source('a', 'b') and not x::y -#} select 1 /* list(a order by b) */",
        "select count(*), sum(a) from t -- it's not a string\nwhere a = 'it''s'",
        "select list(x) from (select x from t order by x)",
        "select rank() over (partition by a order by list(b)) from t",
        "with g as (select a from t group by all) select a from g qualify rank() over () = 1",
        "select source_id, x[1] from {{ lake('usgs_mcs', 'production') }}",
        "{%- for column in columns[1:] %} select {{ column }} {%- endfor %}",
    ],
)
def test_what_only_looks_like_an_offence_passes(sql: str) -> None:
    assert not offences(sql)


def test_an_offence_is_named_with_its_line() -> None:
    text = "{#- first\nsecond -#}\nselect\n    a::int\nfrom t"
    assert offences(text) == ["line 4: `::` cast; write cast(x as type)"]
