"""How a pulled file becomes the published table: the API's rows as Parquet, all text."""

import io

import polars as pl

from sources.reading.open_file import Layout, OpenFile, Tables
from sources.reading.passport import in_schema
from sources.reference.asked import asked_codes
from sources.us_census.schema import COLUMNS, LAYOUT, PublishedImport

OURS: dict[str, str] = dict(
    zip(
        COLUMNS,
        (
            "published_code",
            "published_country",
            "published_country_name",
            "published_level",
            "published_value",
            "published_quantity",
            "published_unit",
            "published_month",
        ),
        strict=True,
    )
)
# The rows of a total, and of groups that countries belong to.
TOTAL = "-"
IS_COUNTRY = ~pl.col("published_country").str.contains(r"^(?:-|00\d\d|\dXXX)$")


def read_pull(file: OpenFile) -> Tables:
    """Rows of one pulled month.

    Raises:
        SourceError: no Parquet, other columns, several months, or countries that miss their total.
    """
    try:
        rows = pl.read_parquet(io.BytesIO(file.content))
    except (pl.exceptions.PolarsError, OSError) as error:
        raise _refused(
            file, "the Parquet file can't be read", "a whole file", str(error)[:200]
        ) from error
    if tuple(rows.columns) != COLUMNS or set(rows.dtypes) != {pl.String}:
        raise _refused(
            file,
            "the columns are not those of a pull",
            f"text: {', '.join(COLUMNS)}",
            str(rows.schema)[:300],
        )
    named = rows.rename(OURS)
    months = named["published_month"].unique().to_list()
    if len(months) != 1:
        raise _refused(file, "a pull is of one month", "one month", f"{sorted(months)}")
    valued = named.with_columns(
        pl.col("published_value").alias("as_published"),
        pl.col("published_value").cast(pl.Int64, strict=False),
    )
    odd = valued.filter(pl.col("published_value").is_null())
    file.refuse(
        [f"{code}: {value!r}" for code, value in odd["published_code", "as_published"].iter_rows()],
        problem="a value is no whole number of dollars",
        expected="digits",
        got=f"{odd.height} rows otherwise",
        next_step="pull the month again: `chokepoint pull`",
    )
    off = (
        valued.group_by("published_code")
        .agg(
            total=pl.col("published_value").filter(pl.col("published_country") == TOTAL).sum(),
            has_total=(pl.col("published_country") == TOTAL).any(),
            added=pl.col("published_value").filter(IS_COUNTRY).sum(),
        )
        .filter(~pl.col("has_total") | (pl.col("total") != pl.col("added")))
        .sort("published_code")
    )
    file.refuse(
        [
            f"{code}: {f'{total:,}' if has_total else 'no total'} of which {added:,} by country"
            for code, total, has_total, added in off.iter_rows()
        ],
        problem="countries don't add up to the total of their code",
        expected="every country of a code",
        got=f"{off.height} codes with another total",
        next_step="pull the month again: an answer was cut",
    )
    placed = file.placed(named.with_row_index("file_row", offset=1))
    return {
        "import_row": in_schema(placed, PublishedImport),
        "asked_code": asked_codes(file),
        "file_rows": file.file_rows(rows.height),
    }


def _refused(file: OpenFile, problem: str, expected: str, got: str) -> Exception:
    return file.error(
        problem=problem,
        expected=expected,
        got=got,
        next_step="pull the month again: `chokepoint pull`",
    )


LAYOUTS: dict[str, Layout] = {LAYOUT: read_pull}
