"""A workbook's cells read from its XML, by nothing that the sources read them with."""

import xml.etree.ElementTree as ET
import zipfile
from pathlib import Path

NAMES = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"


def sheet_cells(path: Path, sheet_name: str) -> dict[str, float | str]:
    """Every cell of a sheet by its name (`BM800`) that holds a number or a text, shared or its own."""
    with zipfile.ZipFile(path) as archive:
        book = ET.fromstring(archive.read("xl/workbook.xml"))
        links = ET.fromstring(archive.read("xl/_rels/workbook.xml.rels"))
        targets = {link.get("Id"): link.get("Target") or "" for link in links}
        [sheet] = [
            targets[found.get(RELATION)]
            for found in book.iter(f"{NAMES}sheet")
            if found.get("name") == sheet_name
        ]
        strings = [
            "".join(text.text or "" for text in item.iter(f"{NAMES}t"))
            for item in ET.fromstring(archive.read("xl/sharedStrings.xml"))
        ]
        root = ET.fromstring(archive.read(f"xl/{sheet.removeprefix('/xl/')}"))
    found: dict[str, float | str] = {}
    for cell in root.iter(f"{NAMES}c"):
        if cell.get("t") == "inlineStr":
            found[cell.get("r") or ""] = "".join(text.text or "" for text in cell.iter(f"{NAMES}t"))
            continue
        value = cell.find(f"{NAMES}v")
        if value is not None and value.text is not None:
            name = cell.get("r") or ""
            is_text = cell.get("t") == "s"
            found[name] = strings[int(value.text)] if is_text else float(value.text)
    return found
