"""Where the published tables come from: the values of CHOKEPOINT_INPUT. Imports nothing that is heavy."""

from enum import StrEnum


class Input(StrEnum):
    """Values of CHOKEPOINT_INPUT."""

    EMBEDDED = "embedded"
    FILES = "files"
    LIVE = "live"
