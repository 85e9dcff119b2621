"""Layouts of figures 2 and 3 and tables T4 to T7 of the MCS from 2026 on: small CSVs, UTF-8 with BOM.

Their prose (applications, focus areas, notes, links) is read for what it says and left behind.
"""

import re

import polars as pl

from sources.reading.mappings import mapping
from sources.reading.open_file import Layout, OpenFile, Tables
from sources.reading.text import cleaned
from sources.usgs_mcs_us.shaping import (
    IMPORTS_FROM,
    IMPORTS_TO,
    cleaned_cell,
    grid,
    shortened,
    year_of,
)

# A book tells of the year before it, and of imports over the four years before that.
HEADERS = {
    "figure_2": (
        "Source,Import_Share_Order,Commodity,Net_Import_Reliance_pct_{last},"
        "Major_Import_Sources_{from}_{to},Notes"
    ),
    "figure_3": "Source,Commodity,Import_Source_{from}_{to},Percent,NIR,Critical_Mineral",
    "t4": "Country,Control_Type,Commodity_Year,Data_source,Notes",
    "t5": "Country,Agreement,Signing_date,Signing_date,Focus_area,Source",
    "t6": "Source,Critical_Mineral,Primary_Applications,Category_Note",
    "t7": (
        "Source,Year,Units,Critical_mineral,Primary_prod,Secondary_prod,Prod_notes,"
        "Apparent_Consumption,Consumption_Notes,Net_Import_Reliance,Primary_import_sources_{from}-{to},"
        "Import_source_notes,Leading_source_country,Leading_country_prod,"
        "Leading_source_precent_world,World_total_prod,World_prod_notes"
    ),
}
FIGURE_REASONS = {
    "figure_2": "figure 2 repeats the chapters' net import reliance",
    "figure_3": "figure 3 repeats the chapters' import sources",
}
# Measure of T7: column of the value, column of its country, column of its note.
T7_MEASURES = {
    "primary_production": ("Primary_prod", None, "Prod_notes"),
    "secondary_production": ("Secondary_prod", None, "Prod_notes"),
    "apparent_consumption": ("Apparent_Consumption", None, "Consumption_Notes"),
    "net_import_reliance": ("Net_Import_Reliance", None, None),
    "primary_import_source": (None, "Primary_import_sources", "Import_source_notes"),
    "leading_country_production": ("Leading_country_prod", "Leading_source_country", None),
    "leading_country_share": ("Leading_source_precent_world", "Leading_source_country", None),
    "world_production": ("World_total_prod", None, "World_prod_notes"),
}
# Chapter that the note of T6 names. Each must be one of these beginnings.
CHAPTER_NOTES = {
    "": "no_note",
    "Included in the Rare Earths chapter": "rare_earths_chapter",
    "Included in the Platinum-Group Metals chapter": "platinum_group_chapter",
    "Included in the 2025 Final List of Critical Minerals but does not have a chapter": "no_chapter",
}
_GROUP = re.compile(r"\s*(?:and\s+)?(?P<words>.+?)\s*\((?P<year>\d{4})\)\s*[.,]?")
_YEARS = re.compile(r"_\d{4}(?:[-_]\d\d)?$")
_THROUGH = re.compile(r"data available through (\w+ \d{1,2}, \d{4})")


def _records(file: OpenFile) -> pl.DataFrame:
    """Records under the header of the edition's year, the years taken out of its names."""
    year = year_of(file)
    imports = {"from": year - IMPORTS_FROM, "to": f"{(year - IMPORTS_TO) % 100:02d}"}
    years = {"last": year - 1, **imports}
    header = HEADERS[file.pin.layout].format(**years).split(",")
    return file.records(header, "utf-8-sig").rename(lambda name: _YEARS.sub("", name))


def read_figure(file: OpenFile) -> Tables:
    """Figures 2 and 3: counted, not used, since they repeat the chapters with rounding and gaps.

    Raises:
        SourceError: encoding or header.
    """
    frame = _records(file)
    return {
        "row_account": file.account({FIGURE_REASONS[file.pin.layout]: frame.height}),
        "file_rows": file.file_rows(frame.height),
    }


def read_t4(file: OpenFile) -> Tables:
    """Export controls: `Bauxite (2023), and nickel ore (2020).` gives one row per group and year.

    Raises:
        SourceError: encoding, header, or a text that is no list of groups with their years.
    """
    frame = _records(file)
    rows: list[dict[str, object]] = []
    unread: list[str] = []
    for line in frame.iter_rows(named=True):
        text = cleaned_cell(line["Commodity_Year"] or "")
        found = list(_GROUP.finditer(text))
        through = _THROUGH.search(line["Notes"] or "")
        if not found or _GROUP.sub("", text).strip() or not through:
            unread.append(f"row {line['file_row']}, {line['Country']}: {text[:80]!r}")
            continue
        rows += [
            {
                **{name: line[name] for name in ("edition", "source_file", "file_row")},
                "item": item,
                "published_country": cleaned_cell(line["Country"] or ""),
                "published_control": cleaned_cell(line["Control_Type"] or ""),
                "published_commodity": shortened(group["words"]),
                "published_year": int(group["year"]),
                "through": through[1],
            }
            for item, group in enumerate(found, 1)
        ]
    file.refuse(
        unread,
        problem="lists of commodities that can't be read",
        expected="groups of commodities, each followed by its year in brackets, and the date of the data",
        got=f"{len(unread)} lines that are not",
        next_step="adapt read_t4 in sources/usgs_mcs_us/side_tables.py to the new wording",
    )
    published = pl.DataFrame(rows).with_columns(
        data_through=pl.col("through").str.to_date("%B %d, %Y", strict=False)
    )
    return {"export_control": published, "file_rows": file.file_rows(frame.height)}


