"""Eurostat's files API as a mirror: a 7z archive a month, 404 for one that is not out. Rows are made by hand."""

import io
from collections.abc import Iterable, Mapping

import py7zr

from tests.mirror.server import Answer, Mirror

HOST = "ec.europa.eu"
FILES = f"https://{HOST}/eurostat/api/dissemination/files"
FOLDER = "comext/COMEXT_DATA/PRODUCTS"
COLUMNS = (
    "REPORTER,PARTNER,TRADE_TYPE,PRODUCT_NC,PRODUCT_SITC,PRODUCT_CPA21,PRODUCT_CPA22,PRODUCT_BEC,PRODUCT_BEC5,"
    "PRODUCT_SECTION,FLOW,STAT_PROCEDURE,SUPPL_UNIT,PERIOD,VALUE_EUR,VALUE_NAC,QUANTITY_KG,QUANTITY_SUPPL_UNIT"
)
UNION = [
    "AT",
    "BE",
    "BG",
    "CY",
    "CZ",
    "DE",
    "DK",
    "EE",
    "ES",
    "FI",
    "FR",
    "GR",
    "HR",
    "HU",
    "IE",
    "IT",
    "LT",
    "LU",
    "LV",
    "MT",
    "NL",
    "PL",
    "PT",
    "RO",
    "SE",
    "SI",
    "SK",
]


def row(
    reporter: str,
    partner: str,
    code: str,
    euro: int | str,
    kilograms: int | str = 0,
    *,
    month: str = "2025-05",
    flow: str = "1",
    procedure: str = "1",
) -> str:
    """One row of an archive's file."""
    kind = {"XI": "L", "XU": "M"}.get(partner, "I" if partner in UNION else "E")
    period = month.replace("-", "")
    return (
        f"{reporter},{partner},{kind},{code},27822,0899,0899,21,.....,05,{flow},{procedure},NO_SU,{period},"
        f"{euro},{euro},{kilograms},0"
    )


def archive(month: str, rows: Iterable[str], *, header: str = COLUMNS, name: str = "") -> bytes:
    """The archive of a month."""
    packed = io.BytesIO()
    with py7zr.SevenZipFile(packed, "w") as opened:
        text = "\n".join([header, *rows]) + "\n"
        opened.writestr(text, name or f"full_{month.replace('-', '')}.dat")
    return packed.getvalue()


def publish(mirror: Mirror, archives: Mapping[str, bytes]) -> None:
    """Serve archives by month; in place of those that were served before."""
    named = {
        f"{FOLDER}/full_v2_{month.replace('-', '')}.7z": content
        for month, content in archives.items()
    }

    def answer(query: dict[str, str], headers: dict[str, str]) -> Answer:
        content = named.get(query.get("file", ""))
        if content is None:
            return Answer(b"<html>Not found</html>", "text/html", 404)
        return Answer(content)

    mirror.put(FILES, answer)
