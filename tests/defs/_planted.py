"""Hand-made rows for lake tables that stand empty: of a source that may not be passed on nothing is embedded."""

import datetime as dt

import polars as pl

from sources.un_comtrade.reader import READER

_FILE = {"edition": "PULL", "source_file": "un_comtrade/pull.json"}
_ROWS: dict[str, list[dict[str, object]]] = {
    # Germany declares half a tonne of lithium carbonate of Chile.
    "declaration": [
        {
            **_FILE,
            "source_id": "un_comtrade",
            "released_on": dt.date(2026, 1, 1),
            "file_row": 2,
            "source_row_id": "PULL:un_comtrade/pull.json:2",
            "published_reporter": "276",
            "published_partner": "152",
            "published_value": "1100",
            "published_unit": "USD",
            "reporter_iso3": "DEU",
            "partner_iso3": "CHL",
            "hs6": "283691",
            "flow": "import",
            "reference_year": 2024,
            "value_usd": 1100.0,
            "value_basis": "cif",
            "value_status": "numeric",
            "quantity_tonnes_gross": 0.5,
            "quantity_status": "numeric",
            "quantity_source": "net_weight",
            "derivation": "as_published",
            "file_rows": 1,
        }
    ],
    "not_used": [
        {
            **_FILE,
            "source_id": "un_comtrade",
            "label": code,
            "not_used_reason": "total over all partners",
            "file_rows": 1,
        }
        for code in ("283691", "283692")
    ],
    "file_rows": [{**_FILE, "file_rows": 3}],
}


def planted(table: str) -> pl.DataFrame:
    """Rows for a lake table of UN Comtrade that satisfy its schema."""
    schema = READER.lake[table].create_empty().schema
    rows = [{name: row.get(name) for name in schema} for row in _ROWS[table]]
    return pl.DataFrame(rows, schema=schema)
