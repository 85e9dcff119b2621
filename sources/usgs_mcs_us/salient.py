"""US salient statistics in the warehouse's terms: net import reliance, unit values, secondary supply and stocks."""

import polars as pl

from sources.reading.catalog import Source
from sources.reading.corrections import with_corrections
from sources.reading.mappings import mapping, refuse_unknown
from sources.reading.passport import lake_table
from sources.reading.values import in_tonnes, with_values_parsed
from sources.usgs_mcs_us.lake_schema import NetImportReliance, UnitValue, UsSupply
from sources.usgs_mcs_us.us_labels import as_shares

LABELS = ("published_commodity", "published_measure", "reference_year")
PARSED = ("value_number", "value_lower", "value_upper")
MEASURE_KEY = [
    "edition",
    "source_file",
    "published_commodity",
    "file_column",
    "published_statistic",
    "published_measure",
    "published_unit",
]
MEANING = [
    "lake_table",
    "mineral_id",
    "form",
    "price_unit",
    "price_basis",
    "consumption_basis",
    "statistic",
    "scrap_kind",
    "holder",
    "quantity_unit",
    "heading_is_wrong",
    "not_used_reason",
]
# What the long file counts as production, shipments or sales and is a second source: never unlisted.
SECOND_SOURCE = r"(?i)second|scrap|recycl|stockpile"
# What moves into a stockpile is a shipment from it below zero; the publisher prints either minus.
MINUS = r"^[−-]"
# Why a price has no value in dollars a tonne, by its status.
NULL_REASONS = {
    "bounded": "a range is published, no number",
    "below_unit": "less than half a unit is published",
    "withheld": "withheld to avoid disclosing company data",
    "not_available": "not available to the publisher",
    "not_applicable": "not applicable",
    "qualitative": "words are published, no number",
}


def with_measure(figures: pl.DataFrame, source: Source) -> pl.DataFrame:
    """Add what each figure means, or `not_used_reason`.

    `mappings/salient_measures.csv` (reliance, prices) and `mappings/supply_measures.csv` (consumption, secondary
    production, stocks) decide line by line; measures that we take of no commodity are in
    `mappings/measures_not_used.csv`, by column name (wide files) or statistic (long file).

    Raises:
        SourceError: measures that neither table has (a renamed or moved column), all at once.
    """
    measures = pl.concat(
        [
            mapping(source, "salient_measures"),
            mapping(source, "supply_measures").with_columns(
                lake_table=pl.when(pl.col("not_used_reason").is_null()).then(pl.lit("us_supply"))
            ),
        ],
        how="diagonal",
    ).with_columns(pl.col("file_column").cast(pl.UInt16), is_listed=pl.lit(value=True))
    unused = mapping(source, "measures_not_used").select(
        found_in="found_in",
        name="name",
        unused_reason=pl.format("measure not used: {}", "measure"),
    )
    is_long = pl.col("published_statistic").is_not_null()
    joined = (
        figures.join(
            measures.select(*MEASURE_KEY, *MEANING, "is_listed"),
            on=MEASURE_KEY,
            how="left",
            nulls_equal=True,
            validate="m:1",
        )
        .with_columns(
            found_in=pl.when(is_long).then(pl.lit("statistic")).otherwise(pl.lit("column")),
            name=pl.coalesce("published_statistic", "published_measure"),
        )
        .join(unused, on=["found_in", "name"], how="left", validate="m:1")
    )
    is_second = (
        is_long
        & pl.col("published_statistic").is_in(["Production", "Shipment"])
        & pl.col("published_measure").str.contains(SECOND_SOURCE)
    )
    is_unlisted = pl.col("is_listed").is_null()
    unknown = joined.filter(is_unlisted & (pl.col("unused_reason").is_null() | is_second))
    refuse_unknown(source, unknown, MEASURE_KEY[2:], "salient_measures.csv or supply_measures")
    return joined.with_columns(
        not_used_reason=pl.when(is_unlisted).then("unused_reason").otherwise("not_used_reason"),
        is_corrected=(pl.col("heading_is_wrong") == "yes").fill_null(value=False),
    ).drop("is_listed", "unused_reason", "found_in", "name")


