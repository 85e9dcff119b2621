"""From a member's packed bytes to chunks of whole lines, in bounded memory.

Inflating is the floor of the whole ingest, so it is done by `isal` where that can be imported, which takes
a third of zlib's time, and it runs in a thread of its own, a few chunks ahead of the parser.
"""

import threading
import zlib
from collections.abc import Generator, Iterator
from queue import Full, Queue
from typing import cast

from sources.cepii_baci.archive import SOURCE, Member, unreadable
from sources.reading.errors import SourceError

try:
    from isal import isal_zlib as inflater

    INFLATE_FAULTS: tuple[type[Exception], ...] = (
        zlib.error,
        # Its stub says it is an exception, where it is the class of one.
        cast("type[Exception]", inflater.error),
    )
except ImportError:  # a platform without its wheel: slower, the same bytes
    inflater = zlib
    INFLATE_FAULTS = (zlib.error,)

# Large enough that a call of the parser costs little, small enough for six of them at once: at 8 MB a year
# took 300 MB and was no faster.
CHUNK_BYTES = 4 << 20
# Text that one call may return: bounds memory whatever the packed bytes say.
MOST_AT_ONCE = 4 << 20
CHUNKS_AHEAD = 2


def inflated(member: Member) -> Iterator[bytes]:
    """Text of a member, piece by piece; the last one only after length and CRC were found right.

    Raises:
        SourceError: the member is cut, damaged, or longer than it declares.
    """
    found, crc = 0, 0
    held = b""
    for piece in _pieces(member):
        found += len(piece)
        if found > member.text_bytes:
            raise SourceError(
                source=SOURCE,
                problem="a member inflates to more than it declares",
                where=member.where,
                expected=f"{member.text_bytes:,} bytes",
                got=f"more than {found:,} bytes, where we stopped",
                next_step="don't unpack it; fetch the release again from the publisher's own page",
            )
        crc = inflater.crc32(piece, crc)
        if held:
            yield held
        held = piece
    if found != member.text_bytes or crc != member.crc:
        raise SourceError(
            source=SOURCE,
            problem="a member is cut or damaged",
            where=member.where,
            expected=f"{member.text_bytes:,} bytes, CRC {member.crc:08x}",
            got=f"{found:,} bytes, CRC {crc:08x}",
            next_step="fetch the zip again: the download broke off or was altered",
        )
    if held:
        yield held


def _pieces(member: Member) -> Iterator[bytes]:
    if not member.is_deflated:
        yield from member.packed()
        return
    engine = inflater.decompressobj(wbits=-zlib.MAX_WBITS)
    try:
        for packed in member.packed():
            left = packed
            while left and not engine.eof:
                piece = engine.decompress(left, MOST_AT_ONCE)
                left = engine.unconsumed_tail
                if piece:
                    yield piece
        while not engine.eof and (piece := engine.decompress(b"", MOST_AT_ONCE)):
            yield piece
    except INFLATE_FAULTS as error:
        raise unreadable(member.where, str(error)) from error


def whole_lines(pieces: Iterator[bytes], chunk_bytes: int = CHUNK_BYTES) -> Iterator[bytes]:
    """The same bytes, cut behind line ends into chunks of about `chunk_bytes`; the last may lack one."""
    parts: list[bytes] = []
    size = 0
    for piece in pieces:
        parts.append(piece)
        size += len(piece)
        if size < chunk_bytes:
            continue
        cut = piece.rfind(b"\n") + 1
        if cut == 0:
            continue
        parts[-1] = piece[:cut]
        yield b"".join(parts)
        rest = piece[cut:]
        parts, size = ([rest], len(rest)) if rest else ([], 0)
    if parts:
        yield b"".join(parts)


def read_ahead(chunks: Iterator[bytes], depth: int = CHUNKS_AHEAD) -> Generator[bytes, None, None]:
    """The same chunks, made by a thread that is at most `depth` of them ahead; its error is raised here."""
    queue: Queue[bytes | BaseException | None] = Queue(depth)
    is_over = threading.Event()

    def put(item: bytes | BaseException | None) -> bool:
        while not is_over.is_set():
            try:
                queue.put(item, timeout=0.1)
            except Full:
                continue
            return True
        return False

    def make() -> None:
        try:
            for chunk in chunks:
                if not put(chunk):
                    return
            put(None)
        except BaseException as error:
            put(error)

    thread = threading.Thread(target=make, name="inflate", daemon=True)
    thread.start()
    try:
        while (item := queue.get()) is not None:
            if isinstance(item, BaseException):
                raise item
            yield item
    finally:
        # Also where the reader gave up: the thread ends before its file is closed.
        is_over.set()
        thread.join()
