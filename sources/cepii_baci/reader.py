"""BACI: its tables, and how a release of gigabytes is read."""

from pathlib import Path

import dataframely as dy
import polars as pl

from sources.cepii_baci.checks import CHECKS
from sources.cepii_baci.layouts import read_asean, read_zip
from sources.cepii_baci.schema import (
    FileAccount,
    LakeSeriesGap,
    LineAccount,
    PublishedTrade,
    Series,
    SeriesGap,
    Trade,
)
from sources.cepii_baci.tidy import TRADE, tidy
from sources.reading.catalog import Source
from sources.reading.files import pinned_path
from sources.reading.mappings import mapping
from sources.reading.open_file import Tables
from sources.reading.passport import in_schema
from sources.reading.reader import Reader

LAYOUTS = {"zip_by_year": read_zip, "csv_of_pairs": read_asean}
PUBLISHED: dict[str, type[dy.Schema]] = {
    **dict.fromkeys(TRADE, PublishedTrade),
    "series": Series,
    "series_gap": SeriesGap,
    "file_account": FileAccount,
    "line_account": LineAccount,
}


def read_in_stream(source: Source, root: Path) -> Tables:
    """Published tables of every edition, streamed from a folder of publishers' files.

    Raises:
        SourceError: a file is missing, is not the pinned bytes, or can't be read as its layout says.
    """
    # A table that no file fills is empty: CEPII's own release has none of the extracts.
    parts: dict[str, list[pl.DataFrame]] = {
        table: [schema.create_empty()] for table, schema in PUBLISHED.items()
    }
    for edition in source.editions:
        for file in edition.files:
            path = pinned_path(source, edition, file, root)
            for table, frame in LAYOUTS[file.layout](source, edition, file, path).items():
                parts[table].append(in_schema(frame, PUBLISHED[table]))
        gaps = mapping(source, "series_gap").with_columns(edition=pl.lit(edition.edition))
        parts["series_gap"].append(in_schema(gaps, SeriesGap))
    return {
        table: pl.concat(frames).sort(PUBLISHED[table].primary_key())
        for table, frames in parts.items()
    }


READER = Reader(
    source_id="cepii_baci",
    published=PUBLISHED,
    lake={
        "trade": Trade,
        "series": Series,
        "series_gap": LakeSeriesGap,
        "file_account": FileAccount,
        "line_account": LineAccount,
    },
    tidy=tidy,
    stream=read_in_stream,
    parquet=frozenset(TRADE),
    checks=CHECKS,
)