def _parsed(figures: pl.DataFrame, source: Source, table: str) -> pl.DataFrame:
    has_figure = pl.any_horizontal(pl.col(*PARSED).is_not_null())
    return (
        figures.filter(lake_table=table)
        .pipe(with_values_parsed, source, LABELS)
        # "Estimated" says how a figure was made: where there is none, it says nothing.
        .with_columns(is_estimated=pl.col("is_estimated") & has_figure)
    )


def net_import_reliance(figures: pl.DataFrame, source: Source) -> pl.DataFrame:
    """Figures mapped to net import reliance. Shape: `NetImportReliance`.

    Raises:
        SourceError: values that are no number and no known token.
    """
    return (
        _parsed(figures, source, "net_import_reliance")
        .pipe(as_shares, "net_import_reliance_share")
        .pipe(lake_table, source, NetImportReliance)
    )


def unit_value(figures: pl.DataFrame, source: Source) -> pl.DataFrame:
    """Figures mapped to prices. Shape: `UnitValue`.

    Raises:
        SourceError: values that are no number and no known token.
    """
    units = mapping(source, "price_units").select(
        "price_unit", factor=pl.col("usd_per_tonne_factor").cast(pl.Float64)
    )
    return (
        _parsed(figures, source, "unit_value")
        .join(units, on="price_unit", how="left", validate="m:1")
        .with_columns(
            price_label="form",
            currency=pl.lit("USD"),
            price_value="value_number",
            price_value_lower="value_lower",
            price_value_upper="value_upper",
            value_usd_per_tonne=pl.col("value_number") * pl.col("factor"),
            value_usd_per_tonne_lower=pl.col("value_lower") * pl.col("factor"),
            value_usd_per_tonne_upper=pl.col("value_upper") * pl.col("factor"),
        )
        .with_columns(
            null_reason=pl.when(pl.col("value_usd_per_tonne").is_null()).then(
                pl.when(pl.col("price_value").is_not_null())
                .then(pl.format("the unit {} is no price of a mass", "price_unit"))
                .otherwise(
                    pl.col("value_status").replace_strict(
                        NULL_REASONS, default="no number is published"
                    )
                )
            )
        )
        .pipe(lake_table, source, UnitValue)
    )


def us_supply(figures: pl.DataFrame, source: Source) -> pl.DataFrame:
    """Figures mapped to consumption, secondary production, stocks or shipments, in tonnes. Shape: `UsSupply`.

    Raises:
        SourceError: values that are no number and no known token, or a correction that no longer fits.
    """
    units = mapping(source, "quantity_units").select(
        "quantity_unit", factor=pl.col("tonnes_per_unit").cast(pl.Float64)
    )
    corrected = with_corrections(
        figures.filter(lake_table="us_supply").drop("is_corrected"), source, "published_value"
    )
    text = pl.col("corrected_published_value")
    is_negative = (
        (pl.col("statistic") == "government_shipments") & text.str.contains(MINUS)
    ).fill_null(value=False)
    return (
        corrected.with_columns(
            printed="published_value",
            published_value=pl.when(is_negative).then(text.str.replace(MINUS, "")).otherwise(text),
            sign=pl.when(is_negative).then(-1.0).otherwise(1.0),
            is_corrected=pl.col("is_corrected")
            | (pl.col("heading_is_wrong") == "yes").fill_null(value=False),
        )
        .pipe(_parsed, source, "us_supply")
        .join(units, on="quantity_unit", how="left", validate="m:1")
        .with_columns(
            published_value="printed",
            quantity_tonnes=in_tonnes("value_number", pl.col("factor")) * pl.col("sign"),
            quantity_tonnes_lower=in_tonnes("value_lower", pl.col("factor")),
            quantity_tonnes_upper=in_tonnes("value_upper", pl.col("factor")),
            scrap_kind=pl.col("scrap_kind").fill_null("none"),
            holder=pl.col("holder").fill_null("none"),
        )
        .pipe(lake_table, source, UsSupply)
    )
