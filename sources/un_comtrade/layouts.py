"""Every shape in which declarations come: the API's rows (CSV, JSON, Parquet) and the bulk export.

All of them become the published table `declaration`, text as it stood. What a row means is the business of
`tidy.py`. `read_api_json` reads the bytes of one fetched answer into the same table.
"""

import gzip
import io
import json
import re
import zlib
from collections.abc import Sequence
from typing import Any

import polars as pl

from sources.reading.catalog import Edition, Source, SourceFile
from sources.reading.errors import SourceError
from sources.reading.files import decode, read_csv
from sources.reading.passport import file_rows
from sources.reading.read_editions import Tables
from sources.un_comtrade.schema import NUMBER, PublishedDeclaration

# The API's columns, in its order.
_IN_ORDER = """
    typeCode freqCode refPeriodId refYear refMonth period reporterCode reporterISO reporterDesc flowCode
    flowDesc partnerCode partnerISO partnerDesc partner2Code partner2ISO partner2Desc classificationCode
    classificationSearchCode isOriginalClassification cmdCode cmdDesc aggrLevel isLeaf customsCode customsDesc
    mosCode motCode motDesc qtyUnitCode qtyUnitAbbr qty isQtyEstimated altQtyUnitCode altQtyUnitAbbr altQty
    isAltQtyEstimated netWgt isNetWgtEstimated grossWgt isGrossWgtEstimated cifvalue fobvalue primaryValue
    legacyEstimationFlag isReported isAggregate
"""
API_COLUMNS = tuple(_IN_ORDER.split())
# What those who saved API rows wrote beside them; nothing of it is read.
BESIDE_API = ("commodity_name", "hs_code", "query_year")
BULK_2024 = ("reporter", "partner", "cmd", "flow", "value", "netwgt")
BULK_2022 = ("year", *BULK_2024, "qty", "qtyunit")
# API name to ours.
NAMES = {
    "reporterCode": "published_reporter",
    "partnerCode": "published_partner",
    "partner2Code": "published_partner2",
    "customsCode": "published_customs",
    "motCode": "published_transport",
    "flowCode": "published_flow",
    "cmdCode": "published_code",
    "classificationCode": "published_classification",
    "refYear": "reference_year",
    "primaryValue": "published_value",
    "cifvalue": "published_cif",
    "fobvalue": "published_fob",
    "netWgt": "published_net_weight",
    "qty": "published_quantity",
    "qtyUnitCode": "published_quantity_unit",
    "isNetWgtEstimated": "is_net_weight_estimated",
    "isQtyEstimated": "is_quantity_estimated",
}
BULK_NAMES = {
    "reporter": "published_reporter",
    "partner": "published_partner",
    "cmd": "published_code",
    "flow": "published_flow",
    "value": "published_value",
    "netwgt": "published_net_weight",
    "qty": "published_quantity",
    "qtyunit": "published_quantity_unit",
}
FLAGS = {"True": True, "False": False, "TRUE": True, "FALSE": False, "true": True, "false": False}
NUMBERS = [f"published_{name}" for name in ("value", "cif", "fob", "net_weight", "quantity")]
KILOGRAM = "8"
MOST_BYTES = 1 << 31
AGAIN = "fetch it again; it is truncated, or an error page was saved under its name"


def _refuse(source: Source, where: str, problem: str, **parts: Any) -> SourceError:
    told = {"next_step": AGAIN, **parts}
    return SourceError(source=source.source_id, problem=problem, where=where, **told)


def _declared(
    source: Source, edition: Edition, file: SourceFile, rows: pl.DataFrame, where: str
) -> Tables:
    """The published tables of one file. `rows` are text, in our names, with `row` from 2.

    Raises:
        SourceError: codes or numbers of another form; all of a kind at once.
    """
    wanted = PublishedDeclaration.create_empty().schema
    if rows.is_empty():
        raise _refuse(
            source,
            where,
            "the file holds no rows",
            expected="at least one declaration",
            got="0 rows",
            next_step="ask for a line and year that has declarations; an empty answer is no edition",
        )
    text = rows.with_columns(
        pl.col(pl.String).str.strip_chars().replace(dict.fromkeys(("", "N/A", "NaN", "nan")))
    )
    _refuse_forms(source, where, text)
    flags = [name for name in text.columns if name.startswith("is_")]
    typed = text.with_columns(
        pl.lit(edition.edition).alias("edition"),
        pl.lit(file.path).alias("source_file"),
        pl.col("row").cast(pl.UInt32).alias("file_row"),
        *(pl.col(name).replace_strict(FLAGS, return_dtype=pl.Boolean) for name in flags),
    )
    lacking = [
        pl.lit(None, wanted[name]).alias(name) for name in wanted if name not in typed.columns
    ]
    declared = typed.with_columns(lacking).select(
        pl.col(name).cast(dtype) for name, dtype in wanted.items()
    )
    return {
        "declaration": declared,
        "file_rows": file_rows(edition, file.path, rows.height),
    }


