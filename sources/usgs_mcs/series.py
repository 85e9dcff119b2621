"""The closed table of published series: what each label of each edition means in our terms."""

import polars as pl

from sources.reading.catalog import Source
from sources.reading.mappings import mapping
from sources.reading.vocabulary import SUPPLY_STAGES
from sources.reference.labels import mineral_ids

MEANING = ["mineral_id", "stage", "form", "basis"]
# What tonnes can count; dbt/models/docs/columns.md says it to the reader.
BASES = [
    "contained",
    "gross",
    "oxide_content",
    "oxide_equivalent",
    "calcined_equivalent",
    "as_reported",
]


def read_series(source: Source) -> pl.DataFrame:
    """Rows of `mappings/world_series.csv`. Grain: edition, statistic, commodity, stage (and country, if it says).

    Raises:
        SourceError: rows that are neither mapped nor unused, are both, or use a word that we don't have.
    """
    series = mapping(source, "world_series")
    _refuse_faulty(series, source)
    return series.with_columns(
        commodity_key=pl.col("published_commodity").str.to_lowercase(),
        stage_key=pl.col("published_stage").fill_null("").str.to_lowercase(),
    )


def _fault(row: dict[str, str | None]) -> str | None:
    lacking = [name for name in MEANING if not row[name]]
    if row["not_used_reason"]:
        return None if lacking == MEANING else "is mapped and has a not_used_reason"
    if lacking:
        return f"has no not_used_reason and lacks {', '.join(lacking)}"
    if row["mineral_id"] not in mineral_ids():
        return f"mineral_id {row['mineral_id']!r} is no row of sources/reference/minerals.csv"
    if row["stage"] not in SUPPLY_STAGES:
        return f"stage {row['stage']!r} is none of {', '.join(SUPPLY_STAGES)}"
    if row["basis"] not in BASES:
        return f"basis {row['basis']!r} is none of {', '.join(BASES)}"
    return None


def _refuse_faulty(series: pl.DataFrame, source: Source) -> None:
    offenders = [
        f"row {number} ({row['edition']}, {row['statistic']}, {row['published_commodity']!r}, "
        f"{row['published_stage']!r}): {fault}"
        for number, row in enumerate(series.iter_rows(named=True), start=2)
        if (fault := _fault(row))
    ]
    if offenders:
        raise source.error(
            problem="the closed table of series has faulty rows",
            where=f"sources/{source.source_id}/mappings/world_series.csv (heading = row 1)",
            expected="mineral_id, stage, form and basis, all in words that we have, or a not_used_reason alone",
            got=f"{len(offenders)} rows that are neither",
            next_step="correct them; docs/how-to/add-a-mineral.md says what each cell means",
            offenders=offenders,
        )
