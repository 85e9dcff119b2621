"""A workbook that would burst the memory is refused by a process of its own; an ordinary one is read."""

import io
import time
import zipfile
from collections.abc import Mapping

import pytest

from sources.reading import workbook
from sources.reading.catalog import load_source
from sources.reading.errors import SourceError
from sources.reading.workbook import grid, open_workbook

SOURCE = load_source("world_bank_pink_sheet")
NAMESPACE = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
PARTS = {
    "[Content_Types].xml": (
        '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Override PartName="/xl/workbook.xml" ContentType='
        '"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/></Types>'
    ),
    "_rels/.rels": (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        '<Relationship Id="rId1" Type='
        '"http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" '
        'Target="xl/workbook.xml"/></Relationships>'
    ),
    "xl/workbook.xml": (
        f'<workbook {NAMESPACE} xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">'
        '<sheets><sheet name="S" sheetId="1" r:id="rId1"/></sheets></workbook>'
    ),
    "xl/_rels/workbook.xml.rels": (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        '<Relationship Id="rId1" Type='
        '"http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" '
        'Target="worksheets/sheet1.xml"/></Relationships>'
    ),
}


def made(*cells: str, **more: bytes) -> bytes:
    """A workbook of one sheet with a 7 in each of these cells."""
    rows = "".join(
        f'<row r="{cell.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")}"><c r="{cell}"><v>7</v></c></row>'
        for cell in cells
    )
    return of_rows(rows, more=more)


def of_rows(
    rows: str, place: str = "worksheets/sheet1.xml", more: Mapping[str, bytes] | None = None
) -> bytes:
    """A workbook of one sheet with these rows, which lies at a place of the archive."""
    sheet = f"<worksheet {NAMESPACE}><sheetData>{rows}</sheetData></worksheet>"
    relations = "xl/_rels/workbook.xml.rels"
    named = {relations: PARTS[relations].replace("worksheets/sheet1.xml", place)}
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in {**PARTS, **named, f"xl/{place}": sheet, **(more or {})}.items():
            archive.writestr(name, content)
    return packed.getvalue()


def test_an_ordinary_workbook_is_read() -> None:
    read = open_workbook(SOURCE, "w.xlsx", made("A1", "B3"))
    assert grid(SOURCE, "w.xlsx", read, "S") == [["7", None], [None, None], [None, "7"]]


FIRST = '<row r="1"><c r="A1"><v>7</v></c></row>'
LAST = FIRST + '<row r="1048576"><c r="XFD1048576"><v>7</v></c></row>'
POISONED = {
    # Excel's last cell: between it and A1 lie 17 thousand million.
    "last cell": made("A1", "XFD1048576"),
    "single quotes": of_rows(LAST.replace('"', "'")),
    "spaces": of_rows(LAST.replace("r=", "r = ")),
    "small letters": of_rows(LAST.replace("XFD", "xfd")),
    # The row says where it is, the cell does not.
    "row alone": of_rows(
        '<row r="1"><c r="XFD1"><v>7</v></c></row><row r="1048576"><c><v>7</v></c></row>'
    ),
    "beyond any sheet": of_rows('<row r="1"><c r="A4294967295"><v>7</v></c></row>'),
    "in another folder": of_rows(LAST, "other/sheet1.xml"),
}


@pytest.mark.parametrize("which", POISONED)
def test_a_poisoned_workbook_costs_little(which: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The process that dies of it had room for `MOST_BYTES`, by the kernel's own limit."""
    monkeypatch.setattr(workbook.fastexcel, "read_excel", lambda _: pytest.fail("it was opened"))
    begun = time.monotonic()
    with pytest.raises(SourceError, match="too large to be opened"):
        open_workbook(SOURCE, "w.xlsx", POISONED[which])
    assert time.monotonic() - begun < 30


def test_parts_packed_to_burst_memory_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three million texts pack to 130 kB; so that they burst it, there is less memory."""
    monkeypatch.setattr(workbook, "MOST_BYTES", 200_000_000)
    texts = b"<sst>" + b"<si><t>x</t></si>" * 3_000_000 + b"</sst>"
    packed = made("A1", **{"xl/sharedStrings.xml": texts})
    assert len(packed) < 200_000
    with pytest.raises(SourceError, match=r"ended with -6: memory allocation of \d+ bytes failed"):
        open_workbook(SOURCE, "w.xlsx", packed)


def test_a_sheet_of_many_empty_cells_is_refused() -> None:
    with pytest.raises(SourceError, match="sheet 'S' with 1,000,000 rows and 6 columns"):
        open_workbook(SOURCE, "w.xlsx", made("A1", "F1000000"))


def test_a_workbook_that_takes_too_long_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook, "MOST_SECONDS", 0.01)
    with pytest.raises(SourceError, match=r"more than 0\.01 seconds"):
        open_workbook(SOURCE, "w.xlsx", made("A1", "B2"))


@pytest.mark.parametrize("content", [b"", b"<html>not here</html>", made("A1")[:400]])
def test_what_is_no_workbook_is_told_as_before(content: bytes) -> None:
    with pytest.raises(SourceError, match="the workbook can't be opened"):
        open_workbook(SOURCE, "w.xlsx", content)
