"""Which reader a file of this source needs; `source.yml` names the layout of each file."""

from sources.iea_critical_minerals.converted import read_converted
from sources.iea_critical_minerals.records import Tables
from sources.iea_critical_minerals.sheets import read_workbook
from sources.reading.catalog import Edition, Source, SourceFile
from sources.reading.read_editions import Layout, read_by_layout

LAYOUTS: dict[str, Layout] = {
    "workbook_2024": read_workbook,
    "converted_2025": read_converted,
}


def read_file(source: Source, edition: Edition, file: SourceFile, content: bytes) -> Tables:
    """Tables tables of one file, by the layout that its pin names; see `sources.reading.read_editions`."""
    return read_by_layout(LAYOUTS, source, edition, file, content)
