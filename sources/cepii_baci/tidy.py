"""From BACI's rows to the warehouse's terms: countries by code and year, tonnes, what each series lacks."""

import polars as pl

from sources.cepii_baci.schema import LakeSeriesGap, Trade
from sources.reading.catalog import Source
from sources.reading.open_file import Tables
from sources.reading.passport import in_schema
from sources.reading.refusals import refuse_rows
from sources.reference.labels import with_country

SERIES_IDS = ("hs02_top6", "hs07_asean", "hs17_2024", "hs17_top6", "hs92")
# One immutable file for each release and HS revision.
TRADE = {f"trade_{series_id}": series_id for series_id in SERIES_IDS}
CODES = 1_000


def _iso3_of_codes(trade: pl.DataFrame, source: Source) -> pl.Series:
    """ISO 3166 alpha-3 by BACI's code as the position; null where no row has the code.

    Asked once for each code and year that occurs, not for each row.

    Raises:
        SourceError: codes that scheme `m49` lacks, or that are not valid in a year; all at once.
    """
    asked = (
        pl.concat(
            trade.select(code_in_year=pl.col("reference_year") * CODES + pl.col(code)).unique()
            for code in ("exporter_code", "importer_code")
        )
        .unique()
        .sort("code_in_year")
        .select(
            country_code=(pl.col("code_in_year") % CODES).cast(pl.String),
            reference_year=pl.col("code_in_year") // CODES,
        )
    )
    named = (
        with_country(asked, source, "m49", "country_code")
        .select(pl.col("country_code").cast(pl.Int32), "country_iso3")
        .unique()
    )
    is_odd = pl.col("country_iso3").is_null() | pl.col("country_code").is_duplicated()
    refuse_rows(
        named.filter(is_odd).sort("country_code"),
        source,
        "codes that name no country, or more than one",
        where="scheme 'm49'",
        row="{country_code}: {country_iso3}",
        expected="one country for each code of BACI, whatever the year",
        got="{rows} codes otherwise",
        next_step="correct sources/reference/country_aliases.csv, or join by code and year in tidy.py",
        each_to_be_mapped=True,
    )
    places = pl.DataFrame({"country_code": pl.int_range(CODES, dtype=pl.Int32, eager=True)})
    return places.join(named, on="country_code", how="left", maintain_order="left")["country_iso3"]


def _trade(published: Tables, source: Source) -> pl.DataFrame:
    """Every flow in the lake's terms. Shape: `Trade`."""
    about = published["series"].select(
        "edition", "series_id", "hs_revision", "is_truncated_release"
    )
    flows = pl.concat(published[table] for table in sorted(TRADE))
    iso3 = _iso3_of_codes(flows, source)
    kilograms = pl.col("quantity_kg")
    return (
        flows.join(about, on=["edition", "series_id"], how="left", maintain_order="left")
        .with_columns(
            source_id=pl.lit(source.source_id),
            exporter_iso3=iso3.gather(flows["exporter_code"]),
            importer_iso3=iso3.gather(flows["importer_code"]),
            quantity_status=pl.when(kilograms.is_null())
            .then(pl.lit("not_available"))
            .when(kilograms == 0)
            .then(pl.lit("below_unit"))
            .otherwise(pl.lit("numeric")),
            quantity_tonnes_gross=tonnes(flows["quantity_kg"]),
        )
        .select(Trade.column_names())
        .sort(Trade.lake_order)
    )


def tonnes(kilograms: pl.Series) -> pl.Series:
    """Tonnes of kilograms, the binary number nearest to the printed one; null for none and for 0.

    Divided by a column: Polars multiplies by the inverse of a literal, which is off by a last digit.
    """
    positive = kilograms.set(kilograms == 0, None).cast(pl.Float64)
    return positive / pl.Series([1_000.0]).new_from_index(0, positive.len())


def _gaps(published: Tables, source: Source) -> pl.DataFrame:
    """The listed gaps with their country, each checked to be one. Shape: `LakeSeriesGap`.

    Raises:
        SourceError: a country that is listed as lacking has rows.
    """
    # Of the last year: a code that begins later is lacking before.
    named = with_country(
        published["series_gap"].with_columns(
            label=pl.col("country_code").cast(pl.String), reference_year=pl.lit(9_000, pl.Int32)
        ),
        source,
        "m49",
        "label",
    )
    present = [
        f"{gap['country_code']} in {gap['series_id']}: {rows} rows"
        for gap in named.iter_rows(named=True)
        if (
            rows := published[f"trade_{gap['series_id']}"]
            .filter(
                pl.col("reference_year").is_between(gap["first_year"], gap["last_year"])
                & (pl.col("edition") == gap["edition"])
                & (
                    (pl.col("exporter_code") == gap["country_code"])
                    | (pl.col("importer_code") == gap["country_code"])
                )
            )
            .height
        )
    ]
    if present:
        raise source.error(
            problem="countries listed as lacking are there",
            where="sources/cepii_baci/mappings/series_gap.csv",
            expected="no row of a country in the years of its gap",
            got=f"{len(present)} gaps with rows",
            next_step="the release may have mended it: correct the years of the gap",
            offenders=present,
        )
    return in_schema(named, LakeSeriesGap)


def tidy(published: Tables, source: Source) -> Tables:
    """Lake tables from published tables.

    Raises:
        SourceError: a country's code that is unknown or out of its years, or a listed gap that is none.
    """
    return {
        "trade": _trade(published, source),
        "series": published["series"],
        "series_gap": _gaps(published, source),
        "file_account": published["file_account"],
        "line_account": published["line_account"],
    }
