"""Closed tables from publishers' labels to ours; a label that is not in them stops the run."""

from functools import cache
from pathlib import Path

import polars as pl

from sources.reading.catalog import SOURCES_ROOT, Source
from sources.reading.vocabulary import GEOGRAPHY_KINDS


@cache
def country_aliases(scheme: str) -> pl.DataFrame:
    """Aliases of one scheme. Grain: alias and years of validity (null = open).

    A source may list its own spellings in its `mappings/countries.csv`; the scheme is then its id.
    """
    years = {"valid_from_year": pl.Int32, "valid_to_year": pl.Int32}
    listed = pl.read_csv(_alias_file(scheme), infer_schema=False)
    if "scheme" in listed.columns:
        listed = listed.filter(pl.col("scheme") == scheme)
    return listed.with_columns(pl.col(name).cast(dtype) for name, dtype in years.items())


def _alias_file(scheme: str) -> Path:
    """The source's own list of countries, if it has one; else the common one."""
    own = SOURCES_ROOT / scheme / "mappings" / "countries.csv"
    return own if own.is_file() else SOURCES_ROOT / "reference" / "country_aliases.csv"


@cache
def reference_list(name: str) -> pl.DataFrame:
    """One of our own lists, all text, empty cells null."""
    return pl.read_csv(SOURCES_ROOT / "reference" / f"{name}.csv", infer_schema=False)


@cache
def mineral_ids() -> frozenset[str]:
    """Every mineral of `minerals.csv`."""
    return frozenset(reference_list("minerals")["mineral_id"])


def with_country(frame: pl.DataFrame, source: Source, scheme: str, label: str) -> pl.DataFrame:
    """Add `geography_kind`, `geography_id`, `country_iso3` for `label` in the row's `reference_year`.

    Raises:
        SourceError: labels that the scheme lacks, or that are not valid in the year; all at once.
    """
    aliases = country_aliases(scheme).select(
        pl.col("alias").alias(label),
        "country_iso3",
        "geography_kind",
        "valid_from_year",
        "valid_to_year",
    )
    keyed = frame.with_row_index("_row")
    matched = (
        keyed.join(aliases, on=label, how="inner")
        .filter(
            pl.col("reference_year").is_between(
                pl.col("valid_from_year").fill_null(0), pl.col("valid_to_year").fill_null(9999)
            )
            & pl.col("geography_kind").is_in(GEOGRAPHY_KINDS)
        )
        .drop("valid_from_year", "valid_to_year")
    )
    unknown = keyed.join(matched, on="_row", how="anti")
    if not unknown.is_empty() or matched.height != frame.height:
        listed = f"sources/{_alias_file(scheme).relative_to(SOURCES_ROOT)}"
        raise source.error(
            problem="country labels that the closed table does not have",
            where=f"{label}, scheme {scheme!r}",
            expected=f"one row of {listed} for each label and year",
            got=f"{unknown.height} rows without one, {matched.height} of {frame.height} matched",
            next_step=f"add the spelling to {listed} (or correct its years)",
            each_to_be_mapped=True,
            offenders=[
                f"{name!r} in {year} ({rows} rows)"
                for name, year, rows in unknown.group_by(label, "reference_year")
                .len()
                .sort(label, "reference_year")
                .iter_rows()
            ],
        )
    return (
        matched.sort("_row")
        .drop("_row")
        .with_columns(
            geography_id=pl.coalesce(
                "country_iso3",
                pl.when(pl.col("geography_kind") == "group")
                .then(pl.col(label))
                .otherwise(pl.col("geography_kind").str.to_uppercase()),
            )
        )
    )


def with_iso3(
    frame: pl.DataFrame, source: Source, scheme: str, label: str, into: str
) -> pl.DataFrame:
    """Add the code of the country in `label` as `into`; see `with_country`.

    Raises:
        SourceError: labels that the scheme lacks, or that are not valid in the year; all at once.
    """
    return (
        frame.pipe(with_country, source, scheme, label)
        .rename({"country_iso3": into})
        .drop("geography_kind", "geography_id")
    )
