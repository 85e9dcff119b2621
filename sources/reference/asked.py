"""What a pull asked for: it goes with its file, for our list of lines may grow after it."""

import io
from collections.abc import Iterable

import polars as pl

from sources.reading.catalog import Source
from sources.reading.lake_schemas import LineNotAsked
from sources.reading.open_file import OpenFile
from sources.reading.passport import lake_table
from sources.reference.labels import reference_list

ASKED = "asked_codes"


def about_asked(codes: Iterable[str]) -> dict[str, str]:
    """What a pull's file says of itself: the codes asked for, lines or what they begin with."""
    return {ASKED: ",".join(sorted(codes))}


def asked_codes(file: OpenFile) -> pl.DataFrame:
    """The codes that a pull's file says it asked for; no row where it says nothing. Shape: `AskedCode`."""
    said = pl.read_parquet_metadata(io.BytesIO(file.content)).get(ASKED, "")
    codes = [code for code in said.split(",") if code]
    return file.placed(
        pl.DataFrame({"published_code": codes}, schema={"published_code": pl.String})
    )


def lines_not_asked(asked: pl.DataFrame, source: Source) -> pl.DataFrame:
    """Lines of our list that a pull did not ask for. Shape: `LineNotAsked`.

    Args:
        asked: codes by pull. Shape: `AskedCode`.
    """
    lines = reference_list("hs_lines").select("hs6").unique()
    pulls = asked.select("edition").unique().join(lines, how="cross")
    found = pulls.join(asked, on="edition").filter(
        pl.col("hs6").str.starts_with(pl.col("published_code"))
    )
    not_asked = pulls.join(found, on=["edition", "hs6"], how="anti")
    return lake_table(not_asked, source, LineNotAsked)
