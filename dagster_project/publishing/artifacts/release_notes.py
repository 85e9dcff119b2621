"""`RELEASE_NOTES.md`: what moved since the previous release. Rows, labels, largest changes, checks."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from dagster_project.publishing.warehouse import opened, quoted, rows

# Columns whose values are names: one that is new, or gone, is news.
LABELS = (
    "mineral_id",
    "country_iso3",
    "hs6",
    "form",
    "edition",
    "series_id",
    "bloc_id",
    "event_id",
    "claim_id",
    "scenario_id",
    "published_label",
    "price_label",
)
# A table of this many rows repeats names that a dimension has.
MOST_ROWS_READ = 200_000
MOST_LISTED = 15
LEAST_CHANGE = 0.005


@dataclass(frozen=True)
class Comparison:
    """One figure that is compared: the mart, its share, its key, and which rows answer."""

    mart: str
    figure: str
    key: tuple[str, ...]
    condition: str


COMPARED = (
    Comparison(
        "mart_production_share",
        "production_share",
        ("mineral_id", "stage", "form", "basis", "country_iso3", "reference_year", "source_id"),
        "is_current_edition",
    ),
    Comparison(
        "mart_import_dependency",
        "value_share",
        ("importer_id", "mineral_id", "stage", "origin_id", "reference_year"),
        "is_current_series and series_level = 'mineral_stage' and not is_de_minimis",
    ),
    Comparison(
        "mart_dependency_view",
        "refiner_origin_share",
        (
            "importer_id",
            "mineral_id",
            "stage",
            "origin_id",
            "reference_year",
            "measure",
            "denominator",
        ),
        "series_level = 'mineral_stage'",
    ),
)


@dataclass(frozen=True)
class Side:
    """A release of the two: the name under which its database is attached, and its folder."""

    name: str
    folder: Path

    def rows(self, mart: str) -> str:
        """What SQL reads a mart's rows from: the Parquet file, since computing a view of millions of rows takes longer."""
        path = self.folder / "parquet" / f"{mart}.parquet"
        return (
            f"read_parquet({quoted(str(path))})" if path.exists() else f"{self.name}.marts.{mart}"
        )


def write_notes(
    path: Path, database: Path, about: Mapping[str, Any], previous: Path | None
) -> None:
    """Write the notes.

    Args:
        path: where to.
        database: the built file.
        about: what `release.json` says.
        previous: database of the release that was current until now; None for the first.
    """
    connection = opened()
    try:
        connection.execute(f"attach {quoted(str(database))} as new (read_only)")
        lines = [f"# Release {about['release']}", "", *_facts(about)]
        if previous is None:
            lines += ["", "The first release here: there is none to compare with."]
        else:
            try:
                connection.execute(f"attach {quoted(str(previous))} as old (read_only)")
                lines += _compared(
                    connection, Side("new", database.parent), Side("old", previous.parent)
                )
            except duckdb.Error as error:
                # An old release that can't be read must not hold back a new one.
                lines += ["", f"The previous release could not be read: {error}"]
        lines += [*_lists(connection), *_checks(connection)]
    finally:
        connection.close()
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _facts(about: Mapping[str, Any]) -> list[str]:
    as_of = "everything held" if about["as_of"] == "9999-12-31" else about["as_of"]
    restricted = about.get("restricted_sources")
    warning = [f"**Not to be passed on: it holds rows of {restricted}.**", ""] if restricted else []
    return [
        *warning,
        f"Built {about['built_at']} by chokepoint {about['software_version']}, input {about['input']}, as of: {as_of}.",
        f"Content digest {about['content_digest']}.",
        "",
        "`dictionary.html` says what each column is, `methods.html` how it is made, `CREDITS.md` what to print with a figure, `atlas.html` shows the marts.",
    ]


def _columns(connection: duckdb.DuckDBPyConnection, name: str) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for row in rows(
        connection,
        "select table_name, column_name from duckdb_columns() "
        f"where database_name = '{name}' and schema_name = 'marts'",
    ):
        found.setdefault(row["table_name"], set()).add(row["column_name"])
    return found


def _counts(connection: duckdb.DuckDBPyConnection, side: Side, tables: list[str]) -> dict[str, int]:
    if not tables:
        return {}
    query = " union all ".join(
        f"select '{table}', count(*) from {side.rows(table)}" for table in tables
    )
    return dict(connection.execute(query).fetchall())


