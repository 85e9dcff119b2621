"""From the published figures to the warehouse's terms: minerals, stages, countries, tonnes."""

import polars as pl

from sources.reading.catalog import Source
from sources.reading.corrections import with_corrections
from sources.reading.errors import SourceError
from sources.reading.lake_schemas import Production
from sources.reading.passport import lake_table, not_used_table
from sources.reading.read_editions import Tables
from sources.reference.labels import with_country
from sources.usgs_mcs.layouts import ROUNDED_SUFFIX
from sources.usgs_mcs.series import read_series
from sources.usgs_mcs.units import TONNES_PER_UNIT

SERIES_KEY = ["edition", "statistic", "commodity_key", "stage_key"]
LAKE_TABLES = {"production": "production", "capacity": "capacity", "reserves": "reserve"}


def _with_series(frame: pl.DataFrame, source: Source) -> pl.DataFrame:
    """Add mineral, stage, form, basis, expected unit or `not_used_reason`; a country's own row wins.

    Raises:
        SourceError: labels that the table lacks, all at once; rows of it that are faulty.
    """
    series = read_series(source)
    meaning = [
        "mineral_id",
        "stage",
        "form",
        "basis",
        "not_used_reason",
        pl.col("published_unit").alias("expected_unit"),
    ]
    keyed = frame.with_columns(
        commodity_key=pl.col("published_commodity").str.to_lowercase(),
        stage_key=pl.col("corrected_published_stage")
        .str.replace(ROUNDED_SUFFIX, "")
        .str.to_lowercase(),
    )
    special = series.filter(pl.col("published_country").is_not_null())
    own_key = [*SERIES_KEY, "published_country"]
    own = keyed.join(special.select(*own_key, *meaning), on=own_key, how="inner", validate="m:1")
    general = keyed.join(own, on="source_row_id", how="anti").join(
        series.filter(pl.col("published_country").is_null()).select(*SERIES_KEY, *meaning),
        on=SERIES_KEY,
        how="left",
        validate="m:1",
    )
    unknown = general.filter(pl.col("mineral_id").is_null() & pl.col("not_used_reason").is_null())
    if not unknown.is_empty():
        raise SourceError(
            source=source.source_id,
            problem="labels that the closed table of series does not have",
            where=f"commodity and stage of {', '.join(unknown['edition'].unique().sort())}",
            expected="a row of mappings/world_series.csv for each, mapped or 'not used' with a reason",
            got=f"{unknown.height} figures without one",
            next_step="add the label to sources/usgs_mcs/mappings/world_series.csv",
            each_to_be_mapped=True,
            offenders=[
                f"{row['edition']}, {row['statistic']}: {row['published_commodity']!r}, "
                f"{row['corrected_published_stage']!r} "
                f"({row['count']} figures, from row {row['first']})"
                for row in unknown.group_by(
                    "edition", "statistic", "published_commodity", "corrected_published_stage"
                )
                .agg(count=pl.len(), first=pl.col("file_row").min())
                .sort("edition", "first", "statistic", "corrected_published_stage")
                .iter_rows(named=True)
            ],
        )
    return pl.concat([own, general.select(own.columns)]).drop("commodity_key", "stage_key")


def _in_tonnes(frame: pl.DataFrame, source: Source) -> pl.DataFrame:
    """Add quantities in tonnes.

    Raises:
        SourceError: the unit is not the one that the series is published in, or is no mass.
    """
    factors = {unit: factor for unit, factor in TONNES_PER_UNIT.items() if factor is not None}
    is_mass = pl.col("expected_unit").is_in(list(factors)).fill_null(value=False)
    wrong = frame.filter(
        ~pl.col("corrected_published_unit").eq_missing(pl.col("expected_unit")) | ~is_mass
    )
    if not wrong.is_empty():
        raise SourceError(
            source=source.source_id,
            problem="units that are not the ones these series are published in",
            where=f"unit of {', '.join(wrong['edition'].unique().sort())}",
            expected="the unit of mappings/world_series.csv, and a mass",
            got=f"{wrong.height} figures in another",
            next_step=(
                "compare with the printed chapter: if the publisher changed the unit, change the mapping; "
                "if the file is wrong, write it into corrections.yml"
            ),
            offenders=[
                f"{row['source_row_id']}, {row['published_commodity']}: expected "
                f"{row['expected_unit']!r}, got {row['corrected_published_unit']!r}"
                for row in wrong.iter_rows(named=True)
            ],
        )
    factor = pl.col("expected_unit").replace_strict(factors, return_dtype=pl.Float64)
    return frame.with_columns(
        quantity_tonnes=pl.col("corrected_value_number") * factor,
        quantity_tonnes_lower=pl.col("value_lower") * factor,
        quantity_tonnes_upper=pl.col("value_upper") * factor,
    )


def tidy(published: Tables, source: Source) -> Tables:
    """Lake tables from published tables.

    Every figure is either in `production`, `capacity` or `reserve`, or counted in `not_used` with its
    reason.

    Raises:
        SourceError: unknown labels, countries or units; all of a kind at once.
    """
    figures = (
        published["world_figure"]
        .pipe(with_corrections, source, "published_stage")
        .pipe(with_corrections, source, "published_unit")
        .pipe(with_corrections, source, "value_number")
    )
    labelled = _with_series(figures, source)
    used = (
        labelled.filter(pl.col("mineral_id").is_not_null())
        .pipe(_in_tonnes, source)
        .pipe(with_country, source, "usgs_name", "published_country")
    )
    world = used.with_columns(
        derivation=pl.when("is_corrected")
        .then(pl.lit("corrected"))
        .otherwise(pl.lit("as_published")),
    )
    tables = {
        table: lake_table(world.filter(pl.col("statistic") == statistic), source, Production)
        for statistic, table in LAKE_TABLES.items()
    }
    return {
        **tables,
        "not_used": not_used_table([_unused(labelled), published["row_account"]], source),
        "file_rows": published["file_rows"],
    }


def _unused(labelled: pl.DataFrame) -> pl.DataFrame:
    """Records of which no figure is used, one row each: most layouts have several figures a record."""
    record = ["edition", "source_file", "file_row"]
    used = labelled.filter(pl.col("mineral_id").is_not_null()).select(record).unique()
    return (
        labelled.join(used, on=record, how="anti")
        .unique(record, keep="first", maintain_order=True)
        .with_columns(label="published_commodity")
    )
