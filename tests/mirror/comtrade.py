"""UN Comtrade's API as a mirror: filters, the limits of preview and key, its errors. Rows are made by hand."""

import json
from collections.abc import Iterable

from tests.mirror.server import Answer, Mirror

HOST = "comtradeapi.un.org"
KEY = "marked-KEY-5d20"
# The API's columns, in its order, from FORMATS §2.4.
COLUMNS = [
    "typeCode",
    "freqCode",
    "refPeriodId",
    "refYear",
    "refMonth",
    "period",
    "reporterCode",
    "reporterISO",
    "reporterDesc",
    "flowCode",
    "flowDesc",
    "partnerCode",
    "partnerISO",
    "partnerDesc",
    "partner2Code",
    "partner2ISO",
    "partner2Desc",
    "classificationCode",
    "classificationSearchCode",
    "isOriginalClassification",
    "cmdCode",
    "cmdDesc",
    "aggrLevel",
    "isLeaf",
    "customsCode",
    "customsDesc",
    "mosCode",
    "motCode",
    "motDesc",
    "qtyUnitCode",
    "qtyUnitAbbr",
    "qty",
    "isQtyEstimated",
    "altQtyUnitCode",
    "altQtyUnitAbbr",
    "altQty",
    "isAltQtyEstimated",
    "netWgt",
    "isNetWgtEstimated",
    "grossWgt",
    "isGrossWgtEstimated",
    "cifvalue",
    "fobvalue",
    "primaryValue",
    "legacyEstimationFlag",
    "isReported",
    "isAggregate",
]
Row = dict[str, object]


def row(reporter: str, partner: str, code: str, period: str, flow: str, *, value: float) -> Row:
    """One declaration, a total over second partner, transport and customs procedure."""
    known: Row = {
        "typeCode": "C",
        "freqCode": "A" if len(period) == 4 else "M",
        "refPeriodId": int(f"{period}0101" if len(period) == 4 else f"{period}01"),
        "refYear": int(period[:4]),
        "refMonth": 52 if len(period) == 4 else int(period[4:]),
        "period": period,
        "reporterCode": int(reporter),
        "partnerCode": int(partner),
        "partner2Code": 0,
        "flowCode": flow,
        "cmdCode": code,
        "customsCode": "C00",
        "motCode": 0,
        "netWgt": value / 10,
        "primaryValue": value,
        "isReported": False,
    }
    return {name: known.get(name) for name in COLUMNS}


def part_of(total: Row) -> Row:
    """The same declaration once more, of one mode of transport: what the pinned parameters leave out."""
    return {**total, "motCode": 2100}


def publish(mirror: Mirror, rows: Iterable[Row], *, preview_rows: int, keyed_rows: int) -> None:
    """Serve rows at both endpoints, annual and monthly, each cut at its limit."""
    held = list(rows)

    def answer(query: dict[str, str], headers: dict[str, str], limit: int) -> Answer:
        found = [
            item
            for item in held
            if all(
                str(item[name]) in values.split(",")
                for name, values in query.items()
                if name in COLUMNS
            )
        ][: min(limit, int(query.get("maxRecords", limit)))]
        content = {"elapsedTime": "0.1 secs", "count": len(found), "data": found, "error": ""}
        return Answer(json.dumps(content).encode(), "application/json; charset=utf-8")

    def preview(query: dict[str, str], headers: dict[str, str]) -> Answer:
        if "," in query.get("period", ""):
            return _refusal(400, "Only one period can be requested")
        return answer(query, headers, preview_rows)

    def keyed(query: dict[str, str], headers: dict[str, str]) -> Answer:
        if headers.get("ocp-apim-subscription-key") != KEY:
            return _refusal(401, "Access denied due to invalid subscription key.")
        return answer(query, headers, keyed_rows)

    for frequency in ("A", "M"):
        mirror.put(f"https://{HOST}/public/v1/preview/C/{frequency}/HS", preview)
        mirror.put(f"https://{HOST}/data/v1/get/C/{frequency}/HS", keyed)


def _refusal(status: int, message: str) -> Answer:
    content = {"statusCode": status, "message": message}
    return Answer(json.dumps(content).encode(), "application/json", status)
