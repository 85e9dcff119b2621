"""Which checks the lake tables of a source must answer: one list, for a refresh and for a new edition.

The checks themselves stand in `sources.reading.checks` and beside the source that alone is asked.
"""

from collections.abc import Mapping

import dataframely as dy

from sources.reading import checks
from sources.reading.catalog import Source
from sources.reading.checks import LakeCheck
from sources.reading.figure_checks import figure_checks
from sources.reading.lake_schemas import Production
from sources.reading.month_checks import month_checks
from sources.reading.open_file import Tables
from sources.reading.reader import Reader


def schema_checks(schemas: Mapping[str, type[dy.Schema]]) -> list[LakeCheck]:
    """Each table satisfies its schema."""
    return [
        LakeCheck(
            table,
            "rows_satisfy_schema",
            "Columns, types, keys, closed vocabularies and cross-column rules hold.",
            lambda tables, table=table, schema=schema: checks.satisfies_schema(
                tables[table], schema
            ),
        )
        for table, schema in schemas.items()
    ]


def _account_check(schemas: Mapping[str, type[dy.Schema]]) -> LakeCheck:
    with_records = [name for name, schema in schemas.items() if "file_row" in schema.column_names()]

    def run(tables: Tables) -> checks.Outcome:
        return checks.records_are_accounted_for(
            [tables[table] for table in with_records], tables["not_used"], tables["file_rows"]
        )

    return LakeCheck(
        "not_used",
        "records_are_accounted_for",
        "Per file: records in = records used + records not used, each of these with its reason.",
        run,
    )


def _figure_checks(source: Source, table: str) -> list[LakeCheck]:
    newest_year = LakeCheck(
        table,
        "newest_year_keeps_its_magnitude",
        "World totals of an edition's newest year are of one magnitude with its year before.",
        lambda tables: checks.newest_year_keeps_magnitude(tables[table], source),
    )
    return [
        # A stock (reserves, capacity) is given for one year an edition.
        *([newest_year] if table == "production" else []),
        LakeCheck(
            table,
            "figures_keep_their_magnitude",
            "World totals in consecutive editions are of one magnitude (unit slips).",
            lambda tables: checks.keeps_magnitude(tables[table], source),
        ),
        LakeCheck(
            table,
            "edition_keeps_its_coverage",
            "An edition still has the series of the edition before.",
            lambda tables: checks.keeps_coverage(tables[table], source),
        ),
    ]


def _period_checks(source: Source) -> list[LakeCheck]:
    if source.newest_period is None:
        return []
    table = source.newest_period.table
    return [
        LakeCheck(
            table,
            "newest_period_is_recent",
            "The newest edition's figures end as near its day of release as they use to.",
            lambda tables: checks.newest_period_is_recent(tables[table], source),
            blocking=False,
        )
    ]


def checks_of(reader: Reader, source: Source) -> list[LakeCheck]:
    """All checks of one source's lake tables."""
    schemas = reader.lake
    found = schema_checks(schemas)
    if "file_rows" in schemas:
        found.append(_account_check(schemas))
    for table, schema in schemas.items():
        if schema is Production:
            found += _figure_checks(source, table)
    found += figure_checks(schemas, source)
    found += month_checks(schemas)
    return found + _period_checks(source) + list(reader.checks)
