"""How each edition of the Mineral Commodity Summaries is laid out, read into one published form.

One function per layout; each gives every world figure of the file (`PublishedFigure`), an account of the
records that carry none (`RowAccount`), and how many records there are (`FileRows`). Labels keep the
publisher's words; what they mean is decided in `tidy.py` from `mappings/`.
"""

from typing import NamedTuple

import polars as pl

from sources.reading.open_file import Layout, OpenFile, Tables
from sources.reading.refusals import refuse_rows
from sources.reading.text import cleaned
from sources.reading.values import with_values_parsed
from sources.usgs_mcs.by_commodity import read_by_commodity
from sources.usgs_mcs.cells import refuse_lost_cells
from sources.usgs_mcs.notes import with_notes_read

HEADER_WIDE_2025 = (
    "SOURCE,COMMODITY,COUNTRY,TYPE,UNIT_MEAS,PROD_2023,PROD_EST_ 2024,PROD_NOTES,"
    "CAP_2023,CAP_EST_ 2024,CAP_NOTES,RESERVES_2024,RESERVE_NOTES"
)
HEADER_LONG_2026 = (
    "MCS chapter,Section,Commodity,Country,Statistics,Statistics_detail,Unit,Year,Value,Notes,"
    "Is critical mineral 2025,Other notes"
)


class WideColumn(NamedTuple):
    """A value column of 2025; `says_estimated` where its name does."""

    statistic: str
    name: str
    notes: str
    year: int
    says_estimated: bool


WIDE_2025_COLUMNS = [
    WideColumn("production", "PROD_2023", "PROD_NOTES", 2023, False),
    WideColumn("production", "PROD_EST_ 2024", "PROD_NOTES", 2024, True),
    WideColumn("capacity", "CAP_2023", "CAP_NOTES", 2023, False),
    WideColumn("capacity", "CAP_EST_ 2024", "CAP_NOTES", 2024, True),
    WideColumn("reserves", "RESERVES_2024", "RESERVE_NOTES", 2024, False),
]
STATISTICS_2026 = {"Production": "production", "Capacity": "capacity", "Reserves": "reserves"}

# The world total's stage says `…: rounded` or `…, rounded` where its countries' stage does not.
ROUNDED_SUFFIX = r"(?i)[:,]\s*rounded$"


def _account(frame: pl.DataFrame, reason: pl.Expr) -> pl.DataFrame:
    """Count the records of `frame` by edition, file and reason."""
    return (
        frame.with_columns(not_used_reason=reason)
        .group_by("edition", "source_file", "not_used_reason")
        .agg(file_rows=pl.len())
        .sort("edition", "source_file", "not_used_reason")
    )


def _cell(column: str) -> pl.Expr:
    """Value cell as text; an empty or blank cell is null."""
    return pl.when(cleaned(column) != "").then(cleaned(column))


def _country(column: str) -> pl.Expr:
    """Country label without the digits of a footnote glued to it."""
    return cleaned(column).str.replace(r"\s*\d+$", "")


def read_wide_2025(file: OpenFile) -> Tables:
    """One wide CSV: a record holds two years of production and capacity, and reserves.

    A year's figure is an estimate where the column says so (2024), where the type ends in "estimated"
    or the note says so for 2023, unless the note says "reported".

    Raises:
        SourceError: encoding, header, or a value that is neither a number nor a known token.
    """
    frame = file.records(HEADER_WIDE_2025.split(","), "utf-8-sig")
    figures = pl.concat(_wide_figures(frame, column) for column in WIDE_2025_COLUMNS)
    value_columns = [column.name for column in WIDE_2025_COLUMNS]
    refuse_lost_cells(file, frame, figures, value_columns)
    without = frame.join(figures, on="file_row", how="anti")
    account = _account(without, pl.lit("record without a figure of any kind"))
    return _finished(file, frame, figures, account)


def _wide_figures(frame: pl.DataFrame, column: WideColumn) -> pl.DataFrame:
    """Figures of one value column; a series without a value in it, or a note, is none of its kind."""
    note = cleaned(column.notes).fill_null("")
    reported = note.str.contains(r"(?i)^(reported|reproted)\b|, reported$")
    all_estimated = cleaned("TYPE").str.contains(r"(?i)\bestimated$")
    is_production = column.statistic == "production"
    estimated = ~reported & (
        pl.lit(column.says_estimated)
        | note.str.contains(r"(?i)^estimated\b")
        | (all_estimated if is_production else pl.lit(value=False))
    )
    # The type says capacity or reserves where the record holds nothing else: a column of production is
    # then empty, or holds what the type says (clinker).
    by_type = cleaned("TYPE").str.extract(
        r"(?i)^(?:(?:plant|clinker|pigment) )?(capacity|reserves)\b"
    )
    has_values = _cell(column.name).is_not_null().any().over("COMMODITY", "TYPE")
    kept = by_type.is_null() | has_values if is_production else has_values
    return frame.filter(kept).select(
        "edition",
        "source_file",
        "file_row",
        source_row_id=pl.format(
            "{}:{}:{}:{}", "edition", "source_file", "file_row", pl.lit(column.name)
        ),
        statistic=by_type.str.to_lowercase().fill_null(column.statistic)
        if is_production
        else pl.lit(column.statistic),
        published_commodity=cleaned("COMMODITY"),
        published_stage=cleaned("TYPE"),
        published_country=_country("COUNTRY"),
        published_unit=cleaned("UNIT_MEAS"),
        reference_year=pl.lit(column.year, pl.Int32),
        published_value=_cell(column.name),
        notes=note,
        is_estimated=estimated,
    )


