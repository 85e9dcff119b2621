"""Hand-made publishers' files in each layout, and what every refusal must say.

The headers are typed from FORMATS.md, not imported: a change of the reader must not change its test.
"""

import csv
import io
from collections.abc import Iterable

import polars as pl
import pytest

from sources.reading import corrections
from sources.reading.catalog import SourceFile, load_source
from sources.reading.errors import SourceError
from sources.usgs_mcs.reader import READER

SOURCE = load_source("usgs_mcs")
EDITIONS = {edition.edition: edition for edition in SOURCE.editions}
EDITION_2025, EDITION_2026 = EDITIONS["MCS2025"], EDITIONS["MCS2026"]
HEADER_2025 = (
    "SOURCE,COMMODITY,COUNTRY,TYPE,UNIT_MEAS,PROD_2023,PROD_EST_ 2024,PROD_NOTES,"
    "CAP_2023,CAP_EST_ 2024,CAP_NOTES,RESERVES_2024,RESERVE_NOTES"
)
HEADER_2026 = (
    "MCS chapter,Section,Commodity,Country,Statistics,Statistics_detail,Unit,Year,Value,Notes,"
    "Is critical mineral 2025,Other notes"
)
WORLD = "World Mine Production and Reserves"
Published = dict[str, pl.DataFrame]
FILE_2025, FILE_2026 = "MCS2025_World_Data.csv", "MCS2026_Commodities_Data.csv"
# Edition and file to row number (header = row 1) to column to cell, as printed.
Records = dict[tuple[str, str], dict[int, dict[str, str]]]


def _csv(header: str, rows: Iterable[list[str]]) -> str:
    buffer = io.StringIO(newline="")
    csv.writer(buffer, lineterminator="\r\n").writerows(rows)
    return header + "\r\n" + buffer.getvalue()


def wide_row(
    country: str,
    first: str,
    second: str,
    notes: str = "",
    *,
    commodity: str = "Lithium ",
    stage: str = "Mine production, lithium content",
    unit: str = "metric tons",
) -> list[str]:
    """One record of 2025: production 2023, production 2024, note; no capacity, no reserves."""
    return ["MCS2025", commodity, country, stage, unit, first, second, notes, "", "", "", "", ""]


def long_row(
    country: str,
    value: str,
    notes: str = "",
    *,
    commodity: str = "Lithium",
    detail: str = "Mine production",
    unit: str = "metric tons",
    year: str = "2024",
    section: str = WORLD,
    statistics: str = "Production",
) -> list[str]:
    """One record of 2026."""
    return [
        commodity.upper(),
        section,
        commodity,
        country,
        statistics,
        detail,
        unit,
        year,
        value,
        notes,
        "Yes",
        "",
    ]


def wide_bytes(*rows: list[str], header: str = HEADER_2025) -> bytes:
    """As published: UTF-8 with BOM, CRLF."""
    return b"\xef\xbb\xbf" + _csv(header, rows).encode("utf-8")


def long_bytes(*rows: list[str], header: str = HEADER_2026) -> bytes:
    """As published: cp1252 (the em dash is byte 0x97), CRLF."""
    return _csv(header, rows).encode("cp1252")


def read_2025(content: bytes) -> Published:
    return READER.read_file(SOURCE, EDITION_2025, EDITION_2025.files[0], content)


def read_2026(content: bytes) -> Published:
    return READER.read_file(SOURCE, EDITION_2026, EDITION_2026.files[0], content)


def read_wide(*rows: list[str]) -> Published:
    return read_2025(wide_bytes(*rows))


def read_long(*rows: list[str]) -> Published:
    return read_2026(long_bytes(*rows))


PAGE = b"<!DOCTYPE html>\r\n<html><head><title>503, Service Unavailable</title></head>\r\n</html>"
LONG = long_bytes(long_row("Chile", "48,900"), long_row("Kenya", "—"))
WIDE = wide_bytes(wide_row("Chile", "41400", "49000"))


def read_small(
    header: str, *rows: str, name: str = "mcs2024-antim_world.csv", edition: str = "MCS2024"
) -> Published:
    """A file of one commodity, editions 2023 and 2024: UTF-8 with BOM, CRLF."""
    file = SourceFile(
        table="world_figure", path=f"x/{name}", layout="by_commodity", sha256="0" * 64
    )
    content = "\r\n".join([header, *rows, ""]).encode("utf-8-sig")
    return READER.read_file(SOURCE, EDITIONS[edition], file, content)


def tidied(published: Published) -> Published:
    """Lake tables of hand-made figures; corrections of commodities that they lack are laid aside."""
    figures = published["world_figure"]
    there = set(zip(figures["edition"], figures["published_commodity"], strict=True))
    kept = tuple(
        entry
        for entry in corrections.corrections(SOURCE)
        if (entry["edition"], entry["published_commodity"]) in there
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(corrections, "corrections", lambda source: kept)
        return READER.lake_tables(published)


def assert_error_says(
    raised: pytest.ExceptionInfo[SourceError],
    *,
    problem: str,
    where: str,
    expected: str,
    got: str,
    next_step: str,
    offenders: Iterable[str] = (),
    source: str = "usgs_mcs",
) -> None:
    """The message says source and problem, where, expected, got, every offender, and what to do next."""
    lines = str(raised.value).splitlines()
    assert lines[0].startswith(f"{source}: ")
    assert problem in lines[0]
    parts = {"where": where, "expected": expected, "got": got, "next": next_step}
    for label, part in parts.items():
        [line] = [line for line in lines if line.startswith(f"  {label}:")]
        assert part in line, f"{label!r} says {line!r}"
    listed = [line for line in lines if line.startswith("  - ")]
    for offender in offenders:
        assert any(offender in line for line in listed), f"{offender!r} not in {listed}"
