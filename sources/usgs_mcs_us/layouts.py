"""How each edition's US salient statistics and import sources are laid out, read into one published form.

One function per layout; each gives the published tables of the file, an account of the records that
carry no figure we publish (`RowAccount`), and how many records there are (`FileRows`). Labels keep the
publisher's words; what they mean is decided in `tidy.py` from `mappings/`. Figures 2 and 3 and the
tables T4 to T7 of 2026 are read in `side_tables.py`.
"""

import re

import polars as pl

from sources.reading.mappings import mapping
from sources.reading.open_file import Layout, OpenFile, Tables
from sources.reading.refusals import refuse_rows
from sources.reading.text import cleaned
from sources.usgs_mcs_us import side_tables
from sources.usgs_mcs_us.schema import PublishedSalient
from sources.usgs_mcs_us.shaping import cleaned_cell, grid, shortened, year_of

HEADER_LONG_2026 = (
    "MCS chapter,Section,Commodity,Country,Statistics,Statistics_detail,Unit,Year,Value,Notes,"
    "Is critical mineral 2025,Other notes"
)
# Bauxite 2025 says `Source`, every other salient file `DataSource`.
SALIENT_HEADS = (["DataSource", "Commodity", "Year"], ["Source", "Commodity", "Year"])
WORLD_HEAD = ["Source", "Country", "Type"]
LABEL_COLUMNS = len(SALIENT_HEADS[0])
SALIENT_SECTION = "Salient Statistics—United States"
IMPORT_SECTION = "Import Sources"
# A book prints the five years before it.
SALIENT_YEARS = 5
# A note that begins so says that the figure is an estimate; the word elsewhere speaks of something else.
ESTIMATED_NOTE = r"(?i)^estimated\b"
_ESTIMATE_PREFIX = re.compile(r"^e(?=\d)")


def read_salient_wide(file: OpenFile) -> Tables:
    """One wide CSV per commodity: a line is a year, a column a measure.

    Blank lines and columns without a name or a value are counted, and skipped. A file that holds a world
    table is passed over where `mappings/misfiled.csv` declares it.

    Raises:
        SourceError: encoding, ragged lines, a file of another kind, or a year that is none of the
            five before the edition.
    """
    header, lines = grid(file)
    head = header[:LABEL_COLUMNS]
    listed = mapping(file.source, "misfiled").filter(
        edition=file.edition.edition, source_file=file.name
    )
    declared = next(iter(listed["not_used_reason"]), None)
    if head == WORLD_HEAD and declared:
        return {
            "row_account": file.account({declared: len(lines)}),
            "file_rows": file.file_rows(len(lines)),
        }
    if head not in SALIENT_HEADS or declared:
        raise file.error(
            problem="the file is no table of US salient statistics",
            where=f"{file.name} ({file.edition.edition}), row 1",
            expected=(
                f"a world table, as declared in mappings/misfiled.csv ({declared})"
                if declared
                else f"a header that begins {','.join(SALIENT_HEADS[0])}"
            ),
            got=",".join(header)[:200],
            next_step=(
                "fetch the file again; if the publisher filed another table under this name, declare it "
                "in sources/usgs_mcs_us/mappings/misfiled.csv (or remove it there once mended)"
            ),
        )
    return _salient_figures(file, header, lines)


def _refuse_other_years(file: OpenFile, years: list[tuple[int, str | None]]) -> None:
    """Stop at years that are none of the five before the edition: columns or years may be shifted."""
    book = year_of(file)
    allowed = [str(year) for year in range(book - SALIENT_YEARS, book)]
    offenders = [f"row {n}: {year!r}" for n, year in years if year not in allowed]
    file.refuse(
        offenders,
        problem="years that the table of this edition can't hold",
        where=f"{file.name} ({file.edition.edition}), column Year",
        expected=f"{', '.join(allowed)}, as four digits",
        got=f"{len(offenders)} lines without",
        next_step=(
            "look at the file: columns may be shifted; fetch it again; if the publisher prints more years now, "
            "adapt sources/usgs_mcs_us/layouts.py"
        ),
    )