def read_t5(file: OpenFile) -> Tables:
    """Trade agreements: names and both spellings of the date, whose columns bear one name.

    Raises:
        SourceError: encoding, ragged lines, or header.
    """
    header, lines = grid(file)
    if ",".join(header) != HEADERS["t5"]:
        raise file.error(
            problem="the header is not the one of this edition",
            where=f"{file.name} ({file.edition.edition}), row 1",
            expected=HEADERS["t5"],
            got=",".join(header)[:300],
            next_step="compare with the file of the edition before, and adapt sources/usgs_mcs_us/side_tables.py",
        )
    rows = [
        {
            "file_row": number,
            "published_country": cleaned_cell(country),
            "published_agreement": shortened(cleaned_cell(agreement)),
            "published_date": cleaned_cell(date),
            "published_date_iso": cleaned_cell(date_iso),
        }
        for number, (country, agreement, date, date_iso, *_) in enumerate(lines, 2)
    ]
    return {
        "trade_agreement": file.placed(pl.DataFrame(rows)),
        "file_rows": file.file_rows(len(lines)),
    }


def read_t6(file: OpenFile) -> Tables:
    """The list of critical minerals: names, and which chapter the note names.

    Raises:
        SourceError: encoding, header, or a note that names no chapter we know.
    """
    frame = _records(file)
    note = cleaned("Category_Note").fill_null("")
    code = pl.when(note == "").then(pl.lit(CHAPTER_NOTES[""]))
    for beginning, chapter in CHAPTER_NOTES.items():
        if beginning:
            code = code.when(note.str.starts_with(beginning)).then(pl.lit(chapter))
    coded = frame.with_columns(chapter_code=code, published_mineral=cleaned("Critical_Mineral"))
    unknown = [
        f"row {row['file_row']}, {row['published_mineral']}: {row['Category_Note'][:60]!r}"
        for row in coded.filter(pl.col("chapter_code").is_null()).iter_rows(named=True)
    ]
    file.refuse(
        unknown,
        problem="notes that name no chapter we know",
        expected="a beginning of CHAPTER_NOTES",
        got=f"{len(unknown)} lines that are not",
        next_step="add the note to CHAPTER_NOTES in sources/usgs_mcs_us/side_tables.py",
    )
    columns = ["edition", "source_file", "file_row", "published_mineral", "chapter_code"]
    return {
        "critical_mineral": coded.select(columns),
        "file_rows": file.file_rows(frame.height),
    }


def read_t7(file: OpenFile) -> Tables:
    """Salient figures of critical minerals: one row per mineral and measure.

    A footnote digit after the mineral's name goes. The year reads `2025_estimated`, so all is estimated.

    Raises:
        SourceError: encoding, header, a year or unit of another kind, or a note that is not declared.
    """
    frame, told_of = _records(file), str(year_of(file) - 1)
    notes = mapping(file.source, "t7_notes").drop_nulls("note")
    codes = {
        (measure, note): code
        for measure, note, code in notes.select("measure", "note", "note_code").iter_rows()
    }
    rows: list[dict[str, object]] = []
    odd: list[str] = []
    for line in frame.iter_rows(named=True):
        cell = {name: cleaned_cell(text) for name, text in line.items() if isinstance(text, str)}
        mineral = re.sub(r"\d+$", "", cell.get("Critical_mineral", ""))
        if (
            line["Year"] != f"{told_of}_estimated"
            or cell.get("Units") != "metric tons"
            or not mineral
        ):
            odd.append(f"row {line['file_row']}, {mineral}: {line['Year']!r}, {line['Units']!r}")
            continue
        for measure, (value, country, note) in T7_MEASURES.items():
            said = cell.get(note, "") if note else ""
            if said and (measure, said) not in codes:
                odd.append(f"row {line['file_row']}, {mineral}: {note} says {said!r} of {measure}")
            rows.append(
                {
                    **{name: line[name] for name in ("edition", "source_file", "file_row")},
                    "measure": measure,
                    "published_mineral": mineral,
                    "published_unit": cell["Units"],
                    "reference_year": int(told_of),
                    "published_country": (cell.get(country) or None) if country else None,
                    "published_value": (cell.get(value) or None) if value else None,
                    "note_code": codes.get((measure, said)),
                    "is_estimated": True,
                }
            )
    file.refuse(
        odd,
        problem="lines of another kind",
        expected=f"year `{told_of}_estimated`, unit `metric tons`, and notes of mappings/t7_notes.csv",
        got=f"{len(odd)} lines that are not",
        next_step="look at the line; declare a new note in sources/usgs_mcs_us/mappings/t7_notes.csv",
    )
    return {
        "critical_salient": pl.DataFrame(rows, infer_schema_length=None),
        "file_rows": file.file_rows(frame.height),
    }


LAYOUTS: dict[str, Layout] = {
    "figure_2": read_figure,
    "figure_3": read_figure,
    "t4": read_t4,
    "t5": read_t5,
    "t6": read_t6,
    "t7": read_t7,
}
