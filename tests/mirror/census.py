"""The Census Bureau's API of monthly imports as a mirror: filters, keys, 204 for nothing. Rows are made by hand."""

import json
from collections.abc import Iterable

from tests.mirror.server import Answer, Mirror

HOST = "api.census.gov"
KEY = "marked-KEY-7c31"
IMPORTS = f"https://{HOST}/data/timeseries/intltrade/imports/hs"
PAGES = f"https://{HOST}/data/"
Row = dict[str, str]


def row(month: str, code: str, country: str, value: int, quantity: str = "0 KG") -> Row:
    """One code and country of a month; the quantity with its unit."""
    amount, unit = quantity.split()
    groups = country.startswith("00") or country.endswith("XXX")
    return {
        "I_COMMODITY": code,
        "CTY_CODE": country,
        "CTY_NAME": {"-": "TOTAL FOR ALL COUNTRIES", "5700": "CHINA"}.get(country, country),
        "SUMMARY_LVL": "CGP" if groups else "DET",
        "CON_VAL_MO": str(value),
        "CON_QY1_MO": amount,
        "UNIT_QY1": unit,
        "time": month,
        "COMM_LVL": "HS10",
    }


def publish(mirror: Mirror, rows: Iterable[Row]) -> None:
    """Serve rows; in place of those that were served before."""
    held = list(rows)

    def answer(query: dict[str, str], headers: dict[str, str]) -> Answer:
        if query.get("key") != KEY:
            page = "invalid_key.html" if "key" in query else "missing_key.html"
            return Answer(b"", "text/html", 302, {"Location": PAGES + page})
        wanted = query["I_COMMODITY"].removesuffix("*")
        found = [
            each
            for each in held
            if each["time"] == query["time"] and each["I_COMMODITY"].startswith(wanted)
        ]
        if not found:
            return Answer(b"", "application/json", 204)
        # What is asked for, then what was filtered by, the code once more.
        names = [*query["get"].split(","), "COMM_LVL", "I_COMMODITY", "time"]
        lists = [names, *([each[name] for name in names] for each in found)]
        return Answer(json.dumps(lists).encode(), "application/json;charset=utf-8")

    mirror.put(IMPORTS, answer)
    for page in ("invalid_key.html", "missing_key.html"):
        mirror.put(PAGES + page, Answer(b"<html><title>Invalid Key</title></html>", "text/html"))
