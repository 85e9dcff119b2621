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
from itertools import islice
from typing import Any

import polars as pl

from sources.reading.errors import SourceError
from sources.reading.files import decode, read_csv
from sources.reading.mappings import mapping
from sources.reading.open_file import Layout, OpenFile, Tables
from sources.reading.passport import in_schema
from sources.reference.asked import asked_codes
from sources.un_comtrade.schema import NUMBER, PublishedDeclaration

# What those who saved API rows wrote beside them; nothing of it is read.
BESIDE_API = ("commodity_name", "hs_code", "query_year")
BULK_2024 = ("reporter", "partner", "cmd", "flow", "value", "netwgt")
BULK_2022 = ("year", *BULK_2024, "qty", "qtyunit")
FLAGS = {"True": True, "False": False, "TRUE": True, "FALSE": False, "true": True, "false": False}
NUMBERS = [f"published_{name}" for name in ("value", "cif", "fob", "net_weight", "quantity")]
KILOGRAM = "8"
MOST_BYTES = 1 << 31
PIECE = 1 << 20
AGAIN = "fetch it again; it is truncated, or an error page was saved under its name"
# Form of a cell and what it means, by column; of flags and numbers in `_forms`.
FORMS = {
    "published_code": (
        r"^(?:\d{2}|\d{4}|\d{6})$",
        "two, four or six digits: read as a number, a code loses its first zero or gains a point",
    ),
    "published_reporter": (r"^\d{1,3}$", "a code of one to three digits"),
    "published_partner": (r"^\d{1,3}$", "a code of one to three digits"),
    "published_flow": (r"^[A-Z]{1,3}$", "M, X or another flow's letters"),
    "reference_year": (r"^(?:19|20)\d{2}$", "a year"),
}


def _refuse(file: OpenFile, problem: str, **details: Any) -> SourceError:
    return file.error(problem=problem, **{"where": _where(file), "next_step": AGAIN, **details})


def _where(file: OpenFile) -> str:
    return f"{file.edition.edition}, {file.pin.path}"


def _declared(file: OpenFile, rows: pl.DataFrame) -> Tables:
    """The published tables of one file. `rows` are text, in our names, with `row` from 2.

    Raises:
        SourceError: codes or numbers of another form; all of a kind at once.
    """
    wanted = PublishedDeclaration.create_empty().schema
    if rows.is_empty():
        raise _refuse(
            file,
            "the file holds no rows",
            expected="at least one declaration",
            got="0 rows",
            next_step="ask for a line and year that has declarations; an empty answer is no edition",
        )
    text = rows.with_columns(
        pl.col(pl.String).str.strip_chars().replace(dict.fromkeys(("", "N/A", "NaN", "nan")))
    )
    _refuse_forms(file, text)
    flags = [name for name in text.columns if name.startswith("is_")]
    in_file = {"edition": pl.lit(file.edition.edition), "source_file": pl.lit(file.pin.path)}
    typed = text.rename({"row": "file_row"}).with_columns(
        *(pl.col(name).replace_strict(FLAGS, return_dtype=pl.Boolean) for name in flags), **in_file
    )
    lacking = {name: pl.lit(None, wanted[name]) for name in wanted if name not in typed.columns}
    return {
        "declaration": in_schema(typed.with_columns(**lacking), PublishedDeclaration),
        "file_rows": file.file_rows(rows.height).with_columns(**in_file),
    }


def _refuse_forms(file: OpenFile, text: pl.DataFrame) -> None:
    forms = {
        **FORMS,
        **{name: (NUMBER, "a number without a sign") for name in NUMBERS if name in text.columns},
        **{
            name: (f"^(?:{'|'.join(FLAGS)})$", "True or False")
            for name in text.columns
            if name.startswith("is_")
        },
    }
    offenders: list[str] = []
    for name, (form, meaning) in forms.items():
        fits = pl.col(name).str.contains(form)
        wrong = text.filter(~fits.fill_null(name not in FORMS))
        offenders += [
            f"{name}: {cell!r} in row {row} ({wrong.height} rows; expected {meaning})"
            for row, cell in wrong.select("row", name).head(2).iter_rows()
        ]
    if offenders:
        raise _refuse(
            file,
            "cells of another form",
            expected="codes as text, plain numbers, flags True or False",
            got=f"{len(offenders)} kinds and rows shown",
            offenders=offenders,
            next_step="fetch the file again and keep every column as text; don't re-save it",
        )


