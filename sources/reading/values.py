"""Publishers' value cells, read strictly: a number, a bound, a range, or a declared token.

Null is never turned into 0: a 0 comes only from a zero token of the source's own
`mappings/value_tokens.csv` (columns token, value_status, meaning).
"""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from sources.reading.catalog import Source
from sources.reading.mappings import mapping
from sources.reading.refusals import refuse_rows
from sources.reading.vocabulary import WITH_FIGURE

# [0-9], not \d: digits of other scripts are no publisher's.
NUMBER = r"[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]+)?|[0-9]+(?:\.[0-9]+)?"
_NUMBER = re.compile(NUMBER)
_BOUND = re.compile(rf"([<>]) ?({NUMBER})")
_RANGE = re.compile(rf"({NUMBER}) ?[–-] ?({NUMBER})")
DEFAULT_LABELS = ("published_commodity", "published_country", "reference_year")
# Below half a unit: the figure lies between 0 and 0.5 of the published unit.
HALF_UNIT = 0.5
# A gram: finer than any publisher prints, coarser than the error of floats.
DECIMALS_OF_TONNES = 6


@dataclass(frozen=True)
class ParsedValue:
    """A value cell in the published unit. `lower` and `upper` stand for bounded values only."""

    status: str
    number: float | None = None
    lower: float | None = None
    upper: float | None = None


def _tokens(source: Source) -> dict[str, str]:
    return dict(mapping(source, "value_tokens").select("token", "value_status").rows())


def _float(text: str) -> float:
    return float(text.replace(",", ""))


def parse_value(
    text: str | None, tokens: dict[str, str], status_from_note: str | None = None
) -> ParsedValue | None:
    """Parse one cell; None where it is neither a number, a bound, a range nor a declared token.

    A zero that is no declared zero token (`0.00`, `00`, a number too small for a float) is unreadable,
    and so is a bound or range that leaves room for nothing but zero.

    An empty cell means "not available" unless the note says withheld, not applicable, below half a
    unit or included elsewhere; a note that there is a figure explains no empty cell. The token for "below half
    a unit" gives way to such a note too.
    """
    if text is None or tokens.get(text) == "below_unit":
        status = status_from_note or ("not_available" if text is None else "below_unit")
        if status in WITH_FIGURE:
            return None
        if status == "below_unit":
            return ParsedValue(status, lower=0.0, upper=HALF_UNIT)
        return ParsedValue(status)
    if text in tokens:
        status = tokens[text]
        return ParsedValue(status, number=0.0 if status == "zero" else None)
    if _NUMBER.fullmatch(text):
        value = _float(text)
        return ParsedValue("numeric", number=value) if 0 < value < math.inf else None
    if bound := _BOUND.fullmatch(text):
        value = _float(bound[2])
        if not math.isfinite(value):
            return None
        if bound[1] == ">":
            return ParsedValue("bounded", lower=value)
        return ParsedValue("bounded", lower=0.0, upper=value) if value > 0 else None
    if interval := _RANGE.fullmatch(text):
        lower, upper = _float(interval[1]), _float(interval[2])
        fits = lower <= upper and 0 < upper < math.inf
        return ParsedValue("bounded", lower=lower, upper=upper) if fits else None
    return None


