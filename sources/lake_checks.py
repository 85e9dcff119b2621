"""Which questions the lake tables of a source must answer: one list, for a refresh and for a new edition.

The questions themselves stand in `sources.reading.checks` and beside the source that alone is asked.
"""

import dataframely as dy
import polars as pl

from sources.reading import checks
from sources.reading.catalog import Source
from sources.reading.checks import Question
from sources.reading.lake_schemas import Production
from sources.registry import READERS

Tables = dict[str, pl.DataFrame]


def schema_questions(schemas: dict[str, type[dy.Schema]]) -> list[Question]:
    """Each table satisfies its schema."""
    return [
        Question(
            table,
            "rows_satisfy_schema",
            "Columns, types, keys, closed vocabularies and cross-column rules hold.",
            lambda tables, table=table, schema=schema: checks.satisfies_schema(
                tables[table], schema
            ),
        )
        for table, schema in schemas.items()
    ]


def _account_question(schemas: dict[str, type[dy.Schema]]) -> Question:
    with_records = [name for name, schema in schemas.items() if "file_row" in schema.column_names()]

    def ask(tables: Tables) -> checks.Outcome:
        return checks.records_are_accounted_for(
            [tables[table] for table in with_records], tables["not_used"], tables["file_rows"]
        )

    return Question(
        "not_used",
        "records_are_accounted_for",
        "Per file: records in = records used + records not used, each of these with its reason.",
        ask,
    )


def _figure_questions(source: Source, table: str) -> list[Question]:
    newest_year = Question(
        table,
        "newest_year_keeps_its_magnitude",
        "World totals of an edition's newest year are of one magnitude with its year before.",
        lambda tables: checks.newest_year_keeps_magnitude(tables[table], source),
    )
    return [
        # A stock (reserves, capacity) is given for one year an edition.
        *([newest_year] if table == "production" else []),
        Question(
            table,
            "figures_keep_their_magnitude",
            "World totals in consecutive editions are of one magnitude (unit slips).",
            lambda tables: checks.keeps_magnitude(tables[table], source),
        ),
        Question(
            table,
            "edition_keeps_its_coverage",
            "An edition still has the series of the edition before.",
            lambda tables: checks.keeps_coverage(tables[table], source),
        ),
    ]


def _period_question(source: Source) -> list[Question]:
    if source.newest_period is None:
        return []
    table = source.newest_period.table
    return [
        Question(
            table,
            "newest_period_is_recent",
            "The newest edition's figures end as near its day of release as they use to.",
            lambda tables: checks.newest_period_is_recent(tables[table], source),
            blocking=False,
        )
    ]


def questions_of(source: Source) -> list[Question]:
    """All questions about one source's lake tables."""
    reader = READERS[source.source_id]
    schemas = reader.lake
    questions = schema_questions(schemas)
    if "file_rows" in schemas:
        questions.append(_account_question(schemas))
    for table, schema in schemas.items():
        if schema is Production:
            questions += _figure_questions(source, table)
    return questions + _period_question(source) + list(reader.questions)
