"""Tables T4 to T7 of 2026 in the warehouse's terms."""

import polars as pl

from sources.reading.catalog import Source
from sources.reading.mappings import mapping, with_mapping
from sources.reading.passport import lake_table
from sources.reading.values import with_values_parsed
from sources.reference.labels import with_country
from sources.usgs_mcs_us.lake_schema import (
    CriticalMineralT6,
    CriticalMineralT7,
    ExportControlT4,
    TradeAgreementT5,
)
from sources.usgs_mcs_us.us_labels import SHARE_DIGITS, with_place

MINERAL = ["mineral_id", "form", "mineral_match", "null_reason"]
SHARES = ["net_import_reliance", "leading_country_share"]


def _without_figures(frame: pl.DataFrame, value: pl.Expr) -> pl.DataFrame:
    """Passport of a table of words: the value is a word or date, nothing is measured."""
    return frame.with_columns(
        published_value=value,
        published_unit=pl.lit(None, pl.String),
        value_status=pl.lit("qualitative"),
    )


def export_control_t4(published: pl.DataFrame, source: Source) -> pl.DataFrame:
    """One row per commodity of each group. Shape: `ExportControlT4`.

    Raises:
        SourceError: a control, country or group of commodities that the closed tables lack.
    """
    return (
        published.pipe(
            with_mapping, source, "control_types", ["published_control"], ["control_type"]
        )
        .pipe(
            with_mapping,
            source,
            "export_control_commodities",
            ["edition", "published_country", "published_commodity"],
            ["commodity", "mineral_id", "form", "null_reason"],
            several=True,
        )
        .with_columns(reference_year="published_year", control_year="published_year")
        .pipe(with_country, source, "usgs_name", "published_country")
        .pipe(_without_figures, pl.col("published_year").cast(pl.String))
        .pipe(lake_table, source, ExportControlT4)
    )


def trade_agreement_t5(published: pl.DataFrame, source: Source) -> pl.DataFrame:
    """One row per agreement. Shape: `TradeAgreementT5`.

    Raises:
        SourceError: an agreement or country that the closed tables lack.
    """
    iso = pl.col("published_date_iso")
    return (
        published.pipe(
            with_mapping,
            source,
            "agreement_kinds",
            ["edition", "published_country", "published_agreement"],
            ["agreement_kind"],
        )
        .with_columns(
            published_commodity="published_agreement",
            file_line="file_row",
            reference_year=iso.str.slice(0, 4).cast(pl.Int32),
            signed_year=iso.str.slice(0, 4).cast(pl.Int32),
            signed_month=iso.str.slice(5, 2).cast(pl.Int32),
            # A month without a day is no date.
            signed_on=iso.str.to_date("%Y-%m-%d", strict=False),
        )
        .pipe(with_place, source, "published_country")
        .pipe(_without_figures, pl.col("published_date"))
        .pipe(lake_table, source, TradeAgreementT5)
    )


def _with_mineral(published: pl.DataFrame, source: Source, table: str) -> pl.DataFrame:
    keys = ["edition", "critical_table", "published_mineral"]
    return (
        published.with_columns(critical_table=pl.lit(table))
        .pipe(with_mapping, source, "critical_minerals", keys, MINERAL)
        .with_columns(published_commodity="published_mineral")
    )


def critical_mineral_t6(published: pl.DataFrame, source: Source) -> pl.DataFrame:
    """One row per mineral of the list. Shape: `CriticalMineralT6`.

    Raises:
        SourceError: a mineral that the closed table lacks.
    """
    return (
        _with_mineral(published, source, "t6")
        .pipe(_without_figures, pl.lit(None, pl.String))
        .pipe(lake_table, source, CriticalMineralT6)
    )


def critical_mineral_t7(published: pl.DataFrame, source: Source) -> pl.DataFrame:
    """One row per mineral and measure. Shape: `CriticalMineralT7`.

    Raises:
        SourceError: a mineral or country that the closed tables lack, or a value that can't be read.
    """
    notes = mapping(source, "t7_notes").select(
        "measure",
        "note_code",
        status_from_note="value_status",
        excluded_producers="excluded_producers",
    )
    is_share = pl.col("measure").is_in(SHARES)
    is_answer = pl.col("measure") == "primary_import_source"

    def in_unit(column: str) -> pl.Expr:
        share = (pl.col(column) / 100).round(SHARE_DIGITS)
        return pl.when(is_share).then(share).otherwise(column)

    is_open = pl.col("value_lower").is_not_null() & pl.col("value_upper").is_null()
    parsed = (
        _with_mineral(published, source, "t7")
        .join(notes, on=["measure", "note_code"], how="left", validate="m:1")
        .pipe(with_values_parsed, source, ("published_mineral", "measure", "reference_year"))
        .with_columns(
            value=in_unit("value_number"),
            value_lower=in_unit("value_lower"),
            value_upper=pl.when(is_share & is_open)
            .then(pl.lit(1.0))
            .otherwise(in_unit("value_upper")),
            value_unit=pl.when(is_share)
            .then(pl.lit("share"))
            .when(is_answer)
            .then(pl.lit("none"))
            .otherwise(pl.lit("tonnes")),
            # The file's unit is that of its quantities; shares are percent, and a country has none.
            published_unit=pl.when(is_share)
            .then(pl.lit("percent"))
            .when(~is_answer)
            .then(pl.col("published_unit")),
            value_status=pl.when(is_answer).then(pl.lit("qualitative")).otherwise("value_status"),
        )
    )
    named = with_country(
        parsed.filter(pl.col("published_country").is_not_null()),
        source,
        "usgs_name",
        "published_country",
    )
    nameless = parsed.filter(pl.col("published_country").is_null()).with_columns(
        country_iso3=pl.lit(None, pl.String)
    )
    has_figure = pl.any_horizontal(pl.col("value", "value_lower", "value_upper").is_not_null())
    return (
        pl.concat([named.select(nameless.columns), nameless])
        .with_columns(is_estimated=has_figure)
        .pipe(lake_table, source, CriticalMineralT7)
    )