def _refuse_forms(source: Source, where: str, text: pl.DataFrame) -> None:
    forms: dict[str, tuple[str, str]] = {
        "published_code": (
            r"^(?:\d{2}|\d{4}|\d{6})$",
            "two, four or six digits: read as a number, a code loses its first zero or gains a point",
        ),
        "published_reporter": (r"^\d{1,3}$", "a code of one to three digits"),
        "published_partner": (r"^\d{1,3}$", "a code of one to three digits"),
        "published_flow": (r"^[A-Z]{1,3}$", "M, X or another flow's letters"),
        "reference_year": (r"^(?:19|20)\d{2}$", "a year"),
    }
    forms |= {name: (NUMBER, "a number without a sign") for name in NUMBERS if name in text.columns}
    forms |= {
        name: (f"^(?:{'|'.join(FLAGS)})$", "True or False")
        for name in text.columns
        if name.startswith("is_")
    }
    required = ["published_code", "published_reporter", "published_partner", "published_flow"]
    offenders: list[str] = []
    for name, (form, meaning) in forms.items():
        fits = pl.col(name).str.contains(form)
        wrong = text.filter(~fits.fill_null(name not in [*required, "reference_year"]))
        offenders += [
            f"{name}: {cell!r} in row {row} ({wrong.height} rows; expected {meaning})"
            for row, cell in wrong.select("row", name).head(2).iter_rows()
        ]
    if offenders:
        raise _refuse(
            source,
            where,
            "cells of another form",
            expected="codes as text, plain numbers, flags True or False",
            got=f"{len(offenders)} kinds and rows shown",
            offenders=offenders,
            next_step="fetch the file again and keep every column as text; don't re-save it",
        )


def _refuse_columns(
    source: Source, where: str, got: Sequence[str], expected: Sequence[str]
) -> None:
    missing = [name for name in expected if name not in got]
    new = [name for name in got if name not in expected]
    if missing or new:
        raise _refuse(
            source,
            where,
            "the columns are not those of the API",
            expected=", ".join(expected),
            got=", ".join(got)[:300] or "no columns",
            next_step=f"compare with the API's documentation and adapt sources/{source.source_id}/layouts.py",
            offenders=[f"missing column {name!r}" for name in missing]
            + [f"unknown column {name!r}" for name in new],
        )


def _api_rows(
    source: Source, edition: Edition, file: SourceFile, rows: pl.DataFrame, where: str
) -> Tables:
    """Rows in the API's names, checked to be annual goods trade, as published tables."""
    other = rows.filter((pl.col("typeCode") != "C") | (pl.col("freqCode") != "A"))
    if not other.is_empty():
        raise _refuse(
            source,
            where,
            "rows that are no annual trade in goods",
            expected="typeCode C, freqCode A",
            got=f"{other.height} of {rows.height} rows otherwise",
            next_step="ask for typeCode=C and freqCode=A; months have a layout of their own to come",
        )
    ours = rows.select("row", **{ours: pl.col(theirs) for theirs, ours in NAMES.items()})
    return _declared(source, edition, file, ours, where)


def _where(edition: Edition, file: SourceFile) -> str:
    return f"{edition.edition}, {file.path}"


def read_api_csv(source: Source, edition: Edition, file: SourceFile, content: bytes) -> Tables:
    """API rows as CSV: the 47 columns, and those of `BESIDE_API` where they were added.

    Raises:
        SourceError: a changed column, an error page, cells of another form.
    """
    where = _where(edition, file)
    text = decode(source, where, content, "utf-8-sig")
    first = tuple(text.split("\n", 1)[0].strip().split(","))
    beside = tuple(name for name in BESIDE_API if name in first)
    rows = read_csv(source, where, text, (*API_COLUMNS, *beside))
    return _api_rows(source, edition, file, rows, where)


