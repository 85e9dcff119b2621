"""A country that a publisher prints in parts: its figure is their sum."""

from collections.abc import Sequence

import polars as pl

from sources.reading.catalog import Source
from sources.reading.mappings import mapping
from sources.reading.refusals import refuse_rows
from sources.reading.values import to_the_gram

COUNTRY = "published_country"
QUANTITIES = ["quantity_tonnes", "quantity_tonnes_lower", "quantity_tonnes_upper"]
FIGURED = ["numeric", "zero"]
REASON = "a part of its country: added to the country's other row"


def with_parts_added(
    frame: pl.DataFrame, source: Source, key: Sequence[str]
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Add to a country's row the rows of its other parts, as `mappings/parts.csv` lists them.

    A sum is known where each part is; where one has bounds only, so has the sum. It bears the country's plain name, the
    texts of its parts joined by " + ", and the status of the part that is not known.

    Args:
        frame: figures with `published_country`, `published_value`, `value_status`, `is_estimated` and tonnes.
        source: whose `mappings/parts.csv` has `part`, `part_of` and `country`, all names of a country.
        key: what besides the country tells one figure from another.

    Returns:
        The figures without parts; and the parts, each with its `not_used_reason`.

    Raises:
        SourceError: a part without the row that it belongs to.
    """
    listed = mapping(source, "parts").select("part", "part_of", "country")
    parts = frame.join(listed, left_on=COUNTRY, right_on="part", how="inner")
    own = [*key, COUNTRY]
    whole = parts.join(frame, left_on=[*key, "part_of"], right_on=own, how="anti", nulls_equal=True)
    refuse_rows(
        whole,
        source,
        "parts of a country without its other row",
        row="{published_country}, {reference_year}: no row of {part_of}",
        expected="the rows of mappings/parts.csv together in each series and year",
        got="{rows} alone",
        next_step="compare with the printed chapter; name the row in mappings/parts.csv as it is published now",
    )
    added = parts.group_by([*key, "part_of"], maintain_order=True).agg(
        pl.col("country").first(),
        (pl.lit(" + ") + pl.col("published_value").fill_null("")).str.join("").alias("_texts"),
        pl.col("is_estimated").any().alias("_estimated"),
        pl.col("value_status")
        .filter(~pl.col("value_status").is_in(FIGURED))
        .first()
        .alias("_status"),
        *(_known(name).sum().alias(f"_{name}") for name in QUANTITIES),
        *(_known(name).is_null().any().alias(f"_no_{name}") for name in QUANTITIES),
    )
    summed = frame.join(parts.select(own), on=own, how="anti", nulls_equal=True).join(
        added, left_on=own, right_on=[*key, "part_of"], how="left", nulls_equal=True
    )
    is_sum = pl.col("country").is_not_null()
    is_figure = pl.col("value_status").is_in(FIGURED)
    status = (
        pl.when(~is_figure).then("value_status").otherwise(pl.col("_status").fill_null("numeric"))
    )
    number, lower, upper = (_sum(name) for name in QUANTITIES)
    is_bounded = number.is_null()
    sums = {
        COUNTRY: pl.col("country"),
        "published_value": pl.col("published_value").fill_null("") + pl.col("_texts"),
        "value_status": status,
        "is_estimated": pl.col("is_estimated") | pl.col("_estimated"),
        QUANTITIES[0]: number,
        QUANTITIES[1]: pl.when(is_bounded).then(lower),
        QUANTITIES[2]: pl.when(is_bounded).then(upper),
    }
    figures = summed.with_columns(
        pl.when(is_sum).then(value).otherwise(name).alias(name) for name, value in sums.items()
    ).select(frame.columns)
    columns = [name for name in frame.columns if name != "not_used_reason"]
    return figures, parts.select(*columns, pl.lit(REASON).alias("not_used_reason"))


def _known(name: str) -> pl.Expr:
    """The figure itself, or for a bound the figure where there is one."""
    return pl.col(name) if name == QUANTITIES[0] else pl.coalesce(QUANTITIES[0], name)


def _sum(name: str) -> pl.Expr:
    return pl.when(~pl.col(f"_no_{name}")).then(to_the_gram(_known(name) + pl.col(f"_{name}")))