def _refuse_columns(file: OpenFile, got: Sequence[str]) -> None:
    expected = mapping(file.source, "columns")["api_column"].to_list()
    missing = [name for name in expected if name not in got]
    new = [name for name in got if name not in expected]
    if missing or new:
        raise _refuse(
            file,
            "the columns are not those of the API",
            expected=", ".join(expected),
            got=", ".join(got)[:300] or "no columns",
            next_step="compare with the API's documentation and adapt sources/un_comtrade/layouts.py",
            offenders=[f"missing column {name!r}" for name in missing]
            + [f"unknown column {name!r}" for name in new],
        )


def _api_rows(file: OpenFile, rows: pl.DataFrame, frequency: str = "A") -> Tables:
    """Rows in the API's names, checked to be goods trade of this frequency, as published tables."""
    other = rows.filter((pl.col("typeCode") != "C") | (pl.col("freqCode") != frequency))
    if not other.is_empty():
        raise _refuse(
            file,
            "rows that are no annual trade in goods"
            if frequency == "A"
            else "rows that are no monthly trade in goods",
            expected=f"typeCode C, freqCode {frequency}",
            got=f"{other.height} of {rows.height} rows otherwise",
            next_step=f"ask for typeCode=C and freqCode={frequency}; years and months have a layout each",
        )
    names = mapping(file.source, "columns").drop_nulls("our_column")
    ours = names.select("our_column", "api_column").iter_rows()
    return _declared(file, rows.select("row", **{name: pl.col(theirs) for name, theirs in ours}))


def read_api_csv(file: OpenFile) -> Tables:
    """API rows as CSV: the 47 columns, and those of `BESIDE_API` where they were added.

    Raises:
        SourceError: a changed column, an error page, cells of another form.
    """
    text = decode(file.source, _where(file), file.content, "utf-8-sig")
    first = text.split("\n", 1)[0].strip().split(",")
    beside = [name for name in BESIDE_API if name in first]
    columns = [*mapping(file.source, "columns")["api_column"], *beside]
    return _api_rows(file, read_csv(file.source, _where(file), text, tuple(columns)))


def read_api_json(file: OpenFile) -> Tables:
    """One answer of the API, as its bytes: `{"data": [...], "count": n, "error": ""}`.

    Raises:
        SourceError: no JSON, an answer without data (its message is shown), a cut list, a changed column.
    """
    try:
        answer = json.loads(file.content, parse_float=str, parse_int=str)
    # The latter of a document that is nested without end.
    except (ValueError, RecursionError) as error:
        raise _refuse(
            file,
            "the answer is no JSON",
            expected="an object with `data`",
            got=f"{file.content[:60]!r}: {error}",
        ) from error
    data = answer.get("data") if isinstance(answer, dict) else None
    message = answer.get("error") or answer.get("message") if isinstance(answer, dict) else None
    if not isinstance(data, list) or message:
        raise _refuse(
            file,
            "the API answered with an error",
            expected="`data`, a list of rows",
            got=str(message or list(answer)[:5])[:200],
            next_step="read its message; an exhausted quota or a wrong key is no empty trade",
        )
    if answer.get("count") not in (None, str(len(data))):
        raise _refuse(
            file,
            "the answer holds other rows than it counts",
            expected=f"count {answer['count']}",
            got=f"{len(data)} rows",
        )
    columns = mapping(file.source, "columns")["api_column"].to_list()
    _refuse_columns(file, sorted({name for row in data for name in row}) if data else columns)
    texts = {
        name: [None if row[name] is None else str(row[name]) for row in data] for name in columns
    }
    frame = pl.DataFrame(texts, schema=dict.fromkeys(columns, pl.String))
    return _api_rows(file, frame.with_row_index("row", offset=2))


