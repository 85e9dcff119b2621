"""How a pulled file becomes the published tables: rows of the archive, and the count of what was left out."""

import io

import polars as pl

from sources.eurostat_comext_months.schema import (
    KEPT,
    LAYOUT,
    NUMBER,
    PULLED,
    PublishedMonthImport,
    PublishedSecret,
)
from sources.reading.lake_schemas import LabelledRowAccount
from sources.reading.open_file import Layout, OpenFile, Tables
from sources.reading.passport import in_schema
from sources.reading.refusals import refuse_rows
from sources.reference.asked import asked_codes

AGAIN = "pull the month again: `chokepoint pull`"
FLOW = ["published_reporter", "published_partner", "published_code"]


def read_pull(file: OpenFile) -> Tables:
    """Rows of one pulled month.

    Raises:
        SourceError: no Parquet, other columns, several months, cells that are no number, or one flow twice.
    """
    try:
        rows = pl.read_parquet(io.BytesIO(file.content))
    except (pl.exceptions.PolarsError, OSError) as error:
        raise file.error(
            problem="the Parquet file can't be read",
            expected="a whole file",
            got=str(error)[:200],
            next_step=AGAIN,
        ) from error
    if dict(rows.schema) != PULLED:
        raise file.error(
            problem="the columns are not those of a pull",
            expected=", ".join(PULLED),
            got=str(rows.schema)[:300],
            next_step=AGAIN,
        )
    placed = file.placed(rows.rename({**KEPT, "archive_row": "file_row"}))
    imports = placed.filter(pl.col("left_out").is_null())
    if (months := imports["published_month"].n_unique()) != 1:
        raise file.error(
            problem="a pull is of one month", expected="one month", got=f"{months}", next_step=AGAIN
        )
    shown = "row {file_row}: {published_reporter} from {published_partner}, {published_code}"
    no_number = pl.any_horizontal(
        ~pl.col("published_value").str.contains(NUMBER).fill_null(value=False),
        ~pl.col("published_quantity").str.contains(NUMBER).fill_null(value=True),
    )
    refuse_rows(
        imports.filter(no_number),
        file.source,
        "cells that are no number",
        where=file.name,
        row=shown + ", {published_value!r} euro, {published_quantity!r} kg",
        expected="digits, with a point before at most three decimals; kilograms may be empty",
        got="{rows} rows otherwise",
        next_step=AGAIN,
    )
    refuse_rows(
        imports.filter(pl.struct(FLOW).is_duplicated()),
        file.source,
        "one flow twice",
        where=file.name,
        row=shown,
        expected="one row for each reporter, partner and code",
        got="{rows} rows share their key with another",
        next_step="look at the archive: adding both up would count a flow twice",
    )
    left_out = placed.filter(pl.col("left_out").is_not_null()).rename(
        {
            "published_reporter": "label",
            "left_out": "not_used_reason",
            "archive_rows": "file_rows",
        }
    )
    account = ["edition", "source_file", "label", "not_used_reason"]
    return {
        "import_row": in_schema(imports, PublishedMonthImport),
        "secret_row": in_schema(
            left_out.filter(pl.col("published_code").is_not_null()).rename(
                {"label": "published_reporter"}
            ),
            PublishedSecret,
        ),
        "account": in_schema(
            left_out.group_by(account).agg(pl.col("file_rows").sum()), LabelledRowAccount
        ),
        "asked_code": asked_codes(file),
        "file_rows": file.file_rows(int(placed["archive_rows"].sum())),
    }


LAYOUTS: dict[str, Layout] = {LAYOUT: read_pull}
