"""From rows as declared to one declaration a key: countries, totals only, tonnes; the rest accounted for."""

import polars as pl

from sources.reading.catalog import Source
from sources.reading.lake_schemas import MonthTrade, SecretTrade
from sources.reading.mappings import mapping
from sources.reading.open_file import Tables
from sources.reading.passport import lake_table, not_used_table
from sources.reading.refusals import refuse_rows
from sources.reference.asked import lines_not_asked
from sources.reference.labels import country_aliases, with_iso3
from sources.un_comtrade.layouts import KILOGRAM
from sources.un_comtrade.schema import Declaration

FLOWS = {"M": "import", "X": "export"}
# What the API calls the total of a dimension; a file that dropped the dimension has null.
TOTALS = {"published_partner2": "0", "published_customs": "C00", "published_transport": "0"}
KEY = [
    "edition",
    "published_reporter",
    "published_partner",
    "published_code",
    "published_flow",
    "reference_year",
]
MONTH_KEY = [*KEY, "published_month"]
PART = "a part of the key's total, or its repeat"
WORLD = "0"
# As `mappings/areas_not_used.csv` has it.
WORLD_TOTAL = "total over all partners"
TORN_TOTAL = f"{WORLD_TOTAL}, who add up to something else"
# By how much partners may miss the World's row: of 26,063 in two files of 2026 one misses it by more than 10% (Paraguay's
# imports of batteries, 12%), and nearly all add up to the cent.
TOTAL_TOLERANCE = 0.2
TOTAL_TOLERANCE_USD = 100_000
# Reasons of `mappings/areas_not_used.csv` under which a country may stand.
NOT_TOLD = ["partner not told by country", "partner withheld by the reporter"]


def _with_reasons(rows: pl.DataFrame, source: Source) -> pl.DataFrame:
    """Add `not_used_reason`: the first that holds; null for a total of a pair of countries on a line."""
    areas = mapping(source, "areas_not_used")
    for side in ("reporter", "partner"):
        of_side = areas.filter(side=side).select(
            pl.col("area_code").alias(f"published_{side}"),
            pl.col("not_used_reason").alias(f"{side}_reason"),
        )
        rows = rows.join(of_side, on=f"published_{side}", how="left", maintain_order="left")
    part = pl.any_horizontal(
        pl.col(name).is_not_null() & (pl.col(name) != total) for name, total in TOTALS.items()
    )
    return rows.with_columns(
        not_used_reason=pl.coalesce(
            "reporter_reason",
            "partner_reason",
            pl.when(~pl.col("published_flow").is_in(list(FLOWS))).then(
                pl.lit("a flow that imports or exports already count")
            ),
            pl.when(pl.col("published_code").str.len_bytes() != len("000000")).then(
                pl.lit("a chapter or heading, no line of six digits")
            ),
            pl.when(part).then(pl.lit(PART)),
            pl.when(pl.col("published_value").cast(pl.Float64).fill_null(0) == 0).then(
                pl.lit("no value")
            ),
        )
    ).drop("reporter_reason", "partner_reason")


def _with_torn_totals(rows: pl.DataFrame, key: list[str]) -> pl.DataFrame:
    """The World's rows have another reason where partners do not add up to them: rows were cut, or values changed.

    Of each partner the largest row is its total, as everywhere. Areas that are no country count here.
    """
    line = [name for name in key if name != "published_partner"]
    number = pl.col("published_value").cast(pl.Float64).fill_null(0)
    is_world = pl.col("published_partner") == WORLD
    by_partner = rows.group_by(key).agg(total=number.max())
    sums = by_partner.group_by(line).agg(
        world=pl.col("total").filter(is_world).sum(),
        partners=pl.col("total").filter(~is_world).sum(),
    )
    off = (pl.col("world") - pl.col("partners")).abs()
    torn = sums.filter(
        off > TOTAL_TOLERANCE_USD, off > TOTAL_TOLERANCE * pl.max_horizontal("world", "partners")
    ).select(*line, torn=pl.lit(value=True))
    is_torn = is_world & pl.col("torn").fill_null(value=False)
    return (
        rows.join(torn, on=line, how="left", maintain_order="left")
        .with_columns(
            not_used_reason=pl.when(
                is_torn
                & pl.col("published_flow").is_in(list(FLOWS))
                & (pl.col("published_code").str.len_bytes() == len("000000"))
            )
            .then(pl.lit(TORN_TOTAL))
            .otherwise("not_used_reason")
        )
        .drop("torn")
    )