def _compared(connection: duckdb.DuckDBPyConnection, now: Side, before: Side) -> list[str]:
    new, old = _columns(connection, "new"), _columns(connection, "old")
    (release,) = connection.execute("select release from old._build.release").fetchall()[0]
    lines = ["", f"Compared with release {release}."]
    counts = {
        "new": _counts(connection, now, sorted(new)),
        "old": _counts(connection, before, sorted(old)),
    }
    lines += ["", "## Rows", "", "| mart | before | now |", "|---|---:|---:|"]
    changed = [
        f"| {table} | {_number(counts['old'].get(table))} | {_number(counts['new'].get(table))} |"
        for table in sorted(new.keys() | old.keys())
        if counts["old"].get(table) != counts["new"].get(table)
    ]
    lines = lines + changed if changed else [*lines[:-2], "No mart has more or fewer rows."]
    columns = [
        f"* {table}: {word} {', '.join(f'`{name}`' for name in sorted(names))}"
        for table in sorted(new.keys() & old.keys())
        for word, names in (("new", new[table] - old[table]), ("gone", old[table] - new[table]))
        if names
    ]
    if columns:
        lines += ["", "## Columns", "", *columns]
    lines += _descriptions(connection)
    lines += ["", "## Labels", "", *_labels(connection, new, old, counts)]
    for comparison in COMPARED:
        needed = {comparison.figure, *comparison.key}
        if all(needed <= columns.get(comparison.mart, set()) for columns in (new, old)):
            lines += _changes(connection, comparison, now, before)
    return lines


def _descriptions(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """Columns whose description was rewritten: what they mean may be said anew."""
    found = connection.execute(
        "select now.table_name || '.' || now.column_name from duckdb_columns() as now "
        "join duckdb_columns() as before using (schema_name, table_name, column_name) "
        "where now.database_name = 'new' and before.database_name = 'old' and schema_name = 'marts' "
        "and now.comment is distinct from before.comment order by 1"
    ).fetchall()
    if not found:
        return []
    names = ", ".join(f"`{name}`" for (name,) in found)
    return ["", "## Descriptions", "", f"Rewritten: {names}."]


def _number(count: int | None) -> str:
    return "none" if count is None else f"{count:,}"


def _labels(
    connection: duckdb.DuckDBPyConnection,
    new: Mapping[str, set[str]],
    old: Mapping[str, set[str]],
    counts: Mapping[str, Mapping[str, int]],
) -> list[str]:
    lines = []
    for label in LABELS:
        values: dict[str, set[str]] = {}
        for name, columns in (("new", new), ("old", old)):
            parts = [
                f"select distinct {label} from {name}.marts.{table}"
                for table in sorted(columns)
                if label in columns[table] and counts[name][table] <= MOST_ROWS_READ
            ]
            query = " union ".join(parts) or "select null"
            values[name] = {value for (value,) in connection.execute(query).fetchall() if value}
        for word, found in (
            ("new", values["new"] - values["old"]),
            ("vanished", values["old"] - values["new"]),
        ):
            if found:
                lines.append(f"* `{label}`, {word}: {', '.join(sorted(found))}")
    return lines or ["None is new, none vanished."]


def _changes(
    connection: duckdb.DuckDBPyConnection, comparison: Comparison, now: Side, before: Side
) -> list[str]:
    mart = comparison.mart
    key = ", ".join(comparison.key)
    sides = [
        f"select {key}, {comparison.figure} as figure from {side.rows(mart)} "
        f"where {comparison.condition} and {comparison.figure} is not null"
        for side in (before, now)
    ]
    found = connection.execute(
        f"select {key}, before.figure, now.figure from ({sides[0]}) as before "
        f"join ({sides[1]}) as now using ({key}) "
        f"where abs(now.figure - before.figure) >= {LEAST_CHANGE} "
        f"order by abs(now.figure - before.figure) desc, {key} limit {MOST_LISTED}"
    ).fetchall()
    lines = ["", f"## Largest changes of `{mart}.{comparison.figure}`", ""]
    if not found:
        return [*lines, f"None moved by {LEAST_CHANGE * 100:g} points or more."]
    lines += [
        f"| {' | '.join(comparison.key)} | before | now |",
        "|" + "---|" * (len(comparison.key) + 2),
    ]
    return lines + [
        f"| {' | '.join(str(value) for value in row[:-2])} | {row[-2]:.1%} | {row[-1]:.1%} |"
        for row in found
    ]


def _lists(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """Section on lists that are kept by hand: when each was last compared with the world, which no edition says."""
    if "dim_reviewed_list" not in _columns(connection, "new"):
        return []
    found = rows(
        connection,
        "select * from new.marts.dim_reviewed_list where review_by is not null order by review_by, list_file",
    )
    return [
        "",
        "## Lists kept by hand",
        "",
        'What happened after the last look is in no answer: a control "in force" is one of that day.',
        "",
        "| list | last checked on | to be looked at again by |",
        "|---|---|---|",
        *(f"| `{row['list_file']}` | {row['checked_on']} | {row['review_by']} |" for row in found),
    ]


def _checks(connection: duckdb.DuckDBPyConnection) -> list[str]:
    results = rows(connection, "select * from new._build.check_result order by check_key")
    failed = [row for row in results if not row["passed"]]
    lines = ["", "## Checks", ""]
    lines.append(
        f"{len(results) - len(failed)} passed, {len(failed)} warned; one that stops would have held the release back."
    )
    return lines + [f"* `{row['check_key']}`: {row['summary']}" for row in failed]