def read_long_2026(file: OpenFile) -> Tables:
    """One long CSV: a record is one figure; world tables are the sections that start with "World".

    Raises:
        SourceError: encoding, header, a world table of an unknown kind, or a value that is neither a number
            nor a known token.
    """
    frame = file.records(HEADER_LONG_2026.split(","), "cp1252")
    is_world = cleaned("Section").str.starts_with("World")
    # Some records carry a sentence of the chapter's text for a label. They hold a figure all the same:
    # what becomes of it is said in mappings/world_series.csv, as for every label, never by its look.
    is_known = pl.col("Statistics").is_in(list(STATISTICS_2026)).fill_null(value=False)
    # A label of other words would take all reserves or capacity with it.
    refuse_rows(
        frame.filter(is_world & ~is_known),
        file.source,
        "world figures of an unknown kind",
        where=f"{file.name}, column Statistics",
        by=["Statistics"],
        row="{Statistics!r}: {count} records, first in row {first}",
        expected=", ".join(STATISTICS_2026),
        got="{rows} records of {labels} other labels",
        next_step="say in STATISTICS_2026 of sources/usgs_mcs/layouts.py which statistic the label means",
    )
    account = _account(frame.filter(~is_world), pl.lit("US tables: read by source usgs_mcs_us"))
    notes = cleaned("Notes").fill_null("")
    # An edition prints the two years before it, and reserves as old as three.
    released = file.edition.released_on.year
    years = [str(year) for year in range(released - 3, released)]
    is_reserve = pl.col("Statistics") == "Reserves"
    is_year = pl.col("Year").is_in(years[1:]) | (is_reserve & pl.col("Year").is_in(years))
    refuse_rows(
        frame.filter(is_world & ~is_year.fill_null(value=False)),
        file.source,
        "years that an edition can't hold",
        where=f"{file.name}, column Year",
        row="row {file_row}, {Commodity}, {Country}: {Year!r}",
        expected=f"{' or '.join(years[1:])} in every world figure, as four digits; of reserves {years[0]} too",
        got="{rows} figures without",
        next_step="compare with the printed chapter; if the publisher means a span or a year more, extend layouts.py",
    )
    figures = frame.filter(is_world).select(
        "edition",
        "source_file",
        "file_row",
        source_row_id=pl.format("{}:{}:{}", "edition", "source_file", "file_row"),
        statistic=pl.col("Statistics").replace_strict(STATISTICS_2026),
        published_commodity=cleaned("Commodity"),
        published_stage=cleaned("Statistics_detail"),
        published_country=_country("Country"),
        published_unit=cleaned("Unit"),
        reference_year=pl.col("Year").cast(pl.Int32),
        published_value=_cell("Value"),
        notes=notes,
        is_estimated=notes.str.contains(r"(?i)^estimated\s?(\.|from\b)|\bestimated\.\s*$"),
    )
    return _finished(file, frame, figures, account)


def read_by_commodity_2023(file: OpenFile) -> Tables:
    """One CSV per commodity, editions 2023 and 2024; see `by_commodity`.

    Raises:
        SourceError: name, encoding, header, or a value that is neither a number nor a known token.
    """
    frame, figures, without = read_by_commodity(file)
    account = _account(without, pl.col("not_used_reason"))
    return _finished(file, frame, figures, account)


def _finished(
    file: OpenFile, records: pl.DataFrame, figures: pl.DataFrame, account: pl.DataFrame
) -> Tables:
    world = (
        figures.pipe(with_notes_read, file.source)
        .pipe(with_values_parsed, file.source)
        # "Estimated" says how a figure was made: where there is none, it says nothing.
        .with_columns(
            is_estimated=pl.col("is_estimated")
            & pl.any_horizontal(pl.col("value_number", "value_lower", "value_upper").is_not_null())
        )
        .drop("notes", "status_from_note")
        .sort("edition", "source_file", "file_row", "statistic", "reference_year")
    )
    counted = file.file_rows(records.height)
    return {"world_figure": world, "row_account": account, "file_rows": counted}


LAYOUTS: dict[str, Layout] = {
    "by_commodity": read_by_commodity_2023,
    "wide_2025": read_wide_2025,
    "long_2026": read_long_2026,
}
