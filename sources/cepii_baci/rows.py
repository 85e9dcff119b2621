"""One chunk of BACI's text to rows of our lines, exactly: dollars and kilograms as whole numbers.

Columns of the publisher: `t` year, `i` exporter, `j` importer, `k` HS6, `v` thousand US dollars, `q`
tonnes; `v` and `q` are padded with blanks, and `q` is `NA` where there is none. Rows of other lines are
counted and dropped while they are still text.
"""

from dataclasses import dataclass, field

import polars as pl

HEADER = b"t,i,j,k,v,q"
DTYPES: dict[str, type[pl.DataType]] = {
    "t": pl.Int32,
    "i": pl.Int32,
    "j": pl.Int32,
    "k": pl.String,
    "v": pl.String,
    "q": pl.String,
}
NOT_AVAILABLE = "NA"
# Three decimals at most. Behind them only the noise of a binary fraction, such as 29.141000000000002.
NUMBER = r"^[0-9]{1,12}(?:\.[0-9]{1,3}(?:(?:0{6,}|9{6,})[0-9]{0,2})?)?$"
CODE = r"^[0-9]{6}$"
CODE_DIGITS = 6
SMALL_CODE = 100_000
THREE_PLACES = pl.Decimal(20, 3)
MOST_FAULTS = 50
MOST_CODE = 999


def rows_schema(lines: pl.Series) -> pl.Schema:
    """Columns of rows that are kept, as narrow as they fit: thirty years of them lie in memory at once."""
    return pl.Schema(
        {
            "hs6": pl.Enum(lines),
            "reference_year": pl.Int16,
            "importer_code": pl.Int16,
            "exporter_code": pl.Int16,
            "value_usd": pl.Int64,
            "quantity_kg": pl.Int64,
        }
    )


@dataclass(frozen=True)
class Parsed:
    """Rows of a chunk: how many, those of our lines, and how many of each line.

    `faults` are (row of the chunk from 0, what is wrong); with one of them the other parts don't count.
    """

    rows: int
    kept: pl.DataFrame
    by_line: pl.DataFrame
    faults: list[tuple[int, str]] = field(default_factory=list)


def parse(chunk: bytes, year: int, lines: pl.Series) -> Parsed:
    """Rows of a chunk without its header. `lines` are the HS6 codes to keep."""
    try:
        frame = pl.read_csv(chunk, has_header=False, schema=DTYPES, quote_char=None, glob=False)
    except pl.exceptions.PolarsError as error:
        return _row_faults(chunk, year, lines, str(error))
    if (frame["t"] != year).any() or any(frame[name].null_count() for name in DTYPES):
        return _row_faults(chunk, year, lines, "a row without all of its cells")
    by_line = _counted(frame["k"])
    kept = frame.filter(pl.col("k").is_in(lines.implode())).with_columns(
        pl.col("v", "q").str.strip_chars_start(" ")
    )
    if by_line is None or not _are_of_form(kept):
        return _row_faults(chunk, year, lines, "cells of another form")
    return Parsed(frame.height, converted(kept, lines), by_line)


def _counted(codes: pl.Series) -> pl.DataFrame | None:
    """Rows by HS6, or None where a code is not six digits.

    Counted as numbers, in a fifth of the time: as text it took as long as the parsing itself.
    """
    numbers = codes.cast(pl.Int32, strict=False)
    has_six = (codes.str.len_bytes() == CODE_DIGITS).all()
    # A sign would be read as a part of the number: only digits leave a nought in front of the small ones.
    small, with_nought = (numbers < SMALL_CODE).sum(), codes.str.starts_with("0").sum()
    if numbers.null_count() or not has_six or small != with_nought:
        return None
    counts = numbers.alias("hs6").value_counts(name="rows")
    return counts.select(
        pl.col("hs6").cast(pl.String).str.pad_start(CODE_DIGITS, "0"),
        pl.col("rows").cast(pl.UInt32),
    )


def _are_of_form(kept: pl.DataFrame) -> bool:
    """Whether every value, quantity and code of a country is written as BACI writes it."""
    quantity = pl.col("q").str.contains(NUMBER) | (pl.col("q") == NOT_AVAILABLE)
    codes = pl.col("i").is_between(1, MOST_CODE) & pl.col("j").is_between(1, MOST_CODE)
    return bool(kept.select((pl.col("v").str.contains(NUMBER) & quantity & codes).all()).item())


def _thousandths(name: str) -> pl.Expr:
    """A number's text times 1,000, as a whole number: decimal digits, no binary fraction on the way.

    The physical form of a decimal with three places is its thousandths.
    """
    return pl.col(name).cast(THREE_PLACES).to_physical().cast(pl.Int64)


def converted(kept: pl.DataFrame, lines: pl.Series) -> pl.DataFrame:
    """Rows in our names and units: whole US dollars, whole kilograms (null for `NA`)."""
    quantity = pl.when(pl.col("q") != NOT_AVAILABLE).then("q").alias("q")
    return (
        kept.with_columns(quantity)
        .select(
            hs6="k",
            reference_year="t",
            importer_code="j",
            exporter_code="i",
            value_usd=_thousandths("v"),
            quantity_kg=_thousandths("q"),
        )
        .cast(rows_schema(lines))
    )


def _row_faults(chunk: bytes, year: int, lines: pl.Series, problem: str) -> Parsed:
    """What is wrong with a chunk, row by row: the slow way, taken only when something is."""
    faults: list[tuple[int, str]] = []
    for number, line in enumerate(chunk.removesuffix(b"\n").split(b"\n")):
        if wrong := _fault(line.removesuffix(b"\r"), year):
            faults.append((number, wrong))
        if len(faults) == MOST_FAULTS:
            break
    empty = pl.DataFrame(schema=rows_schema(lines))
    counts = pl.DataFrame(schema={"hs6": pl.String, "rows": pl.UInt32})
    return Parsed(0, empty, counts, faults or [(0, problem)])


def _fault(line: bytes, year: int) -> str | None:
    text = line.decode("utf-8", "replace")
    cells = text.split(",")
    if len(cells) != len(DTYPES):
        return f"{len(cells)} cells instead of {len(DTYPES)}: {text[:60]!r}"
    row = dict(zip(DTYPES, cells, strict=True))
    if row["t"] != str(year):
        return f"t is {row['t'][:20]!r}, in the file of {year}"
    number, code = pl.Series([row["v"], row["q"]]).str.strip_chars_start(" "), pl.Series([row["k"]])
    codes = [int(code) if code.isdigit() else 0 for code in (row["i"], row["j"])]
    if not all(1 <= code <= MOST_CODE for code in codes):
        return f"i is {row['i'][:20]!r}, j is {row['j'][:20]!r}: no codes of countries"
    if not code.str.contains(CODE)[0]:
        return f"k is {row['k'][:20]!r}, no six digits"
    if not number.str.contains(NUMBER)[0]:
        return f"v is {row['v'][:40]!r}, no number of at most three decimals"
    if not (number.str.contains(NUMBER)[1] or number[1] == NOT_AVAILABLE):
        return f"q is {row['q'][:40]!r}, neither such a number nor NA"
    return None
