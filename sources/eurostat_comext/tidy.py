"""From published flows to the warehouse's terms: countries, minerals, US dollars beside euro."""

import polars as pl

from sources.eurostat_comext.schema import Cn8Import, ExchangeRate
from sources.reading.catalog import Source
from sources.reading.mappings import mapping
from sources.reading.open_file import Tables
from sources.reading.passport import lake_table, not_used_table
from sources.reading.refusals import refuse_rows
from sources.reading.values import with_plain_numbers
from sources.reference.labels import reference_list, with_iso3

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
    known = mapping(source, "cn8").with_columns(pl.col("first_year").cast(pl.Int32))
    labelled = flows.join(
        known.select(pl.col("cn8").alias("published_code"), *MEANING),
        on="published_code",
        how="left",
        validate="m:1",
    )
    is_unknown = pl.col("mineral_id").is_null() & pl.col("not_used_reason").is_null()
    refuse_rows(
        labelled.filter(is_unknown | (pl.col("reference_year") < pl.col("first_year"))),
        source,
        "codes that the closed table does not have",
        where="PRODUCT_NC",
        by=["published_code", "reference_year"],
        row="{published_code} in {reference_year} ({count} records, from row {first})",
        expected="a row of mappings/cn8.csv for each code and year, mapped or 'not used' with a reason",
        got="{rows} records without one",
        next_step=f"look up the code in the Combined Nomenclature of the year, then add it to sources/{source.source_id}/mappings/cn8.csv",
        each_to_be_mapped=True,
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
    refuse_rows(
        valued.filter(pl.col("usd_per_eur").is_null()),
        source,
        "years without a rate",
        where="PERIOD",
        by=["reference_year"],
        row="{reference_year} ({count} records, from row {first})",
        expected="a year of mappings/exchange_rates.csv",
        got="{rows} records",
        next_step=f"cite the rate of the year in sources/{source.source_id}/mappings/exchange_rates.csv",
    )
    return valued.with_columns(value_usd=pl.col("value_eur") * pl.col("usd_per_eur"))


def _with_places(flows: pl.DataFrame, source: Source) -> pl.DataFrame:
    """Add `reporter_iso3`, `partner_iso3` and `is_intra_eu`.

    Raises:
        SourceError: codes that scheme `eurostat_geo` lacks or that name no country, or a reporter
            that is no EU member; all of a kind at once.
    """
    members = reference_list("country_groups").filter(group_id="EU27")["member_id"].to_list()
    placed = (
        flows.pipe(with_iso3, source, "eurostat_geo", "published_reporter", "reporter_iso3")
        .pipe(with_iso3, source, "eurostat_geo", "published_partner", "partner_iso3")
        .with_columns(
            is_intra_eu=pl.col("partner_iso3").is_in(members)
            & ~pl.col("published_partner").is_in(OUTSIDE_TERRITORY)
        )
    )
    refuse_rows(
        placed.filter(~pl.col("reporter_iso3").is_in(members)),
        source,
        "reporters that are no members of the EU",
        where="DECLARANT_ISO",
        by=["published_reporter"],
        row="{published_reporter}",
        expected="one of the 27 members (reference/country_groups.csv, EU27)",
        got="{rows} records of others",
        next_step="leave totals (EU, EA) and former members out of the file",
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
            published_unit=pl.lit("EUR"),
            cn8=pl.col("published_code"),
            hs6=hs6,
            line_coverage=pl.when(lacking).then(pl.lit("part")).otherwise("line_coverage"),
        )
        .pipe(lake_table, source, Cn8Import)
    )
    return {
        "cn8_import": imports,
        "exchange_rate": exchange_rates(source),
        "not_used": not_used_table([labelled.with_columns(label="published_code")], source),
        "file_rows": published["file_rows"],
    }
