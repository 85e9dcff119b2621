"""A statement of ours as Spark takes it: some words are others, and no union goes by name."""

import re
from collections.abc import Callable
from itertools import pairwise

BY_NAME = re.compile(r"\bunion\s+all\s+by\s+name\b", re.IGNORECASE)
# Comments, strings and names in quotes: what stands in them is no SQL.
QUIET = re.compile(r"--[^\n]*|/\*.*?\*/|'(?:[^'\\]|\\.|'')*'|\"[^\"]*\"|`[^`]*`", re.DOTALL)
WITH = re.compile(r"\bwith\b", re.IGNORECASE)
STEP = re.compile(r"\s*(\w+)\s+as\s*(?:not\s+)?(?:materialized\s*)?(?=\()", re.IGNORECASE)
SELECT = re.compile(r"\s*select\b(?:\s+distinct\b)?", re.IGNORECASE)
FROM = re.compile(r"(?<!distinct\s)\bfrom\b", re.IGNORECASE)
ONE_SOURCE = re.compile(r"from\s+([\w.]+)\s*(?:$|\b(?:where|group|order|union)\b)", re.IGNORECASE)
# A column by its own name, or a name behind `as`.
NAME = re.compile(r"(?:^(?:\w+\.)?|\bas\s+)([a-z_]\w*)$", re.IGNORECASE)
ORDER = re.compile(r"\border\s+by\b", re.IGNORECASE)

# Words of DuckDB and what Spark says. A separator is a plain sign: Spark splits at a regular expression.
WORDS = {
    r"\barray_to_string(?=\()": "array_join",
    r"\bstring_split(?=\()": "split",
    r"\bhash(?=\()": "xxhash64",
    r"\bhugeint\b": "decimal(38, 0)",
    r"\s+ignore\s+nulls\s*\)": ") ignore nulls",
}

# What macro `materialized_cte()` writes for Spark behind the name of a step.
HELD = re.compile(r"/\* held \*/")
TABLE = re.compile(r"\bcreate\s+table\b", re.IGNORECASE)

# A step with one of these costs more than to read it again.
WORK = re.compile(r"\b(?:join|union|distinct|group\s+by|over)\b", re.IGNORECASE)

ColumnsOf = Callable[[str], list[str]]
Keep = Callable[[str], str]


def for_spark(sql: str, columns_of: ColumnsOf) -> str:
    """The statement with Spark's words and plain unions; a column that a side lacks is null there, as in DuckDB.

    Args:
        columns_of: names of the columns that a query gives.
    """
    sql = _in_words_of_spark(sql)
    while found := _innermost(sql):
        sql = _plain(sql, found, columns_of)
    return sql


def _in_words_of_spark(sql: str) -> str:
    parts = re.split(f"({QUIET.pattern})", sql, flags=re.DOTALL)
    for number in range(0, len(parts), 2):
        for word, spoken in WORDS.items():
            parts[number] = re.sub(word, spoken, parts[number], flags=re.IGNORECASE)
    return "".join(parts)


def with_held_steps(sql: str, keep: Keep) -> str:
    """A statement that makes a table, its held steps computed before, one after the other.

    Spark plans a chain of steps as one, and thirty joins on themselves take minutes to plan. Held is what macro
    `materialized_cte()` marks, and what is read more than once.

    Args:
        keep: computes a query and gives the name under which its rows are read.
    """
    bare = _code_only(sql)
    if not TABLE.search(bare):
        return sql
    sql = _with_shared_steps_held(sql)
    while found := HELD.search(sql):
        bare = _code_only(sql)
        body = bare.index("(", found.end())
        end = _closing(bare, body + 1)
        around = _steps(bare, _opening(bare, found.start()), len(bare))
        query = f"select * from (\n{sql[body + 1 : end]}\n) as step"
        name = keep(f"{_read_steps(_before(sql, around, body), query)}\n{query}")
        sql = f"{sql[: found.start()]}(select * from {name}){sql[end + 1 :]}"
    return sql


def _with_shared_steps_held(sql: str) -> str:
    """A statement whose outermost steps are held where several others read them: Spark computes them for each."""
    bare = _code_only(sql)
    begun = WITH.search(bare)
    around = _steps(bare, _opening(bare, begun.start()), len(bare)) if begun else None
    brackets: list[int] = []
    for start, end in pairwise(around[1] if around else []):
        step = STEP.match(bare, start)
        assert step is not None
        reading = re.compile(rf"\b(?:from|join)\s+{step[1]}\b", re.IGNORECASE)
        is_held = HELD.search(sql, start, step.end())
        if not is_held and WORK.search(bare, start, end) and len(reading.findall(bare, end)) > 1:
            brackets.append(step.end())
    for place in reversed(brackets):
        sql = f"{sql[:place]}/* held */ {sql[place:]}"
    return sql


def _before(sql: str, steps: tuple[int, list[int]] | None, offset: int) -> str:
    """The `with` up to the step in whose text an offset lies; empty where that is the first."""
    if steps is None:
        return ""
    begun = max(place for place in steps[1] if place <= offset)
    return sql[steps[0] : begun].rstrip().removesuffix(",") if begun > steps[1][0] else ""


