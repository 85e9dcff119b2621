"""Checks of lake tables, by factory from their schemas and from `sources.quality`."""

from collections.abc import Iterator

import dagster as dg
import dataframely as dy
import polars as pl

from dagster_project.defs.sources.assets import lake_key
from dagster_project.reporting import check_result
from dagster_project.resources import Workspace
from sources import quality
from sources.catalog import Source
from sources.contract import read_sidecar
from sources.inputs import READERS
from sources.lake_schema import Production
from sources.quality import Question
from sources.reference import tidy as reference

Tables = dict[str, pl.DataFrame]


def _schema_questions(schemas: dict[str, type[dy.Schema]]) -> list[Question]:
    return [
        Question(
            table,
            "rows_satisfy_schema",
            "Columns, types, keys, closed vocabularies and cross-column rules hold.",
            lambda tables, table=table, schema=schema: quality.satisfies_schema(
                tables[table], schema
            ),
        )
        for table, schema in schemas.items()
    ]


def _account_question(schemas: dict[str, type[dy.Schema]]) -> Question:
    with_records = [name for name, schema in schemas.items() if "file_row" in schema.column_names()]

    def ask(tables: Tables) -> quality.Outcome:
        return quality.records_are_accounted_for(
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
        lambda tables: quality.newest_year_keeps_magnitude(tables[table], source),
    )
    return [
        # A stock (reserves, capacity) is given for one year an edition.
        *([newest_year] if table == "production" else []),
        Question(
            table,
            "figures_keep_their_magnitude",
            "World totals in consecutive editions are of one magnitude (unit slips).",
            lambda tables: quality.keeps_magnitude(tables[table], source),
        ),
        Question(
            table,
            "edition_keeps_its_coverage",
            "An edition still has the series of the edition before.",
            lambda tables: quality.keeps_coverage(tables[table], source),
        ),
    ]


def build_lake_checks(source: Source) -> dg.AssetChecksDefinition:
    """All checks of one source's lake tables, in one step."""
    reader = READERS[source.source_id]
    schemas = reader.lake
    questions = _schema_questions(schemas)
    figures = [table for table, schema in schemas.items() if schema is Production]
    if "file_rows" in schemas:
        questions.append(_account_question(schemas))
    for table in figures:
        questions += _figure_questions(source, table)
    questions += reader.questions
    return _build(source.source_id, questions)


def build_reference_checks() -> dg.AssetChecksDefinition:
    """Schema checks of our own lists."""
    return _build(reference.SOURCE_ID, _schema_questions(reference.LAKE))


def _build(source_id: str, questions: list[Question]) -> dg.AssetChecksDefinition:
    @dg.multi_asset_check(
        name=f"lake_{source_id}_checks",
        specs=[
            dg.AssetCheckSpec(
                name=question.name,
                asset=lake_key(source_id, question.table),
                description=question.description,
                blocking=True,
            )
            for question in questions
        ],
    )
    def checks(
        context: dg.AssetCheckExecutionContext, workspace: Workspace
    ) -> Iterator[dg.AssetCheckResult]:
        settings = workspace.settings
        folder = settings.lake / source_id
        tables = {
            table: pl.read_parquet(folder / f"{table}.parquet")
            for table in sorted({path.stem for path in folder.glob("*.parquet")})
        }
        for question in questions:
            key = lake_key(source_id, question.table)
            if dg.AssetCheckKey(key, question.name) not in context.selected_asset_check_keys:
                continue
            outcome = question.ask(tables)
            yield check_result(
                settings,
                read_sidecar(settings.lake, source_id, question.table).build_id,
                asset_key=key,
                name=question.name,
                passed=outcome.passed,
                stops=outcome.severity == "stop",
                expected=outcome.expected,
                got=outcome.got,
                numbers=outcome.numbers,
                offenders=outcome.offenders,
            )

    return checks