def read_api_parquet(file: OpenFile, frequency: str = "A") -> Tables:
    """API rows as Parquet, all text; `netWeight` is a second spelling of `netWgt` in some rows.

    Raises:
        SourceError: no Parquet, a changed column, codes read as numbers.
    """
    try:
        rows = pl.read_parquet(io.BytesIO(file.content))
    except (pl.exceptions.PolarsError, OSError) as error:
        raise _refuse(
            file,
            "the Parquet file can't be read",
            expected="a whole file",
            got=str(error)[:200],
        ) from error
    if "netWeight" in rows.columns and "netWgt" in rows.columns:
        rows = rows.with_columns(pl.coalesce("netWgt", "netWeight").alias("netWgt")).drop(
            "netWeight"
        )
    _refuse_columns(file, rows.columns)
    numbers = [name for name, dtype in rows.schema.items() if dtype != pl.String]
    if numbers:
        raise _refuse(
            file,
            "columns that were read as numbers",
            expected="every column as text: a code read as a number loses its first zero",
            got=", ".join(numbers),
            next_step="save the rows again with every column as text",
        )
    return _api_rows(file, rows.with_row_index("row", offset=2), frequency)


def read_api_months(file: OpenFile) -> Tables:
    """The same of one month: its rows are those of a year with the month beside.

    Raises:
        SourceError: as of a year, or several months.
    """
    tables = read_api_parquet(file, "M")
    months = pl.read_parquet(io.BytesIO(file.content))["period"]
    if months.n_unique() != 1:
        raise _refuse(
            file,
            "a pull is of one month",
            expected="one period",
            got=", ".join(sorted(months.unique().drop_nulls())),
        )
    named = tables["declaration"].with_columns(published_month=pl.lit(months[0]))
    return {
        "month_declaration": named,
        "asked_code": asked_codes(file).with_columns(source_file=pl.lit(file.pin.path)),
        "file_rows": tables["file_rows"],
    }


def read_bulk(file: OpenFile) -> Tables:
    """The bulk export as CSV in gzip; the file of 2024 has no year in it but in its name.

    Raises:
        SourceError: no gzip or a truncated one, another header, cells of another form.
    """
    text = decode(file.source, _where(file), _inflated(file), "utf-8-sig")
    header = BULK_2022 if text.partition("\n")[0].startswith("year") else BULK_2024
    rows = read_csv(file.source, _where(file), text, header)
    if "year" not in rows.columns:
        year = re.search(r"_((?:19|20)\d{2})\.csv\.gz$", file.pin.path)
        if year is None:
            raise _refuse(
                file,
                "the year of the declarations is neither in the file nor in its name",
                expected="a column `year`, or a name that ends in _<year>.csv.gz",
                got=file.pin.path,
                next_step="name the file by its year",
            )
        rows = rows.with_columns(year=pl.lit(year[1]))
    names = mapping(file.source, "columns").filter(pl.col("bulk_column").is_in(rows.columns))
    return _declared(file, rows.rename(dict(names.select("bulk_column", "our_column").rows())))


def _inflated(file: OpenFile) -> bytes:
    try:
        with gzip.open(io.BytesIO(file.content)) as handle:
            # In pieces: one read of so many bytes sets all of them aside at once.
            pieces = iter(lambda: handle.read(PIECE), b"")
            inflated = b"".join(islice(pieces, MOST_BYTES // PIECE + 1))
    except (EOFError, OSError, zlib.error) as error:
        raise _refuse(
            file,
            "the gzip can't be read",
            expected="a whole gzip file",
            got=f"{error}; it begins with {file.content[:20]!r}",
        ) from error
    if len(inflated) > MOST_BYTES:
        raise _refuse(
            file,
            "the gzip holds more than we read",
            expected=f"at most {MOST_BYTES:,} bytes",
            got="more",
            next_step="cut the export by year or line; if it really grew, raise MOST_BYTES",
        )
    return inflated


LAYOUTS: dict[str, Layout] = {
    "api_csv": read_api_csv,
    "api_json": read_api_json,
    "api_months": read_api_months,
    "api_parquet": read_api_parquet,
    "bulk_csv_gz": read_bulk,
}
