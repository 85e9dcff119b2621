"""How each edition of the Mineral Commodity Summaries is laid out, read into one published form.

One function per layout; each gives every world production figure of the file (`PublishedProduction`),
an account of the records that carry none (`RowAccount`), and how many records there are (`FileRows`). Labels keep the publisher's words; what
they mean is decided in `tidy.py` from `mappings/`.
"""

from collections.abc import Callable

import polars as pl

from sources.catalog import Edition, Source, SourceFile
from sources.errors import SourceError
from sources.files import decode, read_csv
from sources.text import cleaned
from sources.usgs_mcs.notes import with_notes_read
from sources.usgs_mcs.values import with_values_parsed

HEADER_WIDE_2025 = (
    "SOURCE,COMMODITY,COUNTRY,TYPE,UNIT_MEAS,PROD_2023,PROD_EST_ 2024,PROD_NOTES,"
    "CAP_2023,CAP_EST_ 2024,CAP_NOTES,RESERVES_2024,RESERVE_NOTES"
)
HEADER_LONG_2026 = (
    "MCS chapter,Section,Commodity,Country,Statistics,Statistics_detail,Unit,Year,Value,Notes,"
    "Is critical mineral 2025,Other notes"
)

# The world total's stage says `…: rounded` or `…, rounded` where its countries' stage does not.
ROUNDED_SUFFIX = r"(?i)[:,]\s*rounded$"

# The published tables of one file, by name.
Published = dict[str, pl.DataFrame]


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


def _labelled(frame: pl.DataFrame, edition: Edition, source_file: str) -> pl.DataFrame:
    return frame.with_columns(edition=pl.lit(edition.edition), source_file=pl.lit(source_file))


def read_wide_2025(source: Source, edition: Edition, file: SourceFile, content: bytes) -> Published:
    """One wide CSV: a record holds two years of production, capacity and reserves.

    A year's figure is an estimate where the column says so (2024), where the type ends in "estimated"
    or the note says so for 2023, unless the note says "reported".

    Raises:
        SourceError: encoding, header, or a value that is neither a number nor a known token.
    """
    source_file = file.member or file.path.rsplit("/", 1)[-1]
    text = decode(source, source_file, content, "utf-8-sig")
    frame = _labelled(
        read_csv(source, source_file, text, tuple(HEADER_WIDE_2025.split(","))),
        edition,
        source_file,
    )
    notes = cleaned("PROD_NOTES").fill_null("")
    all_estimated = cleaned("TYPE").str.contains(r"(?i)\bestimated$")
    reported = notes.str.contains(r"(?i)^(reported|reproted)\b|, reported$")
    # Two record families hold capacity or reserves only; their TYPE says so.
    no_production = cleaned("TYPE").str.contains(r"(?i)^(plant|clinker|pigment) capacity|^reserves")
    account = _account(
        frame.filter(no_production), pl.lit("record holds capacity or reserves, no production")
    )
    # Year, column, and whether the column's name says "estimated".
    years = [(2023, "PROD_2023", False), (2024, "PROD_EST_ 2024", True)]
    long = pl.concat(
        frame.filter(~no_production).select(
            "edition",
            "source_file",
            file_row=pl.col("row"),
            source_row_id=pl.format("{}:{}:{}:{}", "edition", "source_file", "row", pl.lit(column)),
            published_commodity=cleaned("COMMODITY"),
            published_stage=cleaned("TYPE"),
            published_country=_country("COUNTRY"),
            published_unit=cleaned("UNIT_MEAS"),
            reference_year=pl.lit(year, pl.Int32),
            published_value=_cell(column),
            notes=notes,
            is_estimated=~reported
            & (pl.lit(says_estimated) | all_estimated | notes.str.contains(r"(?i)^estimated\b")),
        )
        for year, column, says_estimated in years
    )
    return _finished(source, frame, long, account)


def read_long_2026(source: Source, edition: Edition, file: SourceFile, content: bytes) -> Published:
    """One long CSV: a record is one figure; world tables are the sections that start with "World".

    Raises:
        SourceError: encoding, header, or a value that is neither a number nor a known token.
    """
    source_file = file.member or file.path.rsplit("/", 1)[-1]
    text = decode(source, source_file, content, "cp1252")
    frame = _labelled(
        read_csv(source, source_file, text, tuple(HEADER_LONG_2026.split(","))),
        edition,
        source_file,
    )
    is_world = cleaned("Section").str.starts_with("World")
    # Four records carry a sentence of the text in place of a table row; it starts in lower case.
    is_sentence = cleaned("Statistics_detail").fill_null("").str.contains(r"^[a-z]")
    is_production = is_world & (pl.col("Statistics") == "Production") & ~is_sentence
    account = _account(
        frame.filter(~is_production),
        pl.when(is_world & is_sentence)
        .then(pl.lit("a sentence of the chapter's text, no row of a table"))
        .when(is_world)
        .then(pl.format("table not built yet: world {}", pl.col("Statistics").str.to_lowercase()))
        .when(pl.col("Section") == "Import Sources")
        .then(pl.lit("table not built yet: US import sources"))
        .otherwise(pl.lit("table not built yet: US salient statistics")),
    )
    notes = cleaned("Notes").fill_null("")
    production = frame.filter(is_production).select(
        "edition",
        "source_file",
        file_row=pl.col("row"),
        source_row_id=pl.format("{}:{}:{}", "edition", "source_file", "row"),
        published_commodity=cleaned("Commodity"),
        published_stage=cleaned("Statistics_detail"),
        published_country=_country("Country"),
        published_unit=cleaned("Unit"),
        reference_year=pl.col("Year").cast(pl.Int32),
        published_value=_cell("Value"),
        notes=notes,
        is_estimated=notes.str.contains(r"(?i)^estimated\s?\.|\bestimated\.\s*$"),
    )
    return _finished(source, frame, production, account)


def _finished(
    source: Source, records: pl.DataFrame, figures: pl.DataFrame, account: pl.DataFrame
) -> Published:
    production = (
        figures.pipe(with_notes_read, source)
        .pipe(with_values_parsed, source)
        # "Estimated" says how a figure was made: where there is none, it says nothing.
        .with_columns(
            is_estimated=pl.col("is_estimated")
            & pl.any_horizontal(pl.col("value_number", "value_lower", "value_upper").is_not_null())
        )
        .drop("notes", "status_from_note")
        .sort("edition", "source_file", "file_row", "reference_year")
    )
    file_rows = records.group_by("edition", "source_file").agg(file_rows=pl.len())
    return {"production": production, "row_account": account, "file_rows": file_rows}


LAYOUTS: dict[str, Callable[[Source, Edition, SourceFile, bytes], Published]] = {
    "wide_2025": read_wide_2025,
    "long_2026": read_long_2026,
}


def read_file(source: Source, edition: Edition, file: SourceFile, content: bytes) -> Published:
    """Read one file by the layout that `source.yml` names.

    Raises:
        SourceError: `layout` is not one of `LAYOUTS`, or the file is refused by its layout.
    """
    if file.layout not in LAYOUTS:
        raise SourceError(
            source=source.source_id,
            problem="unknown layout",
            where=f"source.yml, {edition.edition}, {file.path}",
            expected=", ".join(sorted(LAYOUTS)),
            got=file.layout,
            next_step="correct `layout`, or write the layout in sources/usgs_mcs/layouts.py",
        )
    return LAYOUTS[file.layout](source, edition, file, content)
