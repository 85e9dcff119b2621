"""Hand-made IEA files in both layouts, an own reader of the real ones, and what every refusal must say.

The workbook is written and read here with `zipfile` and XML only: a fault of the library or of our
reader must not hide behind itself.
"""

import copy
import io
import re
import xml.etree.ElementTree as ET
import zipfile
from collections.abc import Iterable
from functools import partial
from pathlib import Path
from xml.sax.saxutils import escape

import publisher_files

from sources.iea_critical_minerals.reader import READER
from sources.reading.catalog import load_source

SOURCE = load_source("iea_critical_minerals")
EDITION_2024, EDITION_2025 = (
    next(edition for edition in SOURCE.editions if edition.edition == name)
    for name in ("GCMO2024", "GCMO2025")
)
WORKBOOK, CONVERSION = "CM_Data_Explorer_May_2024.xlsx", "edition_2025_converted.json"
DEMAND, SUPPLY = "1 Total demand for key minerals", "2 Total supply for key minerals"
OTHER_SHEETS = [
    "3.1 Cleantech demand by tech",
    "3.2 Cleantech demand by mineral",
    "4.1 Solar PV",
    "4.2 Wind",
    "4.3 EV",
    "4.4 Battery storage",
    "4.5 Electricity networks",
    "4.6 Hydrogen",
]
SHEETS = ["Cover", DEMAND, SUPPLY, *OTHER_SHEETS, "Notice"]
ERROR = "#N/A"
Cells = dict[str, str | float]
Sheets = dict[str, Cells]
SPACE = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
LINKS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"


def _row(sheet: Cells, row: int, columns: str, values: Iterable[str | float]) -> None:
    sheet |= {f"{column}{row}": value for column, value in zip(columns, values, strict=True)}


def sheets() -> Sheets:
    """A small whole workbook: one commodity of demand, one block of mining, one of refining."""
    demand: Cells = {
        "A2": "Demand for key energy transition minerals (kt)",
        "D4": "Stated Policies scenario",
        "J4": "Announced Pledges scenario",
        "P4": "Net Zero Emissions by 2050 scenario",
        "A7": "Cobalt",
        "A13": "Notes: Lithium demand is in lithium content.",
    }
    years = [2030, 2035, 2040, 2045, 2050]
    _row(demand, 5, "BDEFGHJKLMNPQRST", [2023, *years * 3])
    rows = [
        ("Electric vehicles", 6),
        ("Total clean technologies", 6),
        ("Other uses", 4),
        ("Total demand", 10),
        ("Share of clean technologies in total demand ", 0.6),
    ]
    for number, (label, value) in enumerate(rows, start=8):
        _row(demand, number, "ABDEFGHJKLMNPQRST", [label, *[value] * 16])
    supply: Cells = {
        "A2": "Total supply for key energy transition minerals, base case (kt)",
        "A6": "Cobalt - Mining",
        "G6": "Cobalt - Refining",
        "A13": "Notes: Supply projections are built from the pipeline of projects.",
        "A14": "“Base case” is assessed through their probability.",
    }
    _row(supply, 4, "BCDEHIJK", [2023, 2030, 2035, 2040] * 2)
    # As in the real block of cobalt, an empty row stands before the rest of the world.
    mining = [("Indonesia", 7, 3), ("Russia", 8, 2), ("Rest of world", 10, 1), ("Total", 11, 6)]
    refining = [
        ("China", 7, 5.5),
        ("Japan", 8, 0),
        ("Rest of world", 10, 0.5),
        ("Total clean technologies", 11, 6),
    ]
    for columns, block in (("ABCDE", mining), ("GHIJK", refining)):
        for label, number, value in [*block, ("Top 3 share", 12, 0.8)]:
            _row(supply, number, columns, [label, *[value] * 4])
    others = {
        name: {"A2": "Title (kt)", "A7": "Base case", "A8": "Copper", "B8": 1.5}
        for name in OTHER_SHEETS
    }
    return {name: {DEMAND: demand, SUPPLY: supply, **others}.get(name, {}) for name in SHEETS}


