"""From published cells to the warehouse's terms: countries, years, estimates."""

import polars as pl

from sources.reading.catalog import SOURCES_ROOT, Source
from sources.reading.errors import SourceError
from sources.reading.passport import lake_table, not_used_table
from sources.reading.read_editions import Tables
from sources.reading.values import with_plain_numbers
from sources.reference.labels import country_aliases
from sources.world_bank_wgi.schema import Governance

NUMBER = r"^-?[0-9]+\.[0-9]+$"
# The columns 2023 and 2024 carry seven decimals, the others the digits of a 32-bit float: they come
# from a later vintage, whose method was revised. README.md has the figures.
LATER_VINTAGE_FROM = 2023
RECORD_KEY = ["edition", "file_row", "published_country", "published_code"]


def _with_listed_records(cells: pl.DataFrame, source: Source) -> pl.DataFrame:
    """Set `not_used_reason` for the rows of `mappings/not_used_records.csv`.

    Raises:
        SourceError: a listed row is no longer where the list says.
    """
    listed = pl.read_csv(
        source.folder / "mappings" / "not_used_records.csv", infer_schema=False
    ).with_columns(pl.col("file_row").cast(pl.UInt32))
    gone = listed.join(cells, on=RECORD_KEY, how="anti")
    if not gone.is_empty():
        raise SourceError(
            source=source.source_id,
            problem="records listed as not used are no longer there",
            where=f"sources/{source.source_id}/mappings/not_used_records.csv",
            expected="the name and code of the list in that row of the file",
            got=f"{gone.height} of {listed.height} not found",
            next_step="the publisher may have mended it: look at the file, then remove or adapt the row",
            offenders=[
                f"row {row['file_row']}: {row['published_country']} ({row['published_code']})"
                for row in gone.iter_rows(named=True)
            ],
        )
    return cells.join(listed, on=RECORD_KEY, how="left", validate="m:1")


def _with_country(cells: pl.DataFrame, source: Source) -> pl.DataFrame:
    """Add `country_iso3`; cells after a country's end get a reason.

    Raises:
        SourceError: codes that are neither ISO alpha-3 nor aliases, all at once.
    """
    aliases = country_aliases("wgi_code").select(
        published_code="alias", alias_iso3="country_iso3", alias_kind="geography_kind"
    )
    countries = pl.read_csv(
        SOURCES_ROOT / "reference" / "countries.csv", infer_schema=False
    ).select(
        published_code="country_iso3",
        known="country_iso3",
        ends=pl.col("valid_to_year").cast(pl.Int32),
    )
    named = cells.join(aliases, on="published_code", how="left", validate="m:1").join(
        countries, on="published_code", how="left", validate="m:1"
    )
    named = named.with_columns(country_iso3=pl.coalesce("alias_iso3", "known"))
    unknown = named.filter(pl.col("country_iso3").is_null() & pl.col("not_used_reason").is_null())
    if not unknown.is_empty():
        raise SourceError(
            source=source.source_id,
            problem="country codes that the closed table does not have",
            where="column Code",
            expected="an ISO 3166 alpha-3 code, or an alias of scheme 'wgi_code' that is a country",
            got=f"{unknown['published_code'].n_unique()} codes without one",
            next_step="add it to sources/reference/country_aliases.csv, or list the row as not used",
            each_to_be_mapped=True,
            offenders=[
                f"{code!r}: {name}, row {row}"
                for code, name, row in unknown.select(
                    "published_code", "published_country", "file_row"
                )
                .unique()
                .sort("file_row")
                .iter_rows()
            ],
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
    twice = (
        rows.agg(rows=pl.col("file_row").unique().sort())
        .filter(pl.col("rows").list.len() > 1)
        .sort("country_iso3")
    )
    if not twice.is_empty():
        raise SourceError(
            source=source.source_id,
            problem="two rows of one country",
            where="column Code",
            expected="one row for each country",
            got=f"{twice.height} countries with more",
            next_step=f"find out which row it is; list the other in sources/{source.source_id}/mappings/not_used_records.csv",
            offenders=[
                f"{row['country_iso3']}: rows {', '.join(map(str, row['rows']))}"
                for row in twice.iter_rows(named=True)
            ],
        )


def tidy(published: Tables, source: Source) -> Tables:
    """Lake tables from published tables.

    Every cell is either in `governance` or counted in `not_used` with its reason.

    Raises:
        SourceError: unknown codes, two rows of one country, unreadable cells; all of a kind at once.
    """
    files = published["file_rows"].select("edition", "source_file")
    cells = (
        published["governance_cell"]
        .join(files, on="edition", how="left", validate="m:1")
        .pipe(_with_listed_records, source)
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
    later = pl.col("reference_year") >= LATER_VINTAGE_FROM
    governance = (
        cells.filter(pl.col("not_used_reason").is_null())
        .with_columns(
            source_row_id=pl.format(
                "{}:{}:{}:{}", "edition", "source_file", "file_row", "file_column"
            ),
            published_unit=pl.lit("standard score"),
            indicator=pl.lit("political_stability"),
            # Every figure is the outcome of a statistical model.
            is_estimated=pl.lit(value=True),
            derivation=pl.lit("as_published"),
            series_part=pl.when(later).then(pl.lit("2023-2024")).otherwise(pl.lit("1996-2022")),
        )
        .pipe(lake_table, source, Governance)
    )
    return {
        "governance": governance,
        "not_used": not_used_table([cells.with_columns(label="published_country")], source),
        "file_rows": published["file_rows"],
    }
