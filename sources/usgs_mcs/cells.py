"""Layouts with a column a figure: every cell that holds something becomes a figure, or the run stops.

The account of records counts a record once, whatever it holds: a cell lost from a record that is used
elsewhere would be seen by nobody.
"""

from collections.abc import Sequence

import polars as pl

from sources.reading.catalog import Source
from sources.reading.errors import SourceError
from sources.reading.text import cleaned


def refuse_lost_cells(
    source: Source,
    source_file: str,
    records: pl.DataFrame,
    figures: pl.DataFrame,
    value_columns: Sequence[str],
) -> None:
    """Compare filled cells with the figures made of them, by `source_row_id`.

    Raises:
        SourceError: cells of value columns that became no figure, all of them at once.
    """
    filled = pl.concat(
        records.filter(cleaned(column) != "").select(
            "row",
            column=pl.lit(column),
            cell=cleaned(column),
            country=cleaned("Country" if "Country" in records.columns else "COUNTRY"),
            source_row_id=pl.format("{}:{}:{}:{}", "edition", "source_file", "row", pl.lit(column)),
        )
        for column in value_columns
    )
    lost = filled.join(figures.select("source_row_id"), on="source_row_id", how="anti")
    if not lost.is_empty():
        raise SourceError(
            source=source.source_id,
            problem="cells that hold something and became no figure",
            where=f"{source_file}, {', '.join(lost['column'].unique().sort())}",
            expected="a figure, or an account entry with its reason, for every cell of a value column",
            got=f"{lost.height} cells without",
            next_step="look at the file: the record may lack its country, or its type mean another statistic",
            offenders=[
                f"row {row['row']}, {row['country']}, {row['column']}: {row['cell']!r}"
                for row in lost.sort("row").iter_rows(named=True)
            ],
        )
