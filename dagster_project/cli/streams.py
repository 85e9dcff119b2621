"""Streams of a command whose reader may be gone: that ends no work, and no other file gets their descriptors."""

import errno
import io
import os
import sys

STANDARD = (0, 1, 2)
# Nobody reads: the other end of a pipe is closed (`| head`), or the terminal is.
UNREAD = frozenset({errno.EPIPE, errno.EIO})


class Output(io.TextIOWrapper):
    """Text for a person, who need not be there: from the first write that fails so on it goes nowhere."""

    forgives_all = False

    def write(self, text: str) -> int:
        """Write, or drop it."""
        try:
            return super().write(text)
        except OSError as error:
            self._drop(error)
            return len(text)

    def flush(self) -> None:
        """Flush, or drop it."""
        try:
            super().flush()
        except OSError as error:
            self._drop(error)

    def _drop(self, error: OSError) -> None:
        is_gone = error.errno in UNREAD or self.forgives_all
        number = self.fileno()
        kept, nowhere = os.dup(number), os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, number)
        # What waits in the buffer must go somewhere: Python tries again as it ends, and Dagster before it gives back
        # the descriptor that it pointed at a file of its own.
        super().flush()
        if not is_gone:
            os.dup2(kept, number)
        os.close(nowhere)
        os.close(kept)
        if not is_gone:
            raise error


class Aside(Output):
    """What is said beside the work, like progress: a full disk behind it is no reason to stop either."""

    forgives_all = True


def stand() -> None:
    """Let standard streams stand, whatever the caller closed, and end nothing where nobody reads them.

    Else the next file that is opened gets a free descriptor, like a database that of the error stream.
    """
    for number in STANDARD:
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)
    # So a terminal says it that knows no width; taken at its word, nothing would be shown.
    if os.environ.get("COLUMNS") == "0":
        del os.environ["COLUMNS"]
    for name, number in (("stdout", 1), ("stderr", 2)):
        stream = getattr(sys, name)
        raw = open(number, "wb", closefd=False) if stream is None else stream.buffer  # noqa: SIM115
        encoding, errors = ("utf-8", None) if stream is None else (stream.encoding, stream.errors)
        # A name that the terminal has no letters for is shown escaped, and ends nothing.
        errors = "backslashreplace" if errors in (None, "strict") else errors
        is_by_line = stream is not None and stream.line_buffering
        is_at_once = stream is not None and stream.write_through
        output = Output(raw, encoding, errors, line_buffering=is_by_line, write_through=is_at_once)
        setattr(sys, name, output)
