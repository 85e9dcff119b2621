"""How many questions a release answers: from whom does a party buy a mineral of a critical list at a stage.

`python -m benchmarks.answered --release <critical_minerals.duckdb> [--before <another>]`. A question is a
party, a mineral of the list (with the parts that have an id of their own) and a stage at which a customs line or
other evidence of the release exists; of two releases the newer one says which questions there are. It is
answered where a share of an origin is printed or computed for the year; a bound counts, a reason does not.
"""

import argparse
import sys
from pathlib import Path

import duckdb

PARTIES = ("USA", "JPN", "DEU", "KOR", "IND", "EU27")
LISTS = ("US2025", "EU2023")
YEAR = 2024
QUESTIONS = """
    with
    listed as (
        select distinct list_id, mineral_id from marts.bridge_critical_list_member
        where list_id in ? and mineral_id is not null
    ),
    minerals as (
        select list_id, mineral_id from listed
        union
        select listed.list_id, part.mineral_id
        from listed
        inner join marts.dim_mineral as part on listed.mineral_id = part.parent_mineral_id
    ),
    stages as (
        select mineral_id, stage from marts.dim_hs_line
        union
        select mineral_id, stage from marts.mart_import_dependency where series_level = 'mineral_stage'
        union
        select mineral_id, stage from marts.mart_import_evidence where stage is not null
    )
    select list_id, mineral_id, stage from minerals inner join stages using (mineral_id)
"""
BY_TRADE = """
    select distinct importer_id, mineral_id, stage from marts.mart_import_dependency
    where series_level = 'mineral_stage' and is_current_series and reference_year = ?
        and importer_id in ? and value_share is not null
"""
BY_OTHERS = """
    select distinct importer_id, mineral_id, stage from marts.mart_import_evidence
    where is_best_evidence and reference_year = ? and importer_id in ?
        and coalesce(share, share_lower) is not null
"""


def answers(connection: duckdb.DuckDBPyConnection) -> set[tuple[str, str, str]]:
    """Party, mineral and stage with a figure of the year."""
    known = set(connection.execute(BY_TRADE, [YEAR, PARTIES]).fetchall())
    tables = {
        name for (name,) in connection.execute("select table_name from duckdb_tables()").fetchall()
    }
    if "mart_import_evidence" in tables:
        known |= set(connection.execute(BY_OTHERS, [YEAR, PARTIES]).fetchall())
    return known


def count(release: Path, before: Path | None = None) -> list[tuple[str, str, int, int | None, int]]:
    """List, party, questions, answered before and now."""
    with duckdb.connect(str(release), read_only=True) as connection:
        questions = connection.execute(QUESTIONS, [LISTS]).fetchall()
        now = answers(connection)
    earlier: set[tuple[str, str, str]] | None = None
    if before is not None:
        with duckdb.connect(str(before), read_only=True) as connection:
            earlier = answers(connection)
    rows = []
    for name in LISTS:
        cells = {(mineral, stage) for list_id, mineral, stage in questions if list_id == name}
        for party in PARTIES:
            asked = {(party, *cell) for cell in cells}
            old = None if earlier is None else len(asked & earlier)
            rows.append((name, party, len(asked), old, len(asked & now)))
    return rows


def main() -> None:
    """Print one line a list and party."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--release", type=Path, required=True)
    parser.add_argument("--before", type=Path)
    arguments = parser.parse_args()
    lines = [f"{'list':8} {'party':6} {'asked':>6} {'before':>7} {'now':>5}   year {YEAR}"]
    for name, party, asked, old, now in count(arguments.release, arguments.before):
        lines.append(f"{name:8} {party:6} {asked:6} {'' if old is None else old:>7} {now:5}")
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
