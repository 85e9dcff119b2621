"""Columns of the marts with type, description and unit, as all that describes a release tells them."""

import re
from dataclasses import dataclass

import duckdb

from dagster_project.publishing.warehouse import quoted, rows

NUMBERS = {"INTEGER", "BIGINT", "DOUBLE"}
# By the name's end, its qualifiers taken off: docs/naming.md. The first that matches.
UNITS = (
    (r"value_usd_per_tonne|.*_usd_per_tonne", "US dollars per tonne"),
    (r".*_tonnes_contained", "tonnes of contained metal or oxide"),
    (r".*_tonnes(_gross)?", "tonnes"),
    (r".*_usd", "US dollars"),
    (r".*_share", "share, 0 to 1"),
    (r".*_hhi", "HHI, 0 to 1"),
    (r".*_days", "days"),
    (r".*_count", "count"),
    (r".*_rank", "rank, 1 is first"),
    (r".*_year", "calendar year"),
)
QUALIFIERS = re.compile(
    r"_(low|high|lower|upper|before|after|now|base|latest|at_start|all_imports|year_before|twelve_months)$"
)


@dataclass(frozen=True)
class Column:
    """A column of a mart."""

    name: str
    data_type: str
    is_nullable: bool
    description: str

    @property
    def unit(self) -> str | None:
        """What its name says that it counts in; None for what has no unit in its name."""
        if self.data_type not in NUMBERS:
            return None
        name = self.name
        while True:
            for pattern, unit in UNITS:
                if re.fullmatch(pattern, f"_{name}"):
                    return unit
            shorter = QUALIFIERS.sub("", name)
            if shorter == name:
                return None
            name = shorter


def mart_columns(
    connection: duckdb.DuckDBPyConnection, database: str | None = None
) -> dict[str, list[Column]]:
    """Every mart of a database, else of the current one, with its columns in their order."""
    named = "current_database()" if database is None else quoted(database)
    found: dict[str, list[Column]] = {}
    for row in rows(
        connection,
        "select table_name, column_name, data_type, is_nullable, comment from duckdb_columns() "
        f"where database_name = {named} and schema_name = 'marts' "
        "order by table_name, column_index",
    ):
        column = Column(row["column_name"], row["data_type"], row["is_nullable"], row["comment"])
        found.setdefault(row["table_name"], []).append(column)
    return found
