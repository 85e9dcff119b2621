"""A publisher's key from the environment."""

import os

from pydantic import SecretStr

from sources.reading.errors import FetchError


def key_of_environment(source_id: str, variable: str) -> SecretStr | None:
    """The key; None where none is set.

    Raises:
        FetchError: it can't be sent; the text doesn't show it.
    """
    # A key that was read from a file ends in a newline.
    key = os.environ.get(variable, "").strip()
    if not (key.isascii() and key.isprintable()):
        raise FetchError(
            source=source_id,
            problem=f"{variable} can't be used",
            where="environment",
            expected="the key as its publisher shows it: one line of printable ASCII",
            got="control characters or letters beyond ASCII within it",
            next_step="set it anew (docs/operate.md, part live) and restart the service",
            is_transient=False,
        )
    return SecretStr(key) if key else None
