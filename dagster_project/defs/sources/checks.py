"""Checks of lake tables, by factory: the questions are `sources.lake_checks`."""

from collections.abc import Callable, Iterator

import dagster as dg
import polars as pl

from dagster_project.defs.sources.assets import lake_key
from dagster_project.operations.check_reports import check_result
from dagster_project.resources import Workspace
from sources.lake_checks import questions_of, schema_questions
from sources.reading.catalog import Source
from sources.reading.checks import Question
from sources.reading.lake import read_sidecar
from sources.reference import tidy as reference


def build_lake_checks(source: Source) -> dg.AssetChecksDefinition:
    """All checks of one source's lake tables, in one step."""
    questions = questions_of(source)
    return _build(
        source.source_id, questions, lambda workspace: questions_of(workspace.source(source))
    )


def build_reference_checks() -> dg.AssetChecksDefinition:
    """Schema checks of our own lists."""
    questions = schema_questions(reference.LAKE)
    return _build(reference.SOURCE_ID, questions, lambda _: questions)


def _build(
    source_id: str, questions: list[Question], ask: Callable[[Workspace], list[Question]]
) -> dg.AssetChecksDefinition:
    """The checks of one source.

    Args:
        questions: what is asked, for the definitions.
        ask: the same of the editions that this build reads.
    """

    @dg.multi_asset_check(
        name=f"lake_{source_id}_checks",
        specs=[
            dg.AssetCheckSpec(
                name=question.name,
                asset=lake_key(source_id, question.table),
                description=question.description,
                blocking=question.blocking,
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
        for question in ask(workspace):
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
