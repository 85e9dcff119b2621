"""Hand-made rows for lake tables that stand empty: of what may not be passed on, or is pulled alone, none is embedded."""

import datetime as dt

import polars as pl

from sources.registry import reader_of

_DAY = dt.date(2026, 1, 1)
_IN_FILE = {"edition": "PULL", "source_file": "pull"}
_ROW = {**_IN_FILE, "released_on": _DAY, "file_row": 2, "source_row_id": "PULL:pull:2"}
_ROWS: dict[str, dict[str, object]] = {
    # Germany declares half a tonne of lithium carbonate of Chile.
    "declaration": {
        **_ROW,
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
    },
    # The United States buy half a tonne of Chinese graphite.
    "month_trade": {
        **_ROW,
        "published_partner": "CHINA",
        "published_value": "1100",
        "published_quantity": "500",
        "published_unit": "KG",
        "reporter_iso3": "USA",
        "partner_iso3": "CHN",
        "flow": "import",
        "hs_code": "2504105000",
        "hs6": "250410",
        "reference_year": 2025,
        "reference_month": 5,
        "value": 1100.0,
        "currency": "USD",
        "quantity": 500.0,
        "quantity_unit": "kilograms",
        "quantity_tonnes_gross": 0.5,
        "quantity_status": "numeric",
        "derivation": "as_published",
    },
    # A line that came into the list later.
    "line_not_asked": {"edition": "PULL", "released_on": _DAY, "hs6": "250410"},
    # Germany hides from where it bought of the line.
    "secret_trade": {
        "edition": "PULL",
        "released_on": _DAY,
        "reporter_iso3": "DEU",
        "partner_label": "QZ",
        "visible_digits": "250410",
        "hidden": "partner",
        "reference_year": 2025,
        "reference_month": 5,
        "file_rows": 1,
    },
}
_NOT_USED = [
    {**_IN_FILE, "label": code, "not_used_reason": "total over all partners", "file_rows": 1}
    for code in ("283691", "283692")
]
# A row for a mart that stands empty and refuses nulls, as `insert` takes it.
PLANTED_SQL = {
    "marts.fct_trade_month": (
        "by name select '' as source_row_id, 's' as source_id, 'M' as edition, "
        "date '2026-01-01' as released_on, true as is_current_edition, 'import' as flow, "
        "'USA' as reporter_iso3, '' as reporter_name, 'CHN' as partner_iso3, '' as partner_name, "
        "'2504105000' as hs_code, '250410' as hs6, '' as mineral_ids, false as is_mixed_line, "
        "2025 as reference_year, 5 as reference_month, 1 as value, 'USD' as currency, "
        "'numeric' as quantity_status, '' as published_partner, '' as published_value, "
        "'as_published' as derivation, '' as source_file"
    )
}
# Models that an embedded build leaves without a row.
EMPTY = (
    "staging.stg_un_comtrade__paired_",
    "intermediate.int_trade__reconciled_",
    *PLANTED_SQL,
)
# Marts that an embedded build fills with reasons alone.
REASONS_ALONE = {"marts.mart_trade_month", "marts.mart_control_window"}


def planted(source_id: str, table: str) -> pl.DataFrame:
    """Rows for a lake table of a source that satisfy its schema, and add up with its other tables."""
    schema = reader_of(source_id).lake[table].create_empty().schema
    listed = {"not_used": _NOT_USED, "file_rows": [{**_IN_FILE, "file_rows": 3}]}
    given = listed.get(table) or [_ROWS[table]]
    rows = [{name: {"source_id": source_id, **row}.get(name) for name in schema} for row in given]
    return pl.DataFrame(rows, schema=schema)
