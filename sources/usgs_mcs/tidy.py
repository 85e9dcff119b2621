"""From the published figures to the warehouse's terms: minerals, stages, countries, tonnes."""

import polars as pl

from sources.reading.catalog import Source
from sources.reading.corrections import with_corrections
from sources.reading.lake_schemas import Production
from sources.reading.mappings import mapping
from sources.reading.open_file import Tables
from sources.reading.parts import with_parts_added
from sources.reading.passport import lake_table, not_used_table
from sources.reading.refusals import refuse_rows
from sources.reading.values import in_tonnes
from sources.reference.labels import with_country
from sources.usgs_mcs.layouts import ROUNDED_SUFFIX
from sources.usgs_mcs.series import MEANING, read_series

RECORD = ["edition", "source_file", "file_row"]
SERIES_KEY = ["edition", "statistic", "commodity_key", "stage_key"]
LAKE_TABLES = {"production": "production", "capacity": "capacity", "reserves": "reserve"}


def _with_series(frame: pl.DataFrame, source: Source) -> pl.DataFrame:
    """Add mineral, stage, form, basis, expected unit or `not_used_reason`; a country's own row wins.

    Raises:
        SourceError: labels that the table lacks, all at once; rows of it that are faulty.
    """
    series = read_series(source)
    meaning = [*MEANING, "not_used_reason", pl.col("published_unit").alias("expected_unit")]
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
    refuse_rows(
        general.filter(pl.col("mineral_id").is_null() & pl.col("not_used_reason").is_null()),
        source,
        "labels that the closed table of series does not have",
        where="commodity and stage of {editions}",
        by=["edition", "statistic", "published_commodity", "corrected_published_stage"],
        row="{edition}, {statistic}: {published_commodity!r}, {corrected_published_stage!r} "
        "({count} figures, from row {first})",
        expected="a row of mappings/world_series.csv for each, mapped or 'not used' with a reason",
        got="{rows} figures without one",
        next_step="add the label to sources/usgs_mcs/mappings/world_series.csv",
        each_to_be_mapped=True,
    )
    return pl.concat([own, general.select(own.columns)]).drop("commodity_key", "stage_key")


def tonnes_per_unit(source: Source) -> dict[str, float]:
    """Publishers' words for a unit of mass, or of a gas's volume, each with its factor to metric tonnes."""
    factor = pl.col("tonnes_per_unit").cast(pl.Float64)
    return dict(
        mapping(source, "units").drop_nulls("tonnes_per_unit").select("unit", factor).rows()
    )


def _in_tonnes(frame: pl.DataFrame, source: Source) -> pl.DataFrame:
    """Add quantities in tonnes.

    Raises:
        SourceError: the unit is not the one that the series is published in, or has no factor to tonnes.
    """
    factors = tonnes_per_unit(source)
    has_factor = pl.col("expected_unit").is_in(list(factors)).fill_null(value=False)
    is_expected = pl.col("corrected_published_unit").eq_missing(pl.col("expected_unit"))
    refuse_rows(
        frame.filter(~is_expected | ~has_factor),
        source,
        "units that are not the ones these series are published in",
        where="unit of {editions}",
        row="{source_row_id}, {published_commodity}: expected {expected_unit!r}, "
        "got {corrected_published_unit!r}",
        expected="the unit of mappings/world_series.csv, with a factor to tonnes in mappings/units.csv",
        got="{rows} figures in another",
        next_step=(
            "compare with the printed chapter: if the publisher changed the unit, change the mapping; "
            "if the file is wrong, write it into corrections.yml"
        ),
    )
    factor = pl.col("expected_unit").replace_strict(factors, return_dtype=pl.Float64)
    return frame.with_columns(
        quantity_tonnes=in_tonnes("corrected_value_number", factor),
        quantity_tonnes_lower=in_tonnes("value_lower", factor),
        quantity_tonnes_upper=in_tonnes("value_upper", factor),
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
    weighed = labelled.filter(pl.col("mineral_id").is_not_null()).pipe(_in_tonnes, source)
    whole, parts = with_parts_added(
        weighed, source, ["edition", "statistic", *MEANING, "reference_year"]
    )
    world = whole.pipe(with_country, source, "usgs_name", "published_country")
    tables = {
        table: lake_table(world.filter(pl.col("statistic") == statistic), source, Production)
        for statistic, table in LAKE_TABLES.items()
    }
    return {
        **tables,
        "not_used": not_used_table(
            [
                _unused(labelled),
                parts.unique(RECORD).with_columns(label="published_commodity"),
                published["row_account"],
            ],
            source,
        ),
        "file_rows": published["file_rows"],
    }


def _unused(labelled: pl.DataFrame) -> pl.DataFrame:
    """Records of which no figure is used, one row each: most layouts have several figures a record."""
    used = labelled.filter(pl.col("mineral_id").is_not_null()).select(RECORD).unique()
    return (
        labelled.join(used, on=RECORD, how="anti")
        .unique(RECORD, keep="first", maintain_order=True)
        .with_columns(label="published_commodity")
    )
