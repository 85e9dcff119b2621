"""A year of BACI at its real size, made up: as many rows, lines, pairs, paddings and `NA` as a release has.

The figures are random and the layout is the publisher's: sorted by exporter, importer and line, LF, `v` and
`q` padded with blanks to 18 characters, packed by zlib. One version of Polars makes the same bytes each time.
"""

import zipfile
from pathlib import Path

import polars as pl

from sources.reference.labels import country_aliases

# As in the release 202601 for 2022: rows of a year, and lines of the Harmonised System.
ROWS = 11_000_000
LINES = 5_000
# A line is traded by some pairs of countries: rows come in runs of one exporter and importer.
ROWS_OF_A_PAIR = 250
NOT_AVAILABLE_SHARE = 0.05
WIDTH = 18
SEED = 20_260_130


def lines() -> list[str]:
    """HS6 codes of the made-up release, the first with a leading zero."""
    chapters = [number for number in range(1, 98) if number != 77]
    return sorted(
        f"{chapters[number % len(chapters)]:02d}{number // len(chapters) * 7 + 10:04d}"
        for number in range(LINES)
    )


def ours(count: int = 120) -> list[str]:
    """The lines that are kept, spread over the chapters."""
    every = lines()
    return sorted(every[:: len(every) // count][:count])


def _printed(value: pl.Expr) -> pl.Expr:
    """Thousandths as the publisher prints them: without zeros at the end, padded with blanks."""
    whole, part = value // 1_000, value % 1_000
    decimals = part.cast(pl.String).str.pad_start(3, "0").str.strip_chars_end("0")
    text = (
        pl.when(part == 0)
        .then(whole.cast(pl.String))
        .otherwise(pl.format("{}.{}", whole, decimals))
    )
    return text.str.pad_start(WIDTH, " ")


def year_of_rows(year: int, rows: int = ROWS) -> pl.DataFrame:
    """A year's rows as printed, sorted by exporter and within a pair by line. Shape: t, i, j, k, v, q."""
    codes = country_aliases("m49").filter(
        pl.col("valid_to_year").is_null() & pl.col("country_iso3").is_not_null()
    )["alias"]
    number = pl.col("number")

    def drawn(salt: int) -> pl.Expr:
        return number.hash(SEED + salt)

    pair, pairs = number // ROWS_OF_A_PAIR, rows // ROWS_OF_A_PAIR + 1
    step = LINES // ROWS_OF_A_PAIR
    line = number % ROWS_OF_A_PAIR * step + drawn(0) % step
    # Most flows are small and a few are huge: up to a thousand dollars, and up to half a billion.
    value = drawn(1) % pl.lit(2).pow(drawn(2) % 20 + 10).cast(pl.UInt64) + 1
    quantity = drawn(3) % (value + 7) + 1
    missing = drawn(4) % 1_000 < NOT_AVAILABLE_SHARE * 1_000
    return pl.DataFrame({"number": pl.int_range(rows, dtype=pl.UInt64, eager=True)}).select(
        t=pl.lit(str(year)),
        i=pl.lit(codes).gather(pair * len(codes) // pairs),
        j=pl.lit(codes).gather(pair * 7 % len(codes)),
        k=pl.lit(pl.Series(lines())).gather(line),
        v=_printed(value),
        q=pl.when(missing).then(pl.lit("NA".rjust(WIDTH))).otherwise(_printed(quantity)),
    )


def write_year(path: Path, year: int, rows: int = ROWS) -> Path:
    """A zip laid out as a release of one year."""
    text = year_of_rows(year, rows).write_csv(quote_style="never").encode("ascii")
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(member(year), text)
    return path


def member(year: int) -> str:
    """Name of a year's member."""
    return f"BACI_HS17_Y{year}_V202601.csv"