def read_api_json(source: Source, edition: Edition, file: SourceFile, content: bytes) -> Tables:
    """One answer of the API, as its bytes: `{"data": [...], "count": n, "error": ""}`.

    Raises:
        SourceError: no JSON, an answer without data (its message is told), a cut list, a changed column.
    """
    where = _where(edition, file)
    try:
        answer = json.loads(content, parse_float=str, parse_int=str)
    except (UnicodeDecodeError, ValueError) as error:
        raise _refuse(
            source,
            where,
            "the answer is no JSON",
            expected="an object with `data`",
            got=f"{content[:60]!r}: {error}",
        ) from error
    data = answer.get("data") if isinstance(answer, dict) else None
    told = answer.get("error") or answer.get("message") if isinstance(answer, dict) else None
    if not isinstance(data, list) or told:
        raise _refuse(
            source,
            where,
            "the API answered with an error",
            expected="`data`, a list of rows",
            got=str(told or list(answer)[:5])[:200],
            next_step="read its message; an exhausted quota or a wrong key is no empty trade",
        )
    if answer.get("count") not in (None, str(len(data))):
        raise _refuse(
            source,
            where,
            "the answer holds other rows than it counts",
            expected=f"count {answer['count']}",
            got=f"{len(data)} rows",
        )
    columns = sorted({name for row in data for name in row}) if data else list(API_COLUMNS)
    _refuse_columns(source, where, columns, API_COLUMNS)
    frame = pl.DataFrame(
        {
            name: [None if row[name] is None else str(row[name]) for row in data]
            for name in API_COLUMNS
        },
        schema=dict.fromkeys(API_COLUMNS, pl.String),
    ).with_row_index("row", offset=2)
    return _api_rows(source, edition, file, frame, where)


def read_api_parquet(source: Source, edition: Edition, file: SourceFile, content: bytes) -> Tables:
    """API rows as Parquet, all text; `netWeight` is a second spelling of `netWgt` in some rows.

    Raises:
        SourceError: no Parquet, a changed column, codes read as numbers.
    """
    where = _where(edition, file)
    try:
        rows = pl.read_parquet(io.BytesIO(content))
    except (pl.exceptions.PolarsError, OSError) as error:
        raise _refuse(
            source,
            where,
            "the Parquet file can't be read",
            expected="a whole file",
            got=str(error)[:200],
        ) from error
    if "netWeight" in rows.columns and "netWgt" in rows.columns:
        rows = rows.with_columns(pl.coalesce("netWgt", "netWeight").alias("netWgt")).drop(
            "netWeight"
        )
    _refuse_columns(source, where, rows.columns, API_COLUMNS)
    numbers = [name for name, dtype in rows.schema.items() if dtype != pl.String]
    if numbers:
        raise _refuse(
            source,
            where,
            "columns that were read as numbers",
            expected="every column as text: a code read as a number loses its first zero",
            got=", ".join(numbers),
            next_step="save the rows again with every column as text",
        )
    return _api_rows(source, edition, file, rows.with_row_index("row", offset=2), where)


def read_bulk(source: Source, edition: Edition, file: SourceFile, content: bytes) -> Tables:
    """The bulk export as CSV in gzip; the file of 2024 has no year in it but in its name.

    Raises:
        SourceError: no gzip or a truncated one, another header, cells of another form.
    """
    where = _where(edition, file)
    text = decode(source, where, _inflated(source, where, content), "utf-8-sig")
    first = tuple(text.split("\n", 1)[0].strip().split(","))
    rows = read_csv(source, where, text, BULK_2022 if "year" in first else BULK_2024)
    if "year" not in rows.columns:
        year = re.search(r"_((?:19|20)\d{2})\.csv\.gz$", file.path)
        if year is None:
            raise _refuse(
                source,
                where,
                "the year of the declarations is neither in the file nor in its name",
                expected="a column `year`, or a name that ends in _<year>.csv.gz",
                got=file.path,
                next_step="name the file by its year",
            )
        rows = rows.with_columns(year=pl.lit(year[1]))
    ours = rows.rename({name: BULK_NAMES[name] for name in rows.columns if name in BULK_NAMES})
    return _declared(source, edition, file, ours.rename({"year": "reference_year"}), where)


def _inflated(source: Source, where: str, content: bytes) -> bytes:
    try:
        with gzip.open(io.BytesIO(content)) as handle:
            inflated = handle.read(MOST_BYTES + 1)
    except (EOFError, OSError, zlib.error) as error:
        raise _refuse(
            source,
            where,
            "the gzip can't be read",
            expected="a whole gzip file",
            got=f"{error}; it begins with {content[:20]!r}",
        ) from error
    if len(inflated) > MOST_BYTES:
        raise _refuse(
            source,
            where,
            "the gzip holds more than we read",
            expected=f"at most {MOST_BYTES:,} bytes",
            got="more",
            next_step="cut the export by year or line; if it really grew, raise MOST_BYTES",
        )
    return inflated


LAYOUTS = {
    "api_csv": read_api_csv,
    "api_json": read_api_json,
    "api_parquet": read_api_parquet,
    "bulk_csv_gz": read_bulk,
}
