"""Hand-made files in each layout of the study, and what every refusal must say.

The headers are typed from FORMATS.md, not imported: a change of the reader must not change its test.
"""

from functools import partial

import polars as pl
import publisher_files

from sources.eu_crm.reader import READER
from sources.reading.catalog import SourceFile, load_source

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


assert_error_says = partial(publisher_files.assert_error_says, source="eu_crm")
