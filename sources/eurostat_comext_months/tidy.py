"""From published rows to the common table of months: countries, euro, tonnes; the rest is accounted for."""

import polars as pl

from sources.reading.catalog import Source
from sources.reading.lake_schemas import MonthTrade, SecretTrade
from sources.reading.open_file import Tables
from sources.reading.passport import lake_table, not_used_table
from sources.reference.asked import lines_not_asked
from sources.reference.labels import country_aliases, with_country, with_iso3

SCHEME = "eurostat_geo"
# Partners that stand beside the country they belong to; adding both up would count a flow twice or mix two areas.
BESIDE = {
    "XC": "Ceuta, beside Spain",
    "XL": "Melilla, beside Spain",
    "XI": "Northern Ireland, beside the United Kingdom",
}
GREAT_BRITAIN, UNITED_KINGDOM = "XU", "GB"
SECRET, NOT_TOLD = ["QX", "QY", "QZ"], ["QU", "QV", "QW"]
NO_PARTNER = [*SECRET, *NOT_TOLD]
# Of these it is known that the partner is a member of the EU.
INSIDE, UNION = ["QV", "QY"], "EU27"
NO_VALUE = "listed with 0 euro: rounded, or kept secret"


def _with_reasons(rows: pl.DataFrame) -> pl.DataFrame:
    """Add `not_used_reason`, and the partner under the code that the list of countries has."""
    partner = pl.col("published_partner")
    no_country = (
        country_aliases(SCHEME)
        .filter(pl.col("geography_kind") != "country")
        .get_column("alias")
        .to_list()
    )
    # Each member reports in its own way, and perhaps each line.
    whole = (
        (partner == UNITED_KINGDOM)
        .any()
        .over("edition", "source_file", "published_reporter", "published_code")
    )
    return rows.with_columns(
        partner=partner.replace({GREAT_BRITAIN: UNITED_KINGDOM}),
        not_used_reason=pl.when(partner.is_in(SECRET))
        .then(pl.lit("kept secret: the partner is hidden"))
        .when(partner.is_in(NOT_TOLD))
        .then(pl.lit("partner not told by country"))
        .when(partner.is_in(no_country))
        .then(pl.lit("partner that is no country"))
        .when(partner.is_in(list(BESIDE)))
        .then(partner.replace(BESIDE))
        .when((partner == GREAT_BRITAIN) & whole)
        .then(pl.lit("Great Britain, beside the United Kingdom"))
        .when(pl.col("published_value").cast(pl.Float64) == 0)
        .then(pl.lit(NO_VALUE)),
    )


def _secret(rows: pl.DataFrame, hidden_codes: pl.DataFrame, source: Source) -> pl.DataFrame:
    """What may be trade of a line of ours and is kept secret, counted. Shape: `SecretTrade`."""
    in_rows = rows.with_columns(
        hidden=pl.when(pl.col("partner").is_in(NO_PARTNER))
        .then(pl.lit("partner"))
        .when(pl.col("not_used_reason") == NO_VALUE)
        .then(pl.lit("value")),
        file_rows=pl.lit(1, pl.UInt32),
    ).filter(pl.col("hidden").is_not_null())
    in_codes = hidden_codes.with_columns(
        hidden=pl.lit("code"),
        partner=pl.col("published_partner").replace({GREAT_BRITAIN: UNITED_KINGDOM}),
    ).filter(~pl.col("partner").is_in(list(BESIDE)))
    key = ["edition", "reporter_iso3", "partner_label", "visible_digits", "hidden"]
    placed = (
        pl.concat([in_rows, in_codes], how="diagonal")
        .with_columns(
            reference_year=pl.col("published_month").str.slice(0, 4).cast(pl.Int32),
            reference_month=pl.col("published_month").str.slice(4, 2).cast(pl.Int32),
            visible_digits=pl.col("published_code").str.extract(r"^(\d{2,6})"),
        )
        .pipe(with_iso3, source, SCHEME, "published_reporter", "reporter_iso3")
    )
    is_hidden = pl.col("partner").is_in(NO_PARTNER)
    named = placed.filter(~is_hidden).pipe(with_country, source, SCHEME, "partner")
    counted = (
        pl.concat([placed.filter(is_hidden), named], how="diagonal")
        .with_columns(partner_bloc_id=pl.when(pl.col("partner").is_in(INSIDE)).then(pl.lit(UNION)))
        .rename({"country_iso3": "partner_iso3", "partner": "partner_label"})
        .group_by(*key, "partner_iso3", "partner_bloc_id", "reference_year", "reference_month")
        .agg(pl.col("file_rows").sum())
    )
    return lake_table(counted, source, SecretTrade)


def tidy(published: Tables, source: Source) -> Tables:
    """Lake tables from published tables. Every row of the archive is in `month_trade`, or counted in `not_used`.

    Raises:
        SourceError: a country that scheme `eurostat_geo` lacks; all of them at once.
    """
    rows = _with_reasons(
        published["import_row"].with_columns(
            reference_year=pl.col("published_month").str.slice(0, 4).cast(pl.Int32),
            reference_month=pl.col("published_month").str.slice(4, 2).cast(pl.Int32),
        )
    )
    kilograms = pl.col("published_quantity").cast(pl.Float64)
    trade = (
        rows.filter(pl.col("not_used_reason").is_null())
        .pipe(with_iso3, source, SCHEME, "published_reporter", "reporter_iso3")
        .pipe(with_country, source, SCHEME, "partner")
        .with_columns(
            partner_iso3="country_iso3",
            flow=pl.lit("import"),
            hs_code="published_code",
            hs6=pl.col("published_code").str.slice(0, 6),
            value=pl.col("published_value").cast(pl.Float64),
            currency=pl.lit("EUR"),
            is_quantity_estimated=pl.lit(None, pl.Boolean),
            published_unit=pl.lit("KG"),
            quantity=pl.when(kilograms > 0).then(kilograms),
            quantity_unit=pl.when(kilograms > 0).then(pl.lit("kilograms")),
        )
        .with_columns(
            quantity_tonnes_gross=pl.col("quantity") / 1_000,
            quantity_status=pl.when(pl.col("quantity").is_null())
            .then(pl.lit("not_available"))
            .otherwise(pl.lit("numeric")),
        )
    )
    return {
        "month_trade": lake_table(trade, source, MonthTrade),
        "secret_trade": _secret(rows, published["secret_row"], source),
        "line_not_asked": lines_not_asked(published["asked_code"], source),
        "not_used": not_used_table(
            [rows.with_columns(label="published_code"), published["account"]], source
        ),
        "file_rows": published["file_rows"],
    }