def _salient_figures(file: OpenFile, header: list[str], lines: list[list[str]]) -> Tables:
    filled = [(n, [cleaned_cell(cell) for cell in line]) for n, line in enumerate(lines, 2)]
    filled = [(n, line) for n, line in filled if any(line)]
    _refuse_other_years(file, [(n, line[2]) for n, line in filled])
    columns = range(LABEL_COLUMNS, len(header))
    used = [c for c in columns if header[c] or any(line[c] for _, line in filled)]
    last_year = max((int(line[2]) for _, line in filled), default=0)
    figures = [
        {
            "edition": file.edition.edition,
            "source_file": file.name,
            "file_row": n,
            "file_column": c + 1,
            "published_commodity": line[1],
            "published_statistic": None,
            "published_measure": shortened(header[c]) or None,
            "published_unit": header[c].rpartition("_")[2] or None,
            "reference_year": int(line[2]),
            "published_value": _ESTIMATE_PREFIX.sub("", line[c]) or None,
            # The last year of the printed table is headed "e"; a cell may carry an "e" of its own.
            "is_estimated": int(line[2]) == last_year or bool(_ESTIMATE_PREFIX.match(line[c])),
        }
        for n, line in filled
        for c in used
    ]
    blank_lines = len(lines) - len(filled)
    counts = {
        "blank line": blank_lines * len(columns),
        "column without a name or a value": len(filled) * (len(columns) - len(used)),
    }
    return {
        "salient": pl.DataFrame(figures, schema=PublishedSalient.create_empty().schema),
        "row_account": file.account(counts),
        "file_rows": file.file_rows(len(lines) * len(columns)),
    }


def read_commodities_2026(file: OpenFile) -> Tables:
    """One long CSV: a line is one figure; US statistics and import sources are two of its sections.

    Raises:
        SourceError: encoding, header, a section that is none of the three kinds, or a year that is none of the
            five before the edition.
    """
    frame = file.records(HEADER_LONG_2026.split(","), "cp1252").with_columns(
        section=cleaned("Section"),
        notes=cleaned("Notes").fill_null(""),
        published_value=pl.when(cleaned("Value") != "").then(cleaned("Value")),
    )
    is_world = pl.col("section").str.starts_with("World")
    refuse_rows(
        frame.filter(~is_world & ~pl.col("section").is_in([SALIENT_SECTION, IMPORT_SECTION])),
        file.source,
        "sections that this layout does not have",
        where="{files}, column Section",
        by=["section"],
        row="{section!r}: {count} lines, from row {first}",
        expected=f"{SALIENT_SECTION!r}, {IMPORT_SECTION!r}, or one that starts with 'World'",
        got="{rows} lines in others",
        next_step="compare with the file of the edition before, and adapt sources/usgs_mcs_us/layouts.py",
    )
    estimated = (
        pl.col("notes").str.contains(ESTIMATED_NOTE) & pl.col("published_value").is_not_null()
    )
    statistics = frame.filter(section=SALIENT_SECTION)
    _refuse_other_years(file, statistics.select("file_row", "Year").rows())
    salient = statistics.select(
        "edition",
        "source_file",
        "file_row",
        file_column=pl.lit(0, pl.UInt16),
        published_commodity=cleaned("Commodity"),
        published_statistic=cleaned("Statistics"),
        published_measure=cleaned("Statistics_detail").map_elements(shortened, pl.String),
        published_unit=cleaned("Unit"),
        reference_year=pl.col("Year").cast(pl.Int32),
        published_value="published_value",
        is_estimated=estimated,
    )
    imports = frame.filter(section=IMPORT_SECTION).select(
        "edition",
        "source_file",
        "file_row",
        published_commodity=cleaned("Commodity"),
        published_form=cleaned("Statistics_detail").map_elements(shortened, pl.String),
        published_partner=cleaned("Country"),
        published_period=cleaned("Year"),
        published_unit=cleaned("Unit"),
        published_value="published_value",
        is_estimated=estimated,
        includes_hong_kong=(cleaned("Country") == "China")
        & pl.col("notes").str.contains("Includes Hong Kong"),
    )
    world = frame.filter(is_world).height
    return {
        "salient": salient,
        "import_source": imports,
        "row_account": file.account({"world table: read by the source usgs_mcs": world}),
        "file_rows": file.file_rows(frame.height),
    }


LAYOUTS: dict[str, Layout] = {
    "salient_wide": read_salient_wide,
    "commodities_2026": read_commodities_2026,
    **side_tables.LAYOUTS,
}