def _refuse_unknown(rows: pl.DataFrame, source: Source) -> None:
    """Codes that neither the countries nor the areas of `mappings/areas_not_used.csv` have."""
    known = country_aliases("m49")["alias"].implode()
    used = rows.filter(pl.col("not_used_reason").is_null())
    sides = [
        used.select("file_row", side=pl.lit(side), code=f"published_{side}")
        for side in ("reporter", "partner")
    ]
    refuse_rows(
        pl.concat(sides).filter(~pl.col("code").is_in(known)),
        source,
        "codes of countries that the closed tables do not have",
        where="reporterCode and partnerCode",
        by=["side", "code"],
        row="{side} {code!r} ({count} rows, from row {first})",
        expected="a row of scheme m49 in sources/reference/country_aliases.csv, or an area not used",
        got="{labels} codes without one",
        next_step=(
            "look the code up in Comtrade's list of areas, then add it to "
            "sources/reference/country_aliases.csv (scheme m49), or with a reason to "
            f"sources/{source.source_id}/mappings/areas_not_used.csv"
        ),
        each_to_be_mapped=True,
    )


def _one_row_a_key(used: pl.DataFrame, source: Source, key: list[str]) -> pl.DataFrame:
    """The largest row of each key, with `behind`, the number of rows of the key.

    A file that dropped dimensions holds totals and parts alike: their largest is the total, never
    their sum. Rows of the API are pinned to totals, so that two of them must be the same.

    Raises:
        SourceError: rows of the API that contradict each other.
    """
    number = pl.col("published_value").cast(pl.Float64)
    pinned = pl.all_horizontal(pl.col(name).is_not_null() for name in TOTALS)
    torn = (
        used.filter(pinned).group_by(key).agg(values=number.n_unique()).filter(pl.col("values") > 1)
    )
    refuse_rows(
        torn.sort(key),
        source,
        "two totals of one key contradict each other",
        where="rows with partner2Code 0, motCode 0, customsCode C00",
        row=", ".join(f"{{{name}}}" for name in key),
        expected="one total for each reporter, partner, code, flow and year",
        got="{rows} keys with more",
        next_step="name pulls of different days as editions of their own in source.yml",
    )
    return (
        used.sort(number, "file_row", descending=[True, False])
        .group_by(key, maintain_order=True)
        .agg(pl.all().first(), behind=pl.len().cast(pl.UInt32))
    )


def _declared(rows: pl.DataFrame, source: Source) -> pl.DataFrame:
    """Rows of totals in the lake's terms, goods that come back included. Shape: about `Declaration`."""
    number = {
        name: pl.col(f"published_{name}").cast(pl.Float64).fill_null(0)
        for name in ("value", "cif", "fob", "net_weight", "quantity")
    }
    in_kilograms = (pl.col("published_quantity_unit") == KILOGRAM).fill_null(value=False)
    from_weight = number["net_weight"] > 0
    from_quantity = in_kilograms & (number["quantity"] > 0)
    kilograms = (
        pl.when(from_weight).then(number["net_weight"]).when(from_quantity).then(number["quantity"])
    )
    named = rows.pipe(with_iso3, source, "m49", "published_reporter", "reporter_iso3").pipe(
        with_iso3, source, "m49", "published_partner", "partner_iso3"
    )
    return named.with_columns(
        published_unit=pl.lit("USD"),
        hs6=pl.col("published_code"),
        flow=pl.col("published_flow").replace_strict(FLOWS, return_dtype=pl.String),
        value_usd=number["value"],
        value_basis=pl.when(number["cif"] == number["value"])
        .then(pl.lit("cif"))
        .when(number["fob"] == number["value"])
        .then(pl.lit("fob")),
        value_status=pl.lit("numeric"),
        kilograms=kilograms,
        quantity_tonnes_gross=kilograms / 1_000,
        quantity_status=pl.when(kilograms.is_null())
        .then(pl.lit("not_available"))
        .otherwise(pl.lit("numeric")),
        quantity_source=pl.when(from_weight)
        .then(pl.lit("net_weight"))
        .when(from_quantity)
        .then(pl.lit("quantity")),
        is_quantity_estimated=pl.when(from_weight)
        .then("is_net_weight_estimated")
        .when(from_quantity)
        .then("is_quantity_estimated"),
        file_rows=pl.col("behind"),
    )