def changed(sheet: str, **cells: str | float | None) -> Sheets:
    """The small workbook with some cells of one sheet replaced, or removed where None."""
    book = copy.deepcopy(sheets())
    for cell, value in cells.items():
        book[sheet].pop(cell, None)
        if value is not None:
            book[sheet][cell] = value
    return book


def _cell(place: str, value: str | float) -> str:
    if value == ERROR:
        return f'<c r="{place}" t="e"><v>{value}</v></c>'
    if isinstance(value, str):
        return f'<c r="{place}" t="inlineStr"><is><t>{escape(value)}</t></is></c>'
    return f'<c r="{place}"><v>{value!r}</v></c>'


def _place(place: str) -> tuple[int, str]:
    return int(re.sub(r"\D", "", place)), re.sub(r"\d", "", place)


def _sheet_xml(cells: Cells) -> str:
    rows: dict[int, list[str]] = {}
    for place in sorted(cells, key=_place):
        rows.setdefault(_place(place)[0], []).append(_cell(place, cells[place]))
    body = "".join(f'<row r="{row}">{"".join(found)}</row>' for row, found in rows.items())
    return f'<worksheet xmlns="{SPACE}"><sheetData>{body}</sheetData></worksheet>'


def workbook_bytes(book: Sheets) -> bytes:
    """A .xlsx file with these sheets, in this order."""
    numbers = range(1, len(book) + 1)
    office = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    parts = "".join(
        f'<Override PartName="/xl/worksheets/sheet{n}.xml" ContentType="{office}.worksheet+xml"/>'
        for n in numbers
    )
    listed = "".join(
        f'<sheet name="{name}" sheetId="{n}" r:id="rId{n}"/>'
        for n, name in zip(numbers, book, strict=True)
    )
    linked = "".join(
        f'<Relationship Id="rId{n}" Type="{LINKS}/worksheet" Target="worksheets/sheet{n}.xml"/>'
        for n in numbers
    )
    files = {
        "[Content_Types].xml": f'<Types xmlns="{PACKAGE}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{office}.sheet.main+xml"/>{parts}</Types>',
        "_rels/.rels": f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="rId1" '
        f'Type="{LINKS}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{SPACE}" xmlns:r="{LINKS}"><sheets>{listed}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGE}/relationships">{linked}</Relationships>',
    }
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(name, text)
        for number, cells in zip(numbers, book.values(), strict=True):
            archive.writestr(f"xl/worksheets/sheet{number}.xml", _sheet_xml(cells))
    return buffer.getvalue()


def read_workbook(book: Sheets):
    """Published tables of a hand-made workbook."""
    return READER.read_file(SOURCE, EDITION_2024, EDITION_2024.files[0], workbook_bytes(book))


def read_conversion(text: str):
    """Published tables of a hand-made conversion."""
    return READER.read_file(SOURCE, EDITION_2025, EDITION_2025.files[0], text.encode())


def real_cells(path: Path) -> dict[str, dict[str, str]]:
    """Sheet to cell to what is written there, read from a real workbook without our code."""
    tag = f"{{{SPACE}}}"
    with zipfile.ZipFile(path) as archive:
        strings = [
            "".join(part.text or "" for part in item.iter(f"{tag}t"))
            for item in ET.fromstring(archive.read("xl/sharedStrings.xml"))
        ]
        names = [
            str(sheet.get("name"))
            for sheet in ET.fromstring(archive.read("xl/workbook.xml")).iter(f"{tag}sheet")
        ]
        found: dict[str, dict[str, str]] = {}
        for number, name in enumerate(names, start=1):
            found[name] = {}
            for cell in ET.fromstring(archive.read(f"xl/worksheets/sheet{number}.xml")).iter(
                f"{tag}c"
            ):
                value = cell.findtext(f"{tag}v")
                if value is not None:
                    text = strings[int(value)] if cell.get("t") == "s" else value
                    found[name][str(cell.get("r"))] = text
    return found


assert_error_says = partial(publisher_files.assert_error_says, source="iea_critical_minerals")
