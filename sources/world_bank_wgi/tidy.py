"""From published cells to the warehouse's terms: countries, years, estimates."""

import polars as pl

from sources.reading.catalog import Source
from sources.reading.mappings import with_listed_records
from sources.reading.open_file import Tables
from sources.reading.passport import lake_table, not_used_table
from sources.reading.refusals import refuse_rows
from sources.reading.values import with_plain_numbers
from sources.reference.labels import country_aliases, reference_list
from sources.world_bank_wgi.schema import Governance

NUMBER = r"^-?[0-9]+\.[0-9]+$"
# The columns 2023 and 2024 of the edition of 2025 carry seven decimals, the others the digits of a 32-bit float: they
# come from a later vintage, whose method was revised. README.md has the figures.
LATER_DECIMALS = 7
RECORD_KEY = ["edition", "source_file", "file_row", "published_country", "published_code"]


def _with_country(cells: pl.DataFrame, source: Source) -> pl.DataFrame:
    """Add `country_iso3`; cells after a country's end get a reason.

    Raises:
        SourceError: codes that are neither ISO alpha-3 nor aliases, all at once.
    """
    aliases = country_aliases("wgi_code").select(
        published_code="alias", alias_iso3="country_iso3", alias_kind="geography_kind"
    )
    countries = reference_list("countries").select(
        published_code="country_iso3",
        known="country_iso3",
        ends=pl.col("valid_to_year").cast(pl.Int32),
    )
    named = cells.join(aliases, on="published_code", how="left", validate="m:1").join(
        countries, on="published_code", how="left", validate="m:1"
    )
    named = named.with_columns(country_iso3=pl.coalesce("alias_iso3", "known"))
    refuse_rows(
        named.filter(pl.col("country_iso3").is_null() & pl.col("not_used_reason").is_null()),
        source,
        "country codes that the closed table does not have",
        where="column Code",
        by=["published_code", "published_country"],
        row="{published_code!r}: {published_country}, row {first}",
        expected="an ISO 3166 alpha-3 code, or an alias of scheme 'wgi_code' that is a country",
        got="{labels} codes without one",
        next_step=f"add it to sources/reference/country_aliases.csv, or list the row in sources/{source.source_id}/mappings/not_used_records.csv",
        each_to_be_mapped=True,
    )
    over = pl.col("reference_year") > pl.col("ends")
    return named.with_columns(
        not_used_reason=pl.when(pl.col("not_used_reason").is_null() & over.fill_null(False))
        .then(pl.format("after the end of the country in {} (ISO 3166-3)", "ends"))
        .otherwise("not_used_reason")
    )


def _refuse_repeated(cells: pl.DataFrame, source: Source) -> None:
    """Stop where two rows claim one country.

    Raises:
        SourceError: a code stands in two rows, and no list says which of them is the country.
    """
    rows = cells.filter(pl.col("not_used_reason").is_null()).group_by("edition", "country_iso3")
    refuse_rows(
        rows.agg(
            several=pl.col("file_row").n_unique() > 1,
            file_rows=pl.col("file_row").unique().sort().cast(pl.String).str.join(", "),
        )
        .filter("several")
        .sort("country_iso3"),
        source,
        "two rows of one country",
        where="column Code",
        row="{country_iso3}: rows {file_rows}",
        expected="one row for each country",
        got="{rows} countries with more",
        next_step=f"find out which row it is; list the other in sources/{source.source_id}/mappings/not_used_records.csv",
    )


def _with_series_part(cells: pl.DataFrame, source: Source) -> pl.DataFrame:
    """Add `series_part`: the years of one vintage, known by how many decimals most cells of a column have.

    Raises:
        SourceError: the vintages alternate: a column stands in another's place.
    """
    decimals = pl.col("published_value").str.extract(r"\.([0-9]+)$").str.len_chars().median()
    key = ["edition", "reference_year"]
    years = (
        cells.group_by(key)
        .agg(decimals=decimals, file_column=pl.col("file_column").first())
        .sort(key)
        # A year without any figure goes as the one before.
        .with_columns(pl.col("decimals").forward_fill().over("edition"))
        .with_columns(is_later=(pl.col("decimals") <= LATER_DECIMALS).fill_null(False))
    )
    refuse_rows(
        years.filter(
            ~pl.col("is_later") & pl.col("is_later").shift(1).over("edition").fill_null(False)
        ),
        source,
        "columns of two vintages alternate",
        where="columns of years",
        row="{reference_year}, column {file_column}: {decimals} decimals after a year with at most "
        f"{LATER_DECIMALS}",
        expected="the digits of one vintage up to a year, those of the later from then on",
        got="{rows} columns of the earlier after the later",
        next_step="compare the columns with the publisher's own page: are two swapped? README.md has the click-path",
    )
    first, last = (
        getattr(pl.col("reference_year"), name)().over("edition", "is_later")
        for name in ("min", "max")
    )
    parts = years.select(*key, series_part=pl.format("{}-{}", first, last))
    return cells.join(parts, on=key, how="left", validate="m:1")


def tidy(published: Tables, source: Source) -> Tables:
    """Lake tables from published tables.

    Every cell is either in `governance` or counted in `not_used` with its reason.

    Raises:
        SourceError: unknown codes, two rows of one country, unreadable cells, columns swapped; all of a kind at once.
    """
    files = published["file_rows"].select("edition", "source_file")
    cells = (
        published["governance_cell"]
        .join(files, on="edition", how="left", validate="m:1")
        .pipe(with_listed_records, source, RECORD_KEY)
        .pipe(_with_country, source)
        .pipe(
            with_plain_numbers,
            source,
            number=NUMBER,
            is_positive=False,
            where="columns of years",
            expected="a decimal number",
            labels=["published_country", "reference_year"],
        )
        .rename({"value_number": "estimate"})
    )
    _refuse_repeated(cells, source)
    governance = (
        _with_series_part(cells, source)
        .filter(pl.col("not_used_reason").is_null())
        .with_columns(
            published_unit=pl.lit("standard score"),
            indicator=pl.lit("political_stability"),
            # Every figure is the outcome of a statistical model.
            is_estimated=pl.lit(value=True),
        )
        .pipe(lake_table, source, Governance)
    )
    return {
        "governance": governance,
        "not_used": not_used_table([cells.with_columns(label="published_country")], source),
        "file_rows": published["file_rows"],
    }