def with_values_parsed(
    frame: pl.DataFrame,
    source: Source,
    labels: Sequence[str] = DEFAULT_LABELS,
    *,
    estimate_mark: str = "",
) -> pl.DataFrame:
    """Add `value_status`, `value_number`, `value_lower`, `value_upper` from `published_value`.

    Args:
        frame: has `published_value`, `source_file`, `file_row`; `status_from_note` counts if present.
        labels: columns that name a row in an error.
        estimate_mark: what is printed behind a figure that is estimated (the `e` of `185e`): adds `is_estimated`.

    Raises:
        SourceError: values that can't be read, all of them at once, each with its row and label.
    """
    if "status_from_note" not in frame.columns:
        return with_values_parsed(
            frame.with_columns(status_from_note=pl.lit(None, pl.String)),
            source,
            labels,
            estimate_mark=estimate_mark,
        ).drop("status_from_note")
    tokens = _tokens(source)
    keys = ["published_value", "status_from_note"]
    parsed: list[tuple[str | float | bool | None, ...]] = []
    unread: list[tuple[str | None, str | None]] = []
    for text, note in frame.select(keys).unique().sort(keys).iter_rows():
        number = _without_mark(text, estimate_mark)
        value = parse_value(number or text, tokens, note)
        if value is None:
            unread.append((text, note))
        else:
            parsed.append(
                (text, note, value.status, value.number, value.lower, value.upper, bool(number))
            )
    _refuse_unread(
        frame.join(
            pl.DataFrame(unread, schema=dict.fromkeys(keys, pl.String), orient="row"),
            on=keys,
            how="semi",
            nulls_equal=True,
        ),
        source,
        labels,
        "a number, a bound, a range",
    )
    schema = {
        **dict.fromkeys([*keys, "value_status"], pl.String),
        **dict.fromkeys(["value_number", "value_lower", "value_upper"], pl.Float64),
        "is_estimated": pl.Boolean,
    }
    read = pl.DataFrame(parsed, schema=schema, orient="row")
    if not estimate_mark:
        read = read.drop("is_estimated")
    return frame.join(read, on=keys, how="left", validate="m:1", nulls_equal=True)


def in_tonnes(value: str, factor: pl.Expr | float) -> pl.Expr:
    """The figures of column `value`, times tonnes a unit, to the gram.

    61 units of 169.2 t are 10,321.2 t, not 10,321.199999999999: parts add up to the total they are printed with.
    """
    return to_the_gram(pl.col(value) * factor)


def to_the_gram(tonnes: pl.Expr) -> pl.Expr:
    """Tonnes without what floats add to a product or a sum."""
    return tonnes.round(DECIMALS_OF_TONNES)


def _without_mark(text: str | None, mark: str) -> str | None:
    """The number before the mark; None where there is no mark, or no number before it."""
    number = text.removesuffix(mark).rstrip() if text and mark and text.endswith(mark) else ""
    return number if re.fullmatch(NUMBER, number) else None


def with_plain_numbers(
    frame: pl.DataFrame,
    source: Source,
    *,
    number: str,
    is_positive: bool,
    where: str,
    expected: str,
    labels: Sequence[str],
) -> pl.DataFrame:
    """Add `value_status` and `value_number` from cells that hold one number in one form, or a token.

    For files of cells in the thousands, printed by a machine: no bounds, no ranges, no thousands marks.

    Args:
        frame: has `published_value` and `file_row`.
        number: the whole of a cell that is a number, as a regular expression.
        is_positive: a 0 is no number, and needs a token to say what it means.
        where: columns or sheet, for an error.
        expected: what a number looks like, for an error.
        labels: columns that name a cell in an error.

    Raises:
        SourceError: cells that are neither, all at once.
    """
    text = pl.col("published_value")
    value = text.cast(pl.Float64, strict=False)
    is_number = text.str.contains(number) & ((value > 0) | (not is_positive))
    read = frame.with_columns(
        value_status=pl.when(is_number)
        .then(pl.lit("numeric"))
        .otherwise(text.replace_strict(_tokens(source), default=None)),
        value_number=pl.when(is_number).then(value),
    )
    bad = read.filter(pl.col("value_status").is_null())
    _refuse_unread(bad, source, labels, expected, where)
    return read


def _refuse_unread(
    bad: pl.DataFrame, source: Source, labels: Sequence[str], expected: str, where: str = "{files}"
) -> None:
    refuse_rows(
        bad,
        source,
        "values that are no number and no known token",
        where=where,
        row="row {file_row}, "
        + "".join(f"{{{name}}}, " for name in labels).removesuffix(", ")
        + ": {published_value!r}",
        expected=f"{expected}, or a token of mappings/value_tokens.csv",
        got="{rows} cells",
        next_step="if the publisher uses a new token, declare it in mappings/value_tokens.csv",
    )
