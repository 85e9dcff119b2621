"""A model's SQL as DuckDB reads it, without dbt: for properties that take hundreds of small tables.

Belongs here: rendering, and making input tables. Does not belong here: a property.
"""

from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import jinja2
import yaml

DBT = Path(__file__).resolve().parents[2] / "dbt"
# Macros that mean the same in every engine; `materialized_cte` and `inline_cte` are DuckDB's words.
PLAIN_MACROS = (
    "imports_by_party",
    "gap_reason",
    "exact_sum",
    "same_key",
    "tonnage_null_reason",
    "is_weighed",
)

Table = tuple[str, Sequence[tuple[Any, ...]]]


@cache
def model_sql(name: str, **variables: object) -> str:
    """SQL of the model, its parents by their own names; `variables` stand before its thresholds."""
    [path] = (DBT / "models").rglob(f"{name}.sql")
    project = yaml.safe_load((DBT / "dbt_project.yml").read_text(encoding="utf-8"))
    thresholds = project["vars"]["thresholds"]
    environment = jinja2.Environment(undefined=jinja2.StrictUndefined, autoescape=False)
    environment.globals.update(
        ref=lambda parent: parent,
        materialized_cte=lambda **_: "materialized",
        inline_cte=lambda: "not materialized",
        threshold=lambda key: variables.get(key, thresholds[key]["value"]),
    )
    macros: dict[str, Callable[..., str]] = {
        macro: getattr(
            environment.from_string(
                (DBT / "macros" / f"{macro}.sql").read_text(encoding="utf-8")
            ).module,
            macro,
        )
        for macro in PLAIN_MACROS
    }
    return environment.from_string(path.read_text(encoding="utf-8")).render(**macros)


def filled(connection: duckdb.DuckDBPyConnection, tables: dict[str, Table]) -> None:
    """Put the tables there: name to columns with their types, and rows."""
    for name, (columns, rows) in tables.items():
        connection.execute(f"create or replace table {name} ({columns})")
        if rows:
            # As literals in one statement: DuckDB looks for pandas anew at each value that is bound.
            lines = ", ".join(f"({', '.join(map(_literal, row))})" for row in rows)
            connection.execute(f"insert into {name} values {lines}")


def _literal(value: object) -> str:
    if value is None:
        return "null"
    return f"'{value}'" if isinstance(value, str | float) else str(value)


def built(connection: duckdb.DuckDBPyConnection, name: str, **variables: object) -> None:
    """Build the model from tables of its parents' names."""
    connection.execute(f"create or replace table {name} as {model_sql(name, **variables)}")
