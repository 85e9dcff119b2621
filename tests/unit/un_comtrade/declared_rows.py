"""Hand-made rows in every shape of UN Comtrade; no row of it enters the repo.

The API's columns are typed from FORMATS.md, not imported: a change of the reader must not change its test.
"""

import csv
import gzip
import io
import json
from typing import Any

import polars as pl
import pytest

from sources.reading.catalog import Edition, SourceFile, load_source
from sources.reading.errors import SourceError
from sources.un_comtrade.reader import READER

SOURCE = load_source("un_comtrade")
EDITION = SOURCE.editions[0]
HEADER = (
    "typeCode,freqCode,refPeriodId,refYear,refMonth,period,reporterCode,reporterISO,reporterDesc,flowCode,"
    "flowDesc,partnerCode,partnerISO,partnerDesc,partner2Code,partner2ISO,partner2Desc,classificationCode,"
    "classificationSearchCode,isOriginalClassification,cmdCode,cmdDesc,aggrLevel,isLeaf,customsCode,"
    "customsDesc,mosCode,motCode,motDesc,qtyUnitCode,qtyUnitAbbr,qty,isQtyEstimated,altQtyUnitCode,"
    "altQtyUnitAbbr,altQty,isAltQtyEstimated,netWgt,isNetWgtEstimated,grossWgt,isGrossWgtEstimated,"
    "cifvalue,fobvalue,primaryValue,legacyEstimationFlag,isReported,isAggregate"
)
API = HEADER.split(",")
# Germany imports 1,100 dollars and half a tonne of lithium carbonate from Chile, CIF.
PLAIN = {
    "typeCode": "C",
    "freqCode": "A",
    "refPeriodId": "20240101",
    "refYear": "2024",
    "refMonth": "52",
    "period": "2024",
    "reporterCode": "276",
    "flowCode": "M",
    "partnerCode": "152",
    "partner2Code": "0",
    "classificationCode": "H6",
    "cmdCode": "283691",
    "customsCode": "C00",
    "motCode": "0",
    "qtyUnitCode": "8",
    "qty": "500.0",
    "isQtyEstimated": "False",
    "netWgt": "500.0",
    "isNetWgtEstimated": "False",
    "cifvalue": "1100.0",
    "fobvalue": "",
    "primaryValue": "1100.0",
    "isReported": "True",
    "isAggregate": "False",
}


def row(**changed: str) -> dict[str, str]:
    """One row of the API, all 47 columns."""
    return {name: {**PLAIN, **changed}.get(name, "") for name in API}


def api_csv(*rows: dict[str, str], beside: tuple[str, ...] = ()) -> bytes:
    buffer = io.StringIO(newline="")
    writer = csv.DictWriter(buffer, [*API, *beside], restval="x", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return buffer.getvalue().encode()


def api_json(*rows: dict[str, Any], **more: Any) -> bytes:
    return json.dumps(
        {"elapsedTime": "0.1 secs", "count": len(rows), "data": rows, **more}
    ).encode()


def api_parquet(frame: pl.DataFrame) -> bytes:
    buffer = io.BytesIO()
    frame.write_parquet(buffer)
    return buffer.getvalue()


def bulk(*lines: str, header: str = "reporter,partner,cmd,flow,value,netwgt") -> bytes:
    return gzip.compress(("\n".join([header, *lines]) + "\n").encode())


# Published tables that a file of another kind does not fill.
NOTHING = {
    table: pl.DataFrame(schema=schema.create_empty().schema)
    for table, schema in READER.published.items()
}


def read(
    content: bytes, layout: str, path: str = "un_comtrade/bulk_2024.csv.gz"
) -> dict[str, pl.DataFrame]:
    """Published tables of one hand-made file."""
    file = SourceFile(table="declaration", path=path, layout=layout, sha256="0" * 64)
    edition = Edition.model_validate({**EDITION.model_dump(), "files": [file.model_dump()]})
    return READER.read_file(SOURCE, edition, file, content)


def lake(
    content: bytes, layout: str, path: str = "un_comtrade/bulk_2024.csv.gz"
) -> dict[str, pl.DataFrame]:
    """Lake tables of one hand-made file."""
    return READER.lake_tables({**NOTHING, **read(content, layout, path)})


def refusal(content: bytes, layout: str, path: str = "un_comtrade/bulk_2024.csv.gz") -> str:
    """What the one error says, from bytes to the lake."""
    with pytest.raises(SourceError) as raised:
        lake(content, layout, path)
    text = str(raised.value)
    for part in ("un_comtrade: ", "  where:    ", "  expected: ", "  got:      ", "  next:     "):
        assert part in text, text
    return text
