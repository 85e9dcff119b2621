"""A second edition of BACI in a copy of the repo: a year more, and one line of one year revised by 1%.

    python -m tests.second_edition

run in the copy, gives it the edition, as `make snapshot` would: its files stand in `source.yml`, its tables in
the snapshot. No figure of it is CEPII's: 2025 is 2024 again, each flow a dollar and a kilogram larger, since a year that
repeats one before is stopped.
"""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import polars as pl

from sources.reading.catalog import load_source
from sources.reading.input import Input
from sources.reading.published import read_published
from sources.reading.snapshot import write_snapshot
from sources.registry import reader_of

SOURCE = "cepii_baci"

OLD, NEW = "BACI202601", "BACI202607"
DAY = "2026-07-30"
DAY_BEFORE = "2026-07-29"
SERIES, YEAR, MORE = "hs92", 2024, 2025
# Lithium carbonate.
LINE = "283691"


def _repeated(table: pl.DataFrame, **changed: pl.Expr) -> pl.DataFrame:
    """The table with the last year of the series once more as the year after, and `changed` there."""
    of_series = table.filter(series_id=SERIES, reference_year=YEAR)
    later = of_series.with_columns(reference_year=pl.lit(MORE, table.schema["reference_year"]))
    return pl.concat([table, later.with_columns(**changed)])


def revised(published: dict[str, pl.DataFrame]) -> dict[str, pl.DataFrame]:
    """Both editions' tables from those of the old one."""
    flows = f"trade_{SERIES}"
    on_line = pl.col("hs6") == LINE
    in_year = pl.col("reference_year") == YEAR
    new = {table: frame.with_columns(edition=pl.lit(NEW)) for table, frame in published.items()}
    new[flows] = _repeated(
        new[flows], value_usd=pl.col("value_usd") + 1, quantity_kg=pl.col("quantity_kg") + 1
    ).with_columns(
        value_usd=pl.when(on_line & in_year)
        .then((pl.col("value_usd") * 101 / 100).round().cast(pl.Int64))
        .otherwise("value_usd")
    )
    total = new[flows].filter(on_line & in_year)["value_usd"].sum()
    is_line = on_line & in_year & (pl.col("series_id") == SERIES)
    new["line_account"] = _repeated(
        new["line_account"], value_usd=pl.col("value_usd") + pl.col("rows")
    ).with_columns(value_usd=pl.when(is_line).then(pl.lit(total)).otherwise("value_usd"))
    last = new["file_account"].filter(pl.col("member").str.contains(f"HS92_Y{YEAR}"))
    new["file_account"] = pl.concat(
        [
            new["file_account"],
            last.with_columns(pl.col("member").str.replace(str(YEAR), str(MORE))),
        ]
    )
    new["series"] = new["series"].with_columns(
        last_year=pl.when(series_id=SERIES).then(pl.lit(MORE, pl.Int32)).otherwise("last_year")
    )
    return {table: pl.concat([published[table], new[table]]) for table in published}


def list_edition(path: Path) -> None:
    """The new edition in the copy's `source.yml`, after the old one and with files of its own names."""
    text = path.read_text(encoding="utf-8")
    heading, old = text.split("editions:\n  # To add one", 1)
    comment, block = old.split("\n", 1)
    new = block.replace(OLD, NEW).replace("2026-01-30", DAY).replace("202601", NEW[4:])
    assert new.count(NEW) == 1
    path.write_text(f"{heading}editions:\n  # To add one{comment}\n{block}{new}", encoding="utf-8")


def add_edition(copy: Path) -> None:
    """Give the copy the edition. The copy's own code writes the snapshot."""
    subprocess.run([sys.executable, "-m", "tests.second_edition"], cwd=copy, check=True)


def _main() -> None:
    source = load_source(SOURCE)
    reader = reader_of(SOURCE)
    both = revised(read_published(reader, source, Input.EMBEDDED, None))
    list_edition(source.folder / "source.yml")
    load_source.cache_clear()
    # The publisher's files of it are these tables.
    write_snapshot(replace(reader, stream=lambda _source, _root: both), load_source(SOURCE), Path())


if __name__ == "__main__":
    _main()
