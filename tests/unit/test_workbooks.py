"""A workbook that would burst the memory is refused before it is opened; an ordinary one is read."""

import io
import zipfile

import pytest

from sources.reading import workbook
from sources.reading.catalog import load_source
from sources.reading.errors import SourceError
from sources.reading.workbook import MOST_UNPACKED_BYTES, grid, open_workbook

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
    sheet = f"<worksheet {NAMESPACE}><sheetData>{rows}</sheetData></worksheet>"
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in {**PARTS, "xl/worksheets/sheet1.xml": sheet, **more}.items():
            archive.writestr(name, content)
    return packed.getvalue()


def test_an_ordinary_workbook_is_read() -> None:
    read = open_workbook(SOURCE, "w.xlsx", made("A1", "B3"))
    assert grid(SOURCE, "w.xlsx", read, "S") == [["7", None], [None, None], [None, "7"]]


@pytest.mark.parametrize(
    ("cells", "told"),
    [
        # Excel's last cell: between it and A1 lie 17 thousand million.
        (("A1", "XFD1048576"), "1,048,576 rows and 16,384 columns"),
        (("A1", "F1000000"), "1,000,000 rows and 6 columns"),
    ],
)
def test_a_cell_far_outside_is_refused_unopened(
    cells: tuple[str, ...], told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workbook.fastexcel, "read_excel", lambda _: pytest.fail("it was opened"))
    with pytest.raises(SourceError, match="too large to be opened") as refused:
        open_workbook(SOURCE, "w.xlsx", made(*cells))
    assert told in str(refused.value)


def test_parts_packed_to_burst_memory_are_refused_unopened(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook.fastexcel, "read_excel", lambda _: pytest.fail("it was opened"))
    packed = made("A1", **{"xl/sharedStrings.xml": bytes(MOST_UNPACKED_BYTES)})
    assert len(packed) < 1_000_000
    with pytest.raises(SourceError, match=r"200,00\d,\d{3} bytes unpacked"):
        open_workbook(SOURCE, "w.xlsx", packed)


@pytest.mark.parametrize("content", [b"", b"<html>not here</html>", made("A1")[:400]])
def test_what_is_no_workbook_is_told_as_before(content: bytes) -> None:
    with pytest.raises(SourceError, match="the workbook can't be opened"):
        open_workbook(SOURCE, "w.xlsx", content)
