"""A boolean answers only where what it rests on is known; elsewhere it is null, for missing is never "no".

`booleans.csv` has a line for each boolean column of the release: what must hold of a row where it is true or
false, or, where it is never null, what always tells.
"""

import duckdb
import pytest

from tests.golden.cells import read_rows

pytestmark = pytest.mark.slow
LINES = read_rows("booleans.csv")


def columns_of(release: duckdb.DuckDBPyConnection, schema: str) -> set[tuple[str, str]]:
    """Boolean columns of a schema's tables, or views."""
    return set(
        release.execute(
            "select table_name, column_name from information_schema.columns "
            "where table_schema = ? and data_type = 'BOOLEAN'",
            [schema],
        ).fetchall()
    )


def test_every_boolean_column_has_its_line(release: duckdb.DuckDBPyConnection) -> None:
    listed = [(line["model_name"], line["column_name"]) for line in LINES]
    assert sorted(columns_of(release, "marts")) == sorted(listed)
    assert {(f"mart_{view}", column) for view, column in columns_of(release, "main")} <= set(listed)


def test_every_line_has_a_condition_or_what_always_tells() -> None:
    assert [
        line for line in LINES if bool(line["known_where"]) == bool(line["always_known_because"])
    ] == []


@pytest.mark.parametrize(
    "line", LINES, ids=lambda line: f"{line['model_name']}.{line['column_name']}"
)
def test_a_boolean_answers_only_where_it_is_known(
    release: duckdb.DuckDBPyConnection, line: dict[str, str]
) -> None:
    column, known = line["column_name"], line["known_where"]
    wrong = (
        f"{column} is not null and not coalesce({known}, false)" if known else f"{column} is null"
    )
    [(count,)] = release.execute(
        f"select count(*) from marts.{line['model_name']} as mart where {wrong}"
    ).fetchall()
    assert count == 0
