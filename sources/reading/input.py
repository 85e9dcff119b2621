"""Which of the three inputs figures come from. Imports nothing heavy: the settings ask at every start."""

from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sources.reading.catalog import Source


class Input(StrEnum):
    """Values of CHOKEPOINT_INPUT.

    `embedded` reads the tables shipped in `sources/<source>/snapshot/`, `files` a folder of publishers'
    files, `live` what `sources.fetching` brought from the publishers and the drop folder.
    """

    EMBEDDED = "embedded"
    FILES = "files"
    LIVE = "live"


def is_left_out(source: "Source", input_name: Input, include_restricted: bool) -> bool:
    """Whether nothing of the source is read: its licence forbids to pass it on, and nobody asked for it.

    Its tables are then empty, so that what is built on them stands and holds nothing. It is never
    embedded, whatever was asked.
    """
    return not source.redistributable and (input_name is Input.EMBEDDED or not include_restricted)
