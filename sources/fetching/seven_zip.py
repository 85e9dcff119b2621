"""The one file of a 7z archive, unpacked within bounds. The library that reads 7z is an extra of this project."""

import re
from pathlib import Path
from types import ModuleType

from sources.fetching.client import Client
from sources.reading.errors import FetchError

MOST_MEMBERS_SHOWN = 5


def library(client: Client, where: str) -> ModuleType:
    """py7zr, asked for before anything is downloaded.

    Raises:
        FetchError: it is not installed.
    """
    try:
        import py7zr
    except ImportError as error:
        raise client.error(
            problem="the library that reads 7z archives is not installed",
            where=where,
            expected="py7zr, which the extra `months` brings",
            got=str(error),
            next_step="`uv sync --extra months`; then run it again",
            is_transient=False,
        ) from None
    return py7zr


def unpack(
    client: Client, archive: Path, into: Path, *, named: str, most_bytes: int, where: str
) -> Path:
    """Unpack the archive's one file, in pieces: never more than `most_bytes`, nowhere but `into`.

    Args:
        named: pattern of its whole name, which has no folder.

    Raises:
        FetchError: the archive is damaged or locked, or holds something else.
    """
    try:
        with library(client, where).SevenZipFile(archive, max_extract_size=most_bytes) as opened:
            members = opened.list()
            is_one = len(members) == 1 and members[0].is_file
            if (
                not is_one
                or not re.fullmatch(named, members[0].filename)
                or members[0].uncompressed > most_bytes
            ):
                shown = [
                    f"{member.filename!r} ({member.uncompressed:,} bytes)" for member in members
                ]
                raise client.error(
                    problem="the archive holds something else than asked for",
                    where=where,
                    expected=f"one file {named} of at most {most_bytes:,} bytes",
                    got=", ".join(shown[:MOST_MEMBERS_SHOWN]) or "nothing",
                    next_step="look at the archive; take nothing from it by hand",
                    is_transient=False,
                )
            opened.extract(into, [members[0].filename])
            return into / members[0].filename
    except FetchError:
        raise
    # Of damaged bytes the library raises whatever its parser ran into; a full disk is no fault of theirs.
    except Exception as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise
        raise client.error(
            problem="the archive can't be unpacked",
            where=where,
            expected="a whole 7z archive, not encrypted",
            got=f"{type(error).__name__}: {error}"[:300],
            next_step="run it again later; if it stays so, tell the publisher",
            is_transient=True,
        ) from None
