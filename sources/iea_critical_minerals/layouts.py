"""Which reader a file of this source needs; `source.yml` names the layout of each file."""

from collections.abc import Callable

from sources.catalog import Edition, Source, SourceFile
from sources.errors import SourceError
from sources.iea_critical_minerals.converted import read_converted
from sources.iea_critical_minerals.records import Published
from sources.iea_critical_minerals.workbook import read_workbook

LAYOUTS: dict[str, Callable[[Source, Edition, SourceFile, bytes], Published]] = {
    "workbook_2024": read_workbook,
    "converted_2025": read_converted,
}


def read_file(source: Source, edition: Edition, file: SourceFile, content: bytes) -> Published:
    """Read one file by the layout that `source.yml` names.

    Raises:
        SourceError: `layout` is not one of `LAYOUTS`, or the file is refused by its layout.
    """
    if file.layout not in LAYOUTS:
        raise SourceError(
            source=source.source_id,
            problem="unknown layout",
            where=f"source.yml, {edition.edition}, {file.path}",
            expected=", ".join(sorted(LAYOUTS)),
            got=file.layout,
            next_step=f"correct `layout`, or write the layout in sources/{source.source_id}/layouts.py",
        )
    return LAYOUTS[file.layout](source, edition, file, content)
