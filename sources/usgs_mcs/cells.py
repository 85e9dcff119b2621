"""Layouts with a column a figure: every cell that holds something becomes a figure, or the run stops.

The account of records counts a record once, whatever it holds: a cell lost from a record that is used
elsewhere would be seen by nobody.
"""

from collections.abc import Sequence

import polars as pl

from sources.reading.open_file import OpenFile
from sources.reading.refusals import refuse_rows
from sources.reading.text import cleaned


def refuse_lost_cells(
    file: OpenFile, records: pl.DataFrame, figures: pl.DataFrame, value_columns: Sequence[str]
) -> None:
    """Compare filled cells with the figures made of them, by `source_row_id`.

    Raises:
        SourceError: cells of value columns that became no figure, all of them at once.
    """
    filled = pl.concat(
        records.filter(cleaned(column) != "").select(
            "file_row",
            column=pl.lit(column),
            cell=cleaned(column),
            country=cleaned("Country" if "Country" in records.columns else "COUNTRY"),
            source_row_id=pl.format(
                "{}:{}:{}:{}", "edition", "source_file", "file_row", pl.lit(column)
            ),
        )
        for column in value_columns
    )
    lost = filled.join(figures.select("source_row_id"), on="source_row_id", how="anti")
    refuse_rows(
        lost.sort("file_row"),
        file.source,
        "cells that hold something and became no figure",
        where=f"{file.name}, {', '.join(lost['column'].unique().sort())}",
        row="row {file_row}, {country}, {column}: {cell!r}",
        expected="a figure, or an account entry with its reason, for every cell of a value column",
        got="{rows} cells without",
        next_step="look at the file: the record may lack its country, or its type mean another statistic",
    )