def _accounted(
    rows: pl.DataFrame, source: Source, key: list[str]
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Totals of pairs of countries in the lake's terms; and rows that are not used, with their reason."""
    rows = _with_reasons(rows, source).pipe(_with_torn_totals, key)
    _refuse_unknown(rows, source)
    totals = _one_row_a_key(rows.filter(pl.col("not_used_reason").is_null()), source, key)
    declared = _declared(totals, source)
    came_back = pl.col("reporter_iso3") == pl.col("partner_iso3")
    row = ["edition", "source_file", "file_row"]
    label = pl.col("published_code").alias("label")
    not_used = pl.concat(
        [
            rows.filter(pl.col("not_used_reason").is_not_null()).select(
                *row, label, "not_used_reason"
            ),
            rows.filter(pl.col("not_used_reason").is_null())
            .join(totals, on=row, how="anti")
            .select(*row, label, not_used_reason=pl.lit(PART)),
            declared.filter(came_back).select(
                *row,
                label,
                not_used_reason=pl.lit("goods that came back: the partner is the reporter"),
            ),
        ]
    )
    return declared.filter(~came_back), not_used


def _months(declared: pl.DataFrame) -> pl.DataFrame:
    """The same in the common terms of months. Shape: about `MonthTrade`."""
    return declared.with_columns(
        hs_code=pl.col("hs6"),
        reference_month=pl.col("published_month").str.slice(4, 2).cast(pl.Int32),
        value=pl.col("value_usd"),
        currency=pl.lit("USD"),
        quantity=pl.col("kilograms"),
        quantity_unit=pl.when(pl.col("kilograms").is_not_null()).then(pl.lit("kilograms")),
        published_quantity=pl.col("published_net_weight"),
    )


def _untold(rows: pl.DataFrame, source: Source) -> pl.DataFrame:
    """Imports of months whose partner the reporter withholds or does not tell, counted. Shape: `SecretTrade`."""
    counted = (
        _with_reasons(rows, source)
        .filter(
            pl.col("not_used_reason").is_in(NOT_TOLD),
            pl.col("published_flow") == "M",
            pl.col("published_code").str.len_bytes() == len("000000"),
            pl.col("published_value").cast(pl.Float64) > 0,
        )
        .pipe(with_iso3, source, "m49", "published_reporter", "reporter_iso3")
        .group_by(
            "edition", "reporter_iso3", "reference_year", partner_label="published_partner",
            visible_digits="published_code",
            reference_month=pl.col("published_month").str.slice(4, 2).cast(pl.Int32),
        )
        .agg(file_rows=pl.len().cast(pl.UInt32))
    )  # fmt: skip
    return lake_table(
        counted.with_columns(
            partner_iso3=pl.lit(None, pl.String),
            partner_bloc_id=pl.lit(None, pl.String),
            hidden=pl.lit("partner"),
        ),
        source,
        SecretTrade,
    )


def tidy(published: Tables, source: Source) -> Tables:
    """Lake tables from published tables.

    Every row is in `declaration` or `month_trade`, or counted in `not_used` with its reason; of a month also in
    `secret_trade` where a country may stand behind its partner.

    Raises:
        SourceError: an unknown code of a country, totals that contradict each other.
    """
    declared, not_used = _accounted(published["declaration"], source, KEY)
    months, not_used_of_months = _accounted(published["month_declaration"], source, MONTH_KEY)
    return {
        "declaration": lake_table(declared, source, Declaration),
        "month_trade": lake_table(_months(months), source, MonthTrade),
        "secret_trade": _untold(published["month_declaration"], source),
        "line_not_asked": lines_not_asked(published["asked_code"], source),
        "not_used": not_used_table([not_used, not_used_of_months], source),
        "file_rows": published["file_rows"],
    }
