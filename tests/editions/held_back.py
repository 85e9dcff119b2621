"""The book that is held back: a `source.yml` without it, the book as it is, and with a slip of units."""

import csv
import io
import re
from pathlib import Path

SOURCE, HELD = "usgs_mcs", "MCS2026"
TITLE = "U.S. Geological Survey Mineral Commodity Summaries 2026 Data Release"
ITEM = "696a75d5d4be0228872d3bf8"
FILE = "MCS2026_Commodities_Data.csv"
DAY = "2026-02-06"


def hold_back(path: Path) -> None:
    """Take the book out of a copy of USGS's `source.yml`; the mappings go on knowing its labels."""
    text = path.read_text(encoding="utf-8")
    without = re.sub(rf"  - edition: {HELD}\n(?:    .*\n)*", "", text)
    assert without.count("- edition:") == text.count("- edition:") - 1
    path.write_text(without, encoding="utf-8")


def book_of_2026(files: Path) -> bytes:
    """USGS's own file."""
    return (files / SOURCE / "2026" / FILE).read_bytes()


def in_kilograms(content: bytes, commodity: str) -> bytes:
    """The same, one commodity's world figures a thousand times too large: kilograms under a heading of tonnes."""
    reader = csv.DictReader(io.StringIO(content.decode("cp1252"), newline=""))
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, list(reader.fieldnames or []))
    writer.writeheader()
    touched = 0
    for row in reader:
        number = row["Value"].replace(",", "")
        if (
            row["Commodity"].strip() == commodity
            and row["Section"].startswith("World")
            and number.isdigit()
        ):
            row["Value"] = f"{int(number) * 1000:,}"
            touched += 1
        writer.writerow(row)
    assert touched > 10, f"{commodity}: {touched} figures"
    return out.getvalue().encode("cp1252")
