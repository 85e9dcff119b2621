"""What differs between two releases: `.venv/bin/python scripts/compare_releases.py OLD NEW`.

OLD and NEW are published database files. Rows are joined by the key that each mart's test of one row a key
names. For every column: rows whose text changed, numbers that became null or ceased to be, and shares that moved
by more than `--tolerance` (0.005 is half a point), the largest first. `--renamed FILE` maps old names to new, as
`dagster_project/publishing/renames.csv` does. `--equal` makes any difference but added columns and added
tables an error: exit code 1.
"""

import argparse
import re
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import yaml

from dagster_project.publishing.renames import Renames, case_of, read_renames

ROOT = Path(__file__).resolve().parents[1]
NUMBERS = {"DOUBLE", "INTEGER", "BIGINT", "SMALLINT", "FLOAT", "DECIMAL"}
SHOWN = 15
# Keys of the marts of trade, whose uniqueness no test of their own asks.
KEYS = {
    "mart_import_dependency": [
        "importer_id",
        "series_level",
        "hs6",
        "mineral_id",
        "stage",
        "series_id",
        "edition",
        "reference_year",
        "origin_id",
    ],
    "mart_export_share": [
        "exporter_id",
        "series_level",
        "hs6",
        "mineral_id",
        "stage",
        "series_id",
        "edition",
        "reference_year",
        "destination_id",
    ],
}
SHARES = ("share", "hhi", "_lower", "_upper", "_low", "_high", "_fraction")


@dataclass(frozen=True)
class Table:
    """A mart in both releases: its rows (old ones under new names), its key, its common columns (new to old)."""

    old_rows: str
    new_rows: str
    key: list[str]
    columns: dict[str, str]
    numbers: frozenset[str]


def keys_of_marts(models: Path) -> dict[str, list[str]]:
    """Mart to the key of its test of one row a key: column names, or expressions over them."""
    keys: dict[str, list[str]] = dict(KEYS)
    for path in models.rglob("*__models.yml"):
        for model in yaml.safe_load(path.read_text(encoding="utf-8")).get("models") or []:
            for test in model.get("data_tests") or []:
                arguments = test.get("unique_key", {}) if isinstance(test, dict) else {}
                if arguments:
                    keys.setdefault(model["name"], arguments["arguments"]["columns"])
    return keys


def _columns(connection: duckdb.DuckDBPyConnection, database: str) -> dict[str, dict[str, str]]:
    rows = connection.execute(
        "select table_name, column_name, data_type from duckdb_columns() "
        "where database_name = ? and schema_name = 'marts' order by table_name, column_index",
        [database],
    ).fetchall()
    tables: dict[str, dict[str, str]] = {}
    for table, column, data_type in rows:
        tables.setdefault(table, {})[column] = data_type
    return tables


def _hashed(connection: duckdb.DuckDBPyConnection, relation: str, columns: list[str]) -> Any:
    row = ", ".join(f'"{name}"' for name in columns)
    return connection.execute(
        f"select count(*), sum(cast(hash({row}) as hugeint)) from {relation}"
    ).fetchall()


def _column(
    connection: duckdb.DuckDBPyConnection,
    number: int,
    table: Table,
    tolerance: float,
) -> list[str]:
    new, old = list(table.columns.items())[number]
    is_number = new in table.numbers
    o, n = f"o{number}", f"n{number}"
    differs = f"{o} is distinct from {n}"
    if is_number:
        # The last digits of a sum depend on its order.
        differs = f"(({o} is null) <> ({n} is null) or abs({o} - {n}) > 1e-9 * greatest(abs({o}), abs({n})))"
    changed, lost, gained = connection.execute(
        f"select count(*), count(*) filter ({n} is null), count(*) filter ({o} is null) "
        f"from j where {differs}"
    ).fetchall()[0]
    if not changed:
        return []
    said = f"  {old if old == new else f'{old} -> {new}'}: {changed} changed"
    if lost or gained:
        said += f", of which {lost} became null and {gained} were null"
    if is_number and new.endswith(SHARES):
        moved = connection.execute(
            f"select count(*) from j where abs({o} - {n}) > {tolerance}"
        ).fetchall()[0][0]
        said += f", {moved} moved by more than {tolerance:g}"
        top = connection.execute(
            f"select k, {o}, {n} from j where abs({o} - {n}) > {tolerance} "
            f"order by abs({o} - {n}) desc, 1 limit {SHOWN}"
        ).fetchall()
        said += "".join(f"\n    {k}: {float(a):.4g} -> {float(b):.4g}" for k, a, b in top)
    return [said]


