"""Questions of strangers to a release: figures, nothing else. Each answer carries its credit and its caveats."""

import datetime as dt
import json
import re
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb

from dagster_project.publishing.artifacts.columns import mart_columns
from dagster_project.publishing.releases import DATABASE
from dagster_project.publishing.warehouse import opened_locked, relations

MOST_ROWS = 500
MOST_BYTES = 200_000
MOST_SECONDS = 10.0
MOST_SQL = 10_000
# Nothing outside the file can be read, and nothing of this can be changed.
LOCKED: dict[str, str | bool | int | float | list[str]] = {
    "enable_external_access": False,
    "python_enable_replacements": False,
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
    "memory_limit": "500MB",
    "max_temp_directory_size": "0B",
    "threads": 2,
}
READS = re.compile(r"(select|from|with|values|describe|summarize|show)\b", re.IGNORECASE)
SQL_COMMENT = re.compile(r"/\*.*?\*/|--[^\n]*", re.DOTALL)
NEVER_ZERO = "An empty value is no zero: null_reason says why there is no figure."
NAMES_A_SOURCE = ("source_id", "share_source_id", "production_source_id")
# Where a figure's own row lies, by its source_row_id; the explain macros know the two largest better.
EXPLAINED = {"fct_production": "explain_production", "fct_trade": "explain_trade"}


class QuestionError(Exception):
    """The question was refused or has no answer; the text is for who asked."""


