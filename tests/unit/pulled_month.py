"""A source with the edition that a pull of May 2025 becomes, and that pull as published tables."""

from sources.reading.catalog import Edition, Source, SourceFile, load_source
from sources.reading.open_file import Tables
from sources.registry import reader_of

MONTH = "2025-05"


def source_of_pull(source_id: str, layout: str) -> Source:
    """The source with one edition: a pull of the month, fetched on 3 July 2026."""
    pin = SourceFile(
        table="import_row", path=f"{source_id}/month.parquet", layout=layout, sha256="0" * 64
    )
    edition = Edition.model_validate(
        {
            "edition": "M202505_20260703",
            "title": "a pull",
            "released_on": "2026-07-03",
            "released_on_verified": "made by hand",
            "citation": "none",
            "url": "https://example.org/",
            "files": [pin],
        }
    )
    return load_source(source_id).with_editions([edition])


def read_pull(source: Source, content: bytes) -> Tables:
    """Published tables of a pull."""
    [edition] = source.editions
    return reader_of(source.source_id).read_file(source, edition, edition.files[0], content)
