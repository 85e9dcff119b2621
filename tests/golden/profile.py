"""Profile of the published marts: rows, nulls of each column, total of each measure.

    python -m tests.golden.profile --write

builds a release from the embedded tables in a scratch folder and writes `mart_profile.csv`; with
`--release FILE` it takes that published file, which saves the build. The diff is reviewed with every
change: a mart that lost rows, or a total that moved, shows here first.
"""

import argparse
import difflib
import tempfile
from pathlib import Path

import duckdb

PROFILE = Path(__file__).parent / "mart_profile.csv"
HEADER = "mart,column,nulls,total"
# Totals differ in the last digits of a double by the order of addition; six digits don't.
DIGITS = 6
# One row a source and one an edition, as each source.yml says: a new one is no change of a figure.
LISTS_OF_SOURCES = ("dim_source", "dim_edition")
NUMBERS = {"DOUBLE", "INTEGER", "BIGINT", "BOOLEAN"}
HOW_TO_ACCEPT = (
    "The published marts are not those of tests/golden/mart_profile.csv (rows stand as column `*`). "
    "Read each line below. If all of it is meant, write the profile anew with\n"
    "    .venv/bin/python -m tests.golden.profile --write\n"
    "and say why in the commit.\n"
)


def _total(expression: str, data_type: str) -> str:
    """SQL of a column's total: years add up to nothing that means anything, flags are counted."""
    number = f"cast({expression} as integer)" if data_type == "BOOLEAN" else expression
    return f"sum(cast({number} as decimal(38, 12)))"


def _shown(total: object) -> str:
    return "" if total is None else f"{float(str(total)):.{DIGITS}g}"


def profile(release: duckdb.DuckDBPyConnection) -> list[str]:
    """Lines of the profile, heading first."""
    columns = release.execute(
        "select table_name, column_name, data_type from duckdb_columns() "
        "where schema_name = 'marts' and table_name not in ? order by table_name, column_index",
        [LISTS_OF_SOURCES],
    ).fetchall()
    tables: dict[str, list[tuple[str, str]]] = {}
    for table, column, data_type in columns:
        tables.setdefault(table, []).append((column, data_type))
    lines = [HEADER]
    for table, named in tables.items():
        measures = {
            column: _total(f'"{column}"', data_type)
            for column, data_type in named
            if data_type in NUMBERS and not column.endswith("_year")
        }
        parts = [f'count(*) - count("{column}")' for column, _ in named]
        found = release.execute(
            f"select count(*), {', '.join([*parts, *measures.values()])} from marts.{table}"
        ).fetchall()[0]
        totals = dict(zip(measures, found[1 + len(named) :], strict=True))
        lines.append(f"{table},*,,{found[0]}")
        lines += [
            f"{table},{column},{nulls},{_shown(totals.get(column))}"
            for (column, _), nulls in zip(named, found[1 : 1 + len(named)], strict=True)
        ]
    return lines


def difference(expected: list[str], got: list[str]) -> str:
    """What changed, line by line; empty where nothing did."""
    lines = difflib.unified_diff(expected, got, "reviewed", "this release", lineterm="", n=0)
    return "\n".join(lines)


def _fresh() -> list[str]:
    from tests.conftest import run_command

    with tempfile.TemporaryDirectory() as folder:
        result = run_command("refresh", data=Path(folder))
        if result.returncode:
            raise SystemExit(result.stdout + result.stderr)
        path = Path(folder) / "published" / "current" / "critical_minerals.duckdb"
        with duckdb.connect(str(path), read_only=True) as release:
            return profile(release)


def published(path: Path) -> list[str]:
    """Profile of a published file, which must be made of the tables that the tests are made of."""
    with duckdb.connect(str(path), read_only=True) as release:
        made_of = release.execute("select input, as_of from _build.release").fetchall()
        if made_of != [("embedded", "9999-12-31")]:
            raise SystemExit(
                f"{path} is of {made_of}; the profile is of the embedded tables and of no past day. "
                "Run `make refresh` without CHOKEPOINT_INPUT and CHOKEPOINT_AS_OF, or leave out --release."
            )
        return profile(release)


def main() -> None:
    """Write the profile, or show what would change."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--write", action="store_true", help="write mart_profile.csv")
    parser.add_argument(
        "--release", type=Path, help="a published file of this very code, in place of a fresh build"
    )
    wanted = parser.parse_args()
    got = published(wanted.release) if wanted.release else _fresh()
    before = PROFILE.read_text(encoding="utf-8").splitlines() if PROFILE.exists() else []
    print(difference(before, got) or "nothing changed")  # noqa: T201
    if wanted.write:
        PROFILE.write_text("\n".join(got) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