class Release:
    """A release that answers questions, read-only."""

    def __init__(
        self,
        folder: Path,
        *,
        most_rows: int = MOST_ROWS,
        most_bytes: int = MOST_BYTES,
        most_seconds: float = MOST_SECONDS,
    ) -> None:
        self._limits = (most_rows, most_bytes, most_seconds)
        # Where `current` leads now: a release that is published later is another one's.
        path = folder.resolve() / DATABASE
        self._connection = opened_locked(str(path), LOCKED)
        found = self._connection.execute("select release, restricted_sources from _build.release")
        self.name, self._restricted = found.fetchall()[0]
        self._credit: dict[str, str] = dict(
            self._connection.execute(
                "select source_id, credit_line from _build.licence order by 1"
            ).fetchall()
        )
        self._columns = mart_columns(self._connection)
        self._comments = {
            mart.name: mart.comment or "" for mart in relations(self._connection, "marts")
        }
        self._caveats: dict[str, str] = {}
        if "mart_headline" in self._columns:
            self._caveats = dict(
                self._connection.execute(
                    "select distinct main_caveat, main_caveat_text from marts.mart_headline "
                    "where main_caveat is not null"
                ).fetchall()
            )

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()

    def macro(self, name: str, arguments: Sequence[Any]) -> dict[str, Any]:
        """Answer of a table macro of `marts`; arguments are bound, so that none of them is ever SQL."""
        marks = ", ".join("?" for _ in arguments)
        return self._answer(f"from marts.{name}({marks})", arguments)

    def rows_of(self, mart: str, conditions: Mapping[str, Any]) -> dict[str, Any]:
        """Rows of a mart whose columns have these values; names of parties and minerals are resolved."""
        kinds = {"importer_id": "party", "mineral_id": "mineral", "stage": "stage"}
        tests = [f"{column} = marts.resolve_name('{kinds[column]}', ?)" for column in conditions]
        return self._answer(
            f"from marts.{mart} where {' and '.join(tests)}", list(conditions.values())
        )

    def sql(self, text: str) -> dict[str, Any]:
        """Answer to one statement that reads.

        Raises:
            QuestionError: it is more than one, does not read, asks for what lies outside, or takes too long.
        """
        if len(text) > MOST_SQL:
            raise QuestionError(f"refused: more than {MOST_SQL:,} characters")
        try:
            statements = self._connection.extract_statements(text)
        except duckdb.Error as error:
            raise QuestionError(_error_summary(error)) from None
        if len(statements) != 1:
            raise QuestionError(f"refused: {len(statements)} statements; ask one at a time")
        (statement,) = statements
        begins = READS.match(SQL_COMMENT.sub(" ", text).strip(" \t\r\n("))
        # A pragma becomes a select, which nobody wrote.
        is_theirs = statement.query.strip() in text
        if statement.type != duckdb.StatementType.SELECT or not begins or not is_theirs:
            raise QuestionError("refused: only a statement that reads, like select or from")
        return self._answer(statement.query, [])

    def dictionary(self, table: str = "") -> dict[str, Any]:
        """All marts with their descriptions; or of one, its columns with type, unit and description."""
        if not table:
            records: list[dict[str, Any]] = [
                {"table": name, "description": text} for name, text in self._comments.items()
            ]
        elif table not in self._columns:
            raise QuestionError(
                f"no table {table!r} in marts; they are: {', '.join(self._columns)}"
            )
        else:
            records = [
                {
                    "column": column.name,
                    "type": column.data_type.lower(),
                    "unit": column.unit,
                    "description": column.description,
                }
                for column in self._columns[table]
            ]
        return self._with_terms({"rows": records, "truncated": False}, set(), set())

    def explained(self, table: str, source_row_id: str) -> dict[str, Any]:
        """Every step behind a figure of a table of `EXPLAINED`, with the credit of its own source."""
        answer = self.macro(EXPLAINED[table], [source_row_id])
        own = self._answer(
            f"select source_id from marts.{table} where source_row_id = ? limit 1", [source_row_id]
        )
        return answer | {"credit": own["credit"]}

    def passport(self, source_row_id: str) -> dict[str, Any]:
        """Where a figure is from: every step behind it, or its own row with its source and edition."""
        for table, columns in self._columns.items():
            if not table.startswith("fct_") or "source_row_id" not in {c.name for c in columns}:
                continue
            if table in EXPLAINED:
                try:
                    return self.explained(table, source_row_id)
                except QuestionError:
                    continue
            found = self._answer(
                f"select fact.*, edition.citation, edition.released_on as edition_released_on "
                f"from marts.{table} as fact left join marts.dim_edition as edition "
                "using (source_id, edition) where fact.source_row_id = ?",
                [source_row_id],
            )
            if found["rows"]:
                return found
        raise QuestionError(f"no figure has the source_row_id {source_row_id!r}")

    def _answer(self, sql: str, arguments: Sequence[Any]) -> dict[str, Any]:
        most_rows, most_bytes, most_seconds = self._limits
        cursor = self._connection.cursor()
        late = threading.Event()

        def stop() -> None:
            late.set()
            cursor.interrupt()

        timer = threading.Timer(most_seconds, stop)
        timer.start()
        try:
            cursor.execute(sql, list(arguments))
            names = [column[0] for column in cursor.description or []]
            values = cursor.fetchmany(most_rows + 1)
        except duckdb.Error as error:
            if late.is_set():
                raise QuestionError(
                    f"stopped: it took more than {most_seconds:g} seconds"
                ) from None
            raise QuestionError(_error_summary(error)) from None
        finally:
            timer.cancel()
            cursor.close()
        rows, size = [], 0
        for each in values[:most_rows]:
            row = {name: _plain(value) for name, value in zip(names, each, strict=True)}
            size += len(json.dumps(row, ensure_ascii=False).encode())
            if size > most_bytes:
                break
            rows.append(row)
        sources = {
            part
            for row in rows
            for name in NAMES_A_SOURCE
            for part in str(row.get(name) or "").split(",")
        }
        flags = {
            flag for row in rows for flag in str(row.get("quality_flags") or "").split(",") if flag
        }
        answer = {"rows": rows, "truncated": len(rows) < len(values)}
        return self._with_terms(answer, sources, flags)

    def _with_terms(
        self, answer: dict[str, Any], sources: set[str], flags: set[str]
    ) -> dict[str, Any]:
        """The answer with release, credit lines (of all sources, where its rows name none) and caveats."""
        named = sources & self._credit.keys() or self._credit.keys()
        caveats = [NEVER_ZERO]
        caveats += [
            f"{flag}: {self._caveats.get(flag, 'see the methods')}" for flag in sorted(flags)
        ]
        if answer["truncated"]:
            caveats.append("Not all rows: ask for fewer.")
        if self._restricted:
            caveats.append(f"Not to be passed on: the release holds rows of {self._restricted}.")
        credit = [line for source_id, line in self._credit.items() if source_id in named]
        return {"release": self.name, **answer, "credit": credit, "caveats": caveats}


def _error_summary(error: duckdb.Error) -> str:
    """The first lines of what DuckDB says, without its drawing of the statement."""
    return str(error).split("\n\nLINE", 1)[0][:600]


def _plain(value: object) -> Any:
    """A value as JSON has it."""
    if value is None or isinstance(value, bool | int | float | str):
        return value
    return value.isoformat() if isinstance(value, dt.date | dt.datetime) else str(value)