def _read_steps(steps: str, query: str) -> str:
    """The `with` without steps that the query does not need: Spark analyses those too."""
    bare = _code_only(steps)
    around = _steps(bare, 0, len(bare))
    read, reading = [], query
    for start, end in reversed(list(pairwise(around[1] if around else []))):
        text = steps[start:end].rstrip().removesuffix(",")
        step = STEP.match(bare, start)
        if step and re.search(rf"\b{step[1]}\b", reading):
            read.append(text)
            reading += text
    return "with " + ",\n".join(reversed(read)) if read else ""


def _code_only(sql: str) -> str:
    """The same length, with nothing where nothing is SQL."""
    return QUIET.sub(lambda quiet: " " * len(quiet.group()), sql)


def _innermost(sql: str) -> int | None:
    """Offset of a union whose sides hold no other in brackets: the first that is closed."""
    bare = _code_only(sql)
    waiting: list[int | None] = [None]
    unions = {found.start() for found in BY_NAME.finditer(bare)}
    for offset, sign in enumerate(bare):
        if sign == "(":
            waiting.append(None)
        elif sign == ")" and (found := waiting.pop()) is not None:
            return found
        elif offset in unions and waiting[-1] is None:
            waiting[-1] = offset
    return waiting[0]


def _opening(bare: str, offset: int) -> int:
    """Offset behind the bracket that is open at `offset`; 0 where none is."""
    depth = 0
    for place in range(offset - 1, -1, -1):
        depth += {")": 1, "(": -1}.get(bare[place], 0)
        if depth < 0:
            return place + 1
    return 0


def _closing(bare: str, offset: int) -> int:
    """Offset of the bracket that closes what is open at `offset`; the end where none is."""
    depth = 0
    for place in range(offset, len(bare)):
        depth += {"(": 1, ")": -1}.get(bare[place], 0)
        if depth < 0:
            return place
    return len(bare)


def _steps(bare: str, start: int, end: int) -> tuple[int, list[int]] | None:
    """Of the `with` of a bracket: its offset, and the offsets at which its steps and then its query begin."""
    for found in WITH.finditer(bare, start, end):
        if _opening(bare, found.start()) != start:
            continue
        places = [found.end()]
        while step := STEP.match(bare, places[-1]):
            closed = _closing(bare, step.end() + 1) + 1
            comma = re.compile(r"\s*,").match(bare, closed)
            places.append(comma.end() if comma else closed)
            if not comma:
                return found.start(), places
    return None


def _names(query: str, steps: str, columns_of: ColumnsOf) -> list[str]:
    """Names of the columns of a query behind these steps: read where they are listed, for Spark thinks long of each."""
    return _listed(query, steps, columns_of) or columns_of(
        f"{steps}\nselect * from (\n{query}\n) as side"
    )


def _listed(query: str, steps: str, columns_of: ColumnsOf) -> list[str]:
    """Names that a query lists, or takes from one step or table; empty where Spark must be asked."""
    bare = _code_only(query)
    begun = SELECT.match(bare)
    if begun is None:
        return []
    ended = next(
        (word.start() for word in FROM.finditer(bare) if not _opening(bare, word.start())),
        len(bare),
    )
    commas = [
        place
        for place in range(begun.end(), ended)
        if bare[place] == "," and not _opening(bare, place)
    ]
    names: list[str] = []
    for start, end in zip(
        [begun.end(), *(place + 1 for place in commas)], [*commas, ended], strict=True
    ):
        item = bare[start:end].strip()
        found, source = NAME.search(item), ONE_SOURCE.match(query, ended)
        if found:
            names.append(found[1])
        elif item == "*" and source:
            names += _of_source(source[1], steps, columns_of)
        else:
            return []
    return names


def _of_source(name: str, steps: str, columns_of: ColumnsOf) -> list[str]:
    bare = _code_only(steps)
    around = _steps(bare, 0, len(bare))
    for place in around[1] if around else []:
        step = STEP.match(bare, place)
        if step and step[1] == name:
            body = steps[step.end() + 1 : _closing(bare, step.end() + 1)]
            return _names(body, _before(steps, around, place), columns_of)
    return columns_of(f"select * from {name}")


def _plain(sql: str, union: int, columns_of: ColumnsOf) -> str:
    bare = _code_only(sql)
    start, end = _opening(bare, union), _closing(bare, union)
    own = _steps(bare, start, union)
    # What stands before the sides and has a meaning in them: the steps of the `with` around them.
    steps = ""
    if own is not None:
        steps = sql[own[0] : own[1][-1]]
        start = own[1][-1]
    elif start:
        steps = _before(sql, _steps(bare, _opening(bare, start - 1), len(bare)), start)
    sides, places = [], [start]
    for found in BY_NAME.finditer(bare, start, end):
        if _opening(bare, found.start()) == _opening(bare, union):
            sides.append(sql[places[-1] : found.start()])
            places.append(found.end())
    for found in ORDER.finditer(bare, places[-1], end):
        if _opening(bare, found.start()) == _opening(bare, union):
            end = found.start()
            break
    sides.append(sql[places[-1] : end])
    named = [_names(side, steps, columns_of) for side in sides]
    wanted = list(dict.fromkeys(name for names in named for name in names))
    plain = "\nunion all\n".join(
        "select "
        + ", ".join(name if name in names else f"null as {name}" for name in wanted)
        + f" from (\n{side}\n) as side"
        for side, names in zip(sides, named, strict=True)
    )
    return f"{sql[:start]}\n{plain}\n{sql[end:]}"
