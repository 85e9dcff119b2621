"""`dictionary.html`: every mart, column and macro with its description, which dbt wrote into the file."""

from collections.abc import Mapping
from html import escape
from pathlib import Path
from typing import Any

import duckdb

from dagster_project.publishing.artifacts.page import write_page
from dagster_project.publishing.warehouse import relations, rows


def write_dictionary(
    connection: duckdb.DuckDBPyConnection, path: Path, about: Mapping[str, Any]
) -> None:
    """Write the dictionary of the built file that `connection` has open, as one page without requests."""
    marts = relations(connection, "marts")
    columns = rows(
        connection,
        "select table_name, column_name, data_type, is_nullable, comment from duckdb_columns() "
        "where schema_name = 'marts' order by table_name, column_index",
    )
    macros = rows(
        connection,
        "select function_name as name, comment, array_to_string(parameters, ', ') as arguments, "
        "replace(function_type, '_', ' ') as kind "
        "from duckdb_functions() where schema_name = 'marts' order by 1",
    )
    of_table: dict[str, list[str]] = {}
    for row in columns:
        of_table.setdefault(row["table_name"], []).append(_column(row))
    sections = [
        _section(
            mart.name, mart.comment, f"{about['tables'][mart.name]:,} rows", of_table[mart.name]
        )
        for mart in marts
        if mart.name in about["tables"]
    ]
    sections += [
        _section(f"{row['name']}({row['arguments']})", row["comment"], row["kind"], [])
        for row in macros
    ]
    names = {name: name for name in (*of_table, *(row["name"] for row in macros))}
    write_page(path, "Data dictionary", about["release"], names, sections)


def _section(name: str, description: str | None, size: str, lines: list[str]) -> str:
    head = (
        '<table class="columns"><thead><tr><th scope="col">column</th><th scope="col">type</th>'
        '<th scope="col">may be null</th><th scope="col">what it is</th></tr></thead><tbody>'
    )
    body = f"{head}{''.join(lines)}</tbody></table>" if lines else ""
    return (
        f'<section id="{escape(name.partition("(")[0])}"><h2>{escape(name)} <small>{size}</small></h2>'
        f"<p>{_marked(description or '')}</p>{body}</section>"
    )


def _column(row: Mapping[str, Any]) -> str:
    return (
        f"<tr><th scope=row><code>{escape(row['column_name'])}</code></th>"
        f"<td>{row['data_type'].lower()}</td><td>{'yes' if row['is_nullable'] else 'no'}</td>"
        f"<td>{_marked(row['comment'])}</td></tr>"
    )


def _marked(text: str) -> str:
    """Text as HTML; what stands between backticks as code."""
    parts = escape(text).split("`")
    return "".join(
        f"<code>{part}</code>" if index % 2 else part for index, part in enumerate(parts)
    )
