"""Hand-made publishers' files in the layouts of the US tables.

Headers are typed from the published files, not imported: a change of the reader must not change its test.
"""

import csv
import io

import polars as pl

from sources.reading.catalog import SourceFile, load_source
from sources.usgs_mcs_us.reader import READER

SOURCE = load_source("usgs_mcs_us")
EDITIONS = {edition.edition: edition for edition in SOURCE.editions}
GALLIUM = "mcs2023-galli_salient.csv"
GALLIUM_HEADER = (
    "DataSource,Commodity,Year,USprod_Primary_kg,Imports_Metal_kg,Imports_GaAs_kg,Exports_kg,"
    "Consump_kg,Price_High-purity_dkg,Price_Low-purity_dkg,Stocks_kg,NIR_pct"
)
LONG = "MCS2026_Commodities_Data.csv"
LONG_HEADER = (
    "MCS chapter,Section,Commodity,Country,Statistics,Statistics_detail,Unit,Year,Value,Notes,"
    "Is critical mineral 2025,Other notes"
)
T4 = "MCS2026_T4_Country_Export_Control.csv"
T4_HEADER = "Country,Control_Type,Commodity_Year,Data_source,Notes"
T4_NOTE = "Includes data available through November 21, 2025, for effective as of January 2026."
T6 = "MCS2026_T6_Critical_Minerals_End_Use.csv"
T7 = "MCS2026_T7_Critical_Minerals_Salient.csv"
T7_HEADER = (
    "Source,Year,Units,Critical_mineral,Primary_prod,Secondary_prod,Prod_notes,Apparent_Consumption,"
    "Consumption_Notes,Net_Import_Reliance,Primary_import_sources_2021-24,Import_source_notes,"
    "Leading_source_country,Leading_country_prod,Leading_source_precent_world,World_total_prod,"
    "World_prod_notes"
)


def pinned(edition: str, name: str) -> SourceFile:
    """The pin of a file by its own name (or its name in the zip)."""
    return next(
        file
        for file in EDITIONS[edition].files
        if (file.member or file.path.rsplit("/", 1)[-1]) == name
    )


def csv_text(header: str, *rows: list[str]) -> str:
    """As published: CRLF."""
    buffer = io.StringIO(newline="")
    csv.writer(buffer, lineterminator="\r\n").writerows(rows)
    return header + "\r\n" + buffer.getvalue()


def read(
    edition: str, name: str, text: str | bytes, encoding: str = "utf-8-sig"
) -> dict[str, pl.DataFrame]:
    """Read hand-made content under the name of a pinned file, by its layout."""
    content = text if isinstance(text, bytes) else text.encode(encoding)
    return READER.read_file(SOURCE, EDITIONS[edition], pinned(edition, name), content)


def gallium_row(
    year: str = "2022", *, high: str = "640", reliance: str = "100", stocks: str = "2800"
) -> list[str]:
    """One year of gallium 2023."""
    return ["MCS2023", "Gallium", year, "0", "11000", "170000", "NA", "18000", high, "420", stocks, reliance]  # fmt: skip


def read_gallium(*rows: list[str], header: str = GALLIUM_HEADER) -> dict[str, pl.DataFrame]:
    return read("MCS2023", GALLIUM, csv_text(header, *rows))


def import_row(
    partner: str,
    value: str,
    *,
    notes: str = "",
    commodity: str = "Gallium",
    form: str = "Metal",
    period: str = "2021–24",
    section: str = "Import Sources",
) -> list[str]:
    """One import source of 2026."""
    return [commodity.upper(), section, commodity, partner, "Import sources 2021-2024", form, "percent", period, value, notes, "Yes", ""]  # fmt: skip


def salient_row(
    value: str,
    *,
    detail: str = "Net import reliance as a percentage of reported consumption",
    unit: str = "percent",
    notes: str = "",
    statistics: str = "Net import reliance",
    year: str = "2025",
) -> list[str]:
    """One salient figure of gallium 2026."""
    return ["GALLIUM", "Salient Statistics—United States", "Gallium", "United States", statistics, detail, unit, year, value, notes, "Yes", ""]  # fmt: skip


def read_long(*rows: list[str], header: str = LONG_HEADER) -> dict[str, pl.DataFrame]:
    return read("MCS2026", LONG, csv_text(header, *rows), "cp1252")


def completed(*parts: dict[str, pl.DataFrame]) -> dict[str, pl.DataFrame]:
    """Published tables of some files, the missing ones empty, as `tidy` wants them."""
    from sources.usgs_mcs_us.reader import READER

    tables: dict[str, pl.DataFrame] = {}
    for table, schema in READER.published.items():
        wanted = schema.create_empty().schema
        found = [part[table] for part in parts if table in part]
        tables[table] = pl.concat(
            [
                schema.create_empty(),
                *(frame.select(pl.col(n).cast(t) for n, t in wanted.items()) for frame in found),
            ]
        )
    return tables
