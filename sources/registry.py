"""The sources that there are: folders with a `source.yml` and a `reader.py`. Nobody lists them by hand.

A folder whose name begins with an underscore is none (`_template`).
"""

from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING

from sources.reading.catalog import SOURCES_ROOT, Source, load_source

# Schemas of tables take a third of a second to import: who only asks which sources there are does not wait for them.
if TYPE_CHECKING:
    from sources.reading.reader import Reader


@cache
def all_sources() -> tuple[Source, ...]:
    """Every source, sorted by id."""
    return tuple(
        load_source(path.parent.name)
        for path in sorted(SOURCES_ROOT.glob("[!_]*/source.yml"), key=lambda path: path.parent.name)
    )


def reader_of(source_id: str) -> "Reader":
    """The source's reader, imported when it is asked for."""
    return import_module(f"sources.{source_id}.reader").READER
