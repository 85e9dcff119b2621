"""The book that is held back, as it is and with a slip of units."""

import csv
import io
from pathlib import Path

SOURCE, HELD = "usgs_mcs", "MCS2026"
TITLE = "U.S. Geological Survey Mineral Commodity Summaries 2026 Data Release"


def book_of_2026(files: Path) -> bytes:
    """USGS's own file."""
    return (files / "usgs_mcs" / "2026" / "MCS2026_Commodities_Data.csv").read_bytes()


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