def _compared(connection: duckdb.DuckDBPyConnection, table: Table, tolerance: float) -> list[str]:
    """Lines that say what differs in one mart; empty where nothing does."""
    key_columns = ", ".join(f"{part} as k{n}" for n, part in enumerate(table.key))
    names = [f"k{n}" for n in range(len(table.key))]
    on = " and ".join(f"o.{name} is not distinct from n.{name}" for name in names)
    columns = ", ".join(f'"{column}" as c{n}' for n, column in enumerate(table.columns))
    if _hashed(connection, table.old_rows, list(table.columns)) == _hashed(
        connection, table.new_rows, list(table.columns)
    ):
        return []
    for name, relation in (("o", table.old_rows), ("n", table.new_rows)):
        connection.execute(
            f"create or replace temp table {name} as select {key_columns}, {columns} from {relation}"
        )
    pairs = ", ".join(f"o.c{n} as o{n}, n.c{n} as n{n}" for n in range(len(table.columns)))
    key = " || '|' || ".join(f"coalesce(n.{name}::varchar, '')" for name in names)
    connection.execute(
        f"create or replace temp table j as select {key} as k, {pairs} from o join n on {on}"
    )
    lines: list[str] = []
    counts = connection.execute(
        f"select (select count(*) from o anti join n on {on}), (select count(*) from n anti join o on {on})"
    ).fetchall()[0]
    if any(counts):
        lines.append(f"  rows only in old: {counts[0]}, only in new: {counts[1]}")
    for number in range(len(table.columns)):
        lines += _column(connection, number, table, tolerance)
    return lines


def compare(
    old: Path, new: Path, renamed: dict[str, Renames], tolerance: float, models: Path
) -> tuple[list[str], bool]:
    """Lines that say what differs, and whether anything but added columns and tables does."""
    keys = keys_of_marts(models)
    lines: list[str] = []
    differs = False
    with duckdb.connect() as connection:
        connection.execute(f"attach '{old}' as old (read_only)")
        # The views of a warehouse call it by its own name.
        database = "new" if new.stem == old.stem else new.stem
        connection.execute(f"attach '{new}' as {database} (read_only)")
        before, after = _columns(connection, "old"), _columns(connection, database)
        found: set[str] = set()
        for name, columns in before.items():
            renames = renamed.get(name, Renames(name))
            now = renames.mart
            found.add(now)
            if now not in after:
                lines.append(f"{name}: gone")
                differs = True
                continue
            names = {renames.columns.get(c, c): c for c in columns}
            common = {c: old for c, old in names.items() if c in after[now]}
            gone = [old for c, old in names.items() if c not in common]
            added = [c for c in after[now] if c not in common]
            numbers = {c for c, kind in after[now].items() if kind.split("(")[0] in NUMBERS}
            # A column that only the new release has can't tell the rows of the old one.
            key = [
                part
                for part in keys.get(now) or list(common)
                if not set(re.findall(r"[a-z_][a-z0-9_]*", part)) & set(added)
            ]
            selected = ", ".join(
                f"{case_of(f'{old}', renames.values.get(old, {}))} as {c}"
                for c, old in common.items()
            )
            rows = f"(select {selected} from old.marts.{name})"
            table = Table(rows, f"{database}.marts.{now}", key, common, frozenset(numbers))
            said = _compared(connection, table, tolerance)
            differs = differs or bool(said) or bool(gone)
            if gone:
                said.append(f"  columns gone: {', '.join(gone)}")
            if added:
                said.append(f"  columns added: {', '.join(added)}")
            if said:
                lines += [name if name == now else f"{name} -> {now}", *said]
        lines += [f"{name}: added" for name in after if name not in found]
    return lines, differs


def main() -> None:
    """Print what differs; with `--equal`, fail where something does."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("old", type=Path)
    parser.add_argument("new", type=Path)
    parser.add_argument("--renamed", type=Path)
    parser.add_argument("--tolerance", type=float, default=0.005)
    parser.add_argument("--equal", action="store_true")
    wanted = parser.parse_args()
    renamed = read_renames(wanted.renamed) if wanted.renamed else {}
    lines, differs = compare(
        wanted.old, wanted.new, renamed, wanted.tolerance, ROOT / "dbt" / "models"
    )
    print("\n".join(lines) or "nothing differs")
    sys.exit(1 if wanted.equal and differs else 0)


if __name__ == "__main__":
    main()
