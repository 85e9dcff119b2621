"""From published flows to the warehouse's terms: countries, minerals, US dollars beside euro."""

import polars as pl

from sources.eurostat_comext.schema import (
    Cn8Import,
    ExchangeRate,
)
from sources.reading.catalog import SOURCES_ROOT, Source
from sources.reading.errors import SourceError
from sources.reading.passport import lake_table, not_used_table
from sources.reading.read_editions import Tables
from sources.reading.values import with_plain_numbers
from sources.reference.labels import with_country

# A point is a decimal point: decimals stand only where a member's own currency was converted.
NUMBER = r"^[0-9]+(?:\.[0-9]{1,3})?$"
# Ceuta and Melilla are Spanish, and outside the statistical territory of the EU.
OUTSIDE_TERRITORY = ["XC", "XL"]
# Six-digit lines of which the extract lacks codes in a year: their old codes ended with 2022.
LACKING = {("280530", 2022), ("284690", 2022)}
MEANING = ["mineral_id", "stage", "form", "not_used_reason", "first_year", "line_coverage"]


def exchange_rates(source: Source) -> pl.DataFrame:
    """The cited list of yearly rates. Shape: `ExchangeRate`."""
    return pl.read_csv(
        source.folder / "mappings" / "exchange_rates.csv",
        schema=ExchangeRate.create_empty().schema,
    )


def _with_mineral(flows: pl.DataFrame, source: Source) -> pl.DataFrame:
    """Add the meaning of each code from `mappings/cn8.csv`: mapped, or not used with a reason.

    Raises:
        SourceError: codes that the table lacks, or that are older than the table says; all at once.
    """
    table = pl.read_csv(source.folder / "mappings" / "cn8.csv", infer_schema=False).with_columns(
        pl.col("first_year").cast(pl.Int32)
    )
    labelled = flows.join(
        table.select(pl.col("cn8").alias("published_code"), *MEANING),
        on="published_code",
        how="left",
        validate="m:1",
    )
    unknown = labelled.filter(
        (pl.col("mineral_id").is_null() & pl.col("not_used_reason").is_null())
        | (pl.col("reference_year") < pl.col("first_year"))
    )
    if not unknown.is_empty():
        raise SourceError(
            source=source.source_id,
            problem="codes that the closed table does not have",
            where="PRODUCT_NC",
            expected="a row of mappings/cn8.csv for each code and year, mapped or 'not used' with a reason",
            got=f"{unknown.height} records without one",
            next_step=f"look up the code in the Combined Nomenclature of the year, then add it to sources/{source.source_id}/mappings/cn8.csv",
            each_to_be_mapped=True,
            offenders=[
                f"{row['published_code']} in {row['reference_year']} ({row['count']} records, from row {row['first']})"
                for row in unknown.group_by("published_code", "reference_year")
                .agg(count=pl.len(), first=pl.col("file_row").min())
                .sort("published_code", "reference_year")
                .iter_rows(named=True)
            ],
        )
    return labelled


def _with_values(flows: pl.DataFrame, source: Source) -> pl.DataFrame:
    """Add `value_status`, `value_eur`, `usd_per_eur` and `value_usd`.

    Raises:
        SourceError: cells that are neither a number nor a known token, or a year without a rate.
    """
    valued = (
        flows.pipe(
            with_plain_numbers,
            source,
            number=NUMBER,
            is_positive=True,
            where="VALUE_IN_EUROS",
            expected="euro with at most three decimals",
            labels=["published_reporter", "published_partner", "published_code", "reference_year"],
        )
        .rename({"value_number": "value_eur"})
        .join(
            exchange_rates(source).select("reference_year", "usd_per_eur"),
            on="reference_year",
            how="left",
            validate="m:1",
        )
    )
    missing = valued.filter(pl.col("usd_per_eur").is_null())
    if not missing.is_empty():
        raise SourceError(
            source=source.source_id,
            problem="years without a rate",
            where="PERIOD",
            expected="a year of mappings/exchange_rates.csv",
            got=f"{missing.height} records",
            next_step=f"cite the rate of the year in sources/{source.source_id}/mappings/exchange_rates.csv",
            offenders=[
                f"{year} ({count} records, from row {first})"
                for year, count, first in missing.group_by("reference_year")
                .agg(count=pl.len(), first=pl.col("file_row").min())
                .sort("reference_year")
                .iter_rows()
            ],
        )
    return valued.with_columns(value_usd=pl.col("value_eur") * pl.col("usd_per_eur"))


def _with_places(flows: pl.DataFrame, source: Source) -> pl.DataFrame:
    """Add `reporter_iso3`, `partner_iso3` and `is_intra_eu`.

    Raises:
        SourceError: codes that scheme `eurostat_geo` lacks or that name no country, or a reporter
            that is no EU member; all of a kind at once.
    """
    groups = pl.read_csv(SOURCES_ROOT / "reference" / "country_groups.csv", infer_schema=False)
    members = groups.filter(pl.col("group_id") == "EU27")["member_id"].to_list()
    added = ["geography_kind", "geography_id", "country_iso3"]
    placed = (
        flows.pipe(with_country, source, "eurostat_geo", "published_reporter")
        .with_columns(reporter_iso3="country_iso3")
        .drop(added)
        .pipe(with_country, source, "eurostat_geo", "published_partner")
        .with_columns(partner_iso3="country_iso3")
        .drop(added)
        .with_columns(
            is_intra_eu=pl.col("partner_iso3").is_in(members)
            & ~pl.col("published_partner").is_in(OUTSIDE_TERRITORY)
        )
    )
    strangers = placed.filter(~pl.col("reporter_iso3").is_in(members))["published_reporter"]
    if not strangers.is_empty():
        raise SourceError(
            source=source.source_id,
            problem="reporters that are no members of the EU",
            where="DECLARANT_ISO",
            expected="one of the 27 members (reference/country_groups.csv, EU27)",
            got=f"{strangers.len()} records of others",
            next_step="leave totals (EU, EA) and former members out of the file",
            offenders=strangers.unique().sort().to_list(),
        )
    return placed


def tidy(published: Tables, source: Source) -> Tables:
    """Lake tables from published tables.

    Every record is either in `cn8_import` or counted in `not_used` with its reason.

    Raises:
        SourceError: unknown codes, countries or values, a year without an exchange rate; all of a
            kind at once.
    """
    files = published["file_rows"].select("edition", "source_file")
    labelled = (
        published["cn8_flow"]
        .join(files, on="edition", how="left", validate="m:1")
        .pipe(_with_mineral, source)
        .pipe(_with_places, source)
        .pipe(_with_values, source)
    )
    hs6 = pl.col("published_code").str.slice(0, 6)
    lacking = pl.any_horizontal(
        (hs6 == line) & (pl.col("reference_year") == year) for line, year in sorted(LACKING)
    )
    imports = (
        labelled.filter(pl.col("not_used_reason").is_null())
        .with_columns(
            source_row_id=pl.format("{}:{}:{}", "edition", "source_file", "file_row"),
            published_unit=pl.lit("EUR"),
            cn8=pl.col("published_code"),
            hs6=hs6,
            line_coverage=pl.when(lacking).then(pl.lit("part")).otherwise("line_coverage"),
            is_estimated=pl.lit(value=False),
            derivation=pl.lit("as_published"),
        )
        .pipe(lake_table, source, Cn8Import)
    )
    return {
        "cn8_import": imports,
        "exchange_rate": exchange_rates(source),
        "not_used": not_used_table([labelled.with_columns(label="published_code")], source),
        "file_rows": published["file_rows"],
    }
