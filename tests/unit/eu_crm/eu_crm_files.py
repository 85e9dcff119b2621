"""Hand-made files in each layout of the study, and what every refusal must say.

The headers are typed from FORMATS.md, not imported: a change of the reader must not change its test.
"""

from collections.abc import Iterable

import polars as pl
import pytest

from sources.eu_crm.reader import READER
from sources.reading.catalog import SourceFile, load_source
from sources.reading.errors import SourceError

SOURCE = load_source("eu_crm")
EDITION = SOURCE.editions[0]
HEADERS = {
    "supply_shares_world": "Material,Stage,Country,Share,t",
    "supply_shares_eu": "Material,Stage,Country,Share,t",
    "criticality": "Material,Year,SR,EI",
    "use_shares": "Material,Application,Share,NACE sector,VA in million €",
    "material_groupings": (
        "screened_material,perm_noXREE_noPGM,perm_noXREE_PGM,perm_XREE_noPGM,perm_XREE_PGM"
    ),
}
NAMES = {
    "supply_shares_world": "fact_GlobalSupplyShares_t.csv",
    "supply_shares_eu": "fact_EUSupplyShares_t.csv",
    "criticality": "dimension_CRMsOverTime.csv",
    "use_shares": "fact_MaterialUseShares.csv",
    "material_groupings": "dimension_ScreenedMatGroupings.csv",
}


def file_of(layout: str) -> SourceFile:
    """The file of `source.yml` that is laid out so."""
    [file] = [file for file in EDITION.files if file.layout == layout]
    return file


def text_of(layout: str, *lines: str, header: str | None = None) -> str:
    """A file's text, CRLF as published."""
    return "\r\n".join([header or HEADERS[layout], *lines, ""])


def read(layout: str, *lines: str) -> dict[str, pl.DataFrame]:
    """Published tables of a hand-made file, in the encoding of the publisher."""
    return READER.read_file(
        SOURCE, EDITION, file_of(layout), text_of(layout, *lines).encode("cp1252")
    )


def assert_error_says(
    raised: pytest.ExceptionInfo[SourceError],
    *,
    problem: str,
    where: str,
    expected: str,
    got: str,
    next_step: str,
    offenders: Iterable[str] = (),
) -> None:
    """The message says source and problem, where, expected, got, every offender, and what to do next."""
    lines = str(raised.value).splitlines()
    assert lines[0].startswith("eu_crm: ")
    assert problem in lines[0]
    parts = {"where": where, "expected": expected, "got": got, "next": next_step}
    for label, part in parts.items():
        [line] = [line for line in lines if line.startswith(f"  {label}:")]
        assert part in line, f"{label!r} says {line!r}"
    listed = [line for line in lines if line.startswith("  - ")]
    for offender in offenders:
        assert any(offender in line for line in listed), f"{offender!r} not in {listed}"
