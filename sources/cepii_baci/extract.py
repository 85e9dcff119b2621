"""A year of BACI, or many at once, streamed from its zip to the rows of our lines.

A large year is inflated by one thread and parsed by others, and fills the cores alone. Small years are read
two beside each other. Either way the text in memory is that of a few chunks, whatever the release.
"""

import logging
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from itertools import chain

import polars as pl

from sources.cepii_baci.archive import SOURCE, Member
from sources.cepii_baci.rows import HEADER, MOST_FAULTS, Parsed, parse
from sources.cepii_baci.stream import CHUNK_BYTES, inflated, read_ahead, whole_lines
from sources.reading.errors import SourceError

# Of two cores: two parsers wait for the one that inflates, three don't.
WORKERS = 3
YEARS_AT_ONCE = 2
# A year of a few chunks can't fill two cores by itself.
LARGE_BYTES = 8 * CHUNK_BYTES
LINE_ROWS = {"hs6": pl.String, "rows": pl.UInt32}
Progress = Callable[["YearOfRows"], None]
logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class YearOfRows:
    """One file of a year, read: rows in, rows of our lines, and rows by line (ours and others)."""

    source_file: str
    year: int
    rows_in: int
    kept: pl.DataFrame
    by_line: pl.DataFrame


def log_progress(year: YearOfRows) -> None:
    """Progress into the log."""
    logger.info(
        "%s: %s of %s rows are of our lines", year.source_file, year.kept.height, year.rows_in
    )


def read_years(
    members: Sequence[tuple[Member, int]],
    lines: pl.Series,
    *,
    at_once: int = YEARS_AT_ONCE,
    progress: Progress = log_progress,
) -> list[YearOfRows]:
    """Rows of our lines of several members, in the order given.

    Args:
        members: each with the year that its rows must be of.
        lines: HS6 codes to keep.
        at_once: how many small members are read beside each other.
        progress: called with each year when it is read, in order.

    Raises:
        SourceError: a member is cut, damaged or not laid out as BACI; the first of them.
    """
    read: list[YearOfRows] = []
    if len(members) == 1 or any(member.text_bytes > LARGE_BYTES for member, _ in members):
        for member, year in members:
            read.append(read_year(member, year, lines))
            progress(read[-1])
        return read
    with ThreadPoolExecutor(at_once, thread_name_prefix="year") as pool:
        tasks = [pool.submit(read_year, member, year, lines, workers=1) for member, year in members]
        try:
            for task in tasks:
                read.append(task.result())
                progress(read[-1])
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    return read


def read_year(
    member: Member,
    year: int,
    lines: pl.Series,
    *,
    workers: int = WORKERS,
    chunk_bytes: int = CHUNK_BYTES,
) -> YearOfRows:
    """Rows of our lines of one member.

    Args:
        workers: how many chunks are parsed at once; 1 inflates and parses in this thread alone.

    Raises:
        SourceError: the member is cut, damaged, or its header, cells or year are not BACI's.
    """
    chunks = whole_lines(inflated(member), chunk_bytes)
    parse_one = partial(parse, year=year, lines=lines)
    if workers == 1:
        parsed = map(parse_one, _without_header(chunks, member.where))
        return year_from_chunks(member.where, member.name, year, parsed)
    with closing(read_ahead(chunks)) as made, ThreadPoolExecutor(workers) as pool:
        parsed = _parsed_in_parallel(pool, workers, _without_header(made, member.where), parse_one)
        return year_from_chunks(member.where, member.name, year, parsed)


def _parsed_in_parallel(
    pool: ThreadPoolExecutor,
    workers: int,
    chunks: Iterator[bytes],
    parse_one: Callable[[bytes], Parsed],
) -> Iterator[Parsed]:
    """In the order of the file, so that a fault's row can be counted; never many more chunks than workers."""
    running: deque[Future[Parsed]] = deque()
    for chunk in chunks:
        running.append(pool.submit(parse_one, chunk))
        if len(running) > workers:
            yield running.popleft().result()
    while running:
        yield running.popleft().result()


def _without_header(chunks: Iterator[bytes], where: str) -> Iterator[bytes]:
    """The chunks behind the first line.

    Raises:
        SourceError: the first line is not BACI's header (an error page has one too), or nothing follows.
    """
    first = next(chunks, b"")
    line, _, rest = first.partition(b"\n")
    if line.removesuffix(b"\r") != HEADER:
        raise SourceError(
            source=SOURCE,
            problem="the header is not BACI's",
            where=where,
            expected=HEADER.decode(),
            got=repr(line[:80].decode("utf-8", "replace")),
            next_step="compare with the release's own description and adapt sources/cepii_baci/rows.py",
        )
    following = rest or next(chunks, b"")
    if not following:
        raise SourceError(
            source=SOURCE,
            problem="the file holds a header and no rows",
            where=where,
            expected="at least one row",
            got="0 rows",
            next_step="fetch the zip again",
        )
    yield from chain([following], chunks)


def year_from_chunks(
    where: str, source_file: str, year: int, parsed: Iterator[Parsed]
) -> YearOfRows:
    """One year of its chunks.

    Raises:
        SourceError: rows that are not laid out as BACI's; all of them at once, capped.
    """
    rows = 0
    kept: list[pl.DataFrame] = []
    by_line: list[pl.DataFrame] = [pl.DataFrame(schema=LINE_ROWS)]
    faults: list[str] = []
    for part in parsed:
        # The header is row 1.
        faults += [f"row {rows + number + 2:,}: {wrong}" for number, wrong in part.faults]
        rows += part.rows
        kept.append(part.kept)
        by_line.append(part.by_line)
        if faults:
            break
    if faults:
        raise SourceError(
            source=SOURCE,
            problem="rows that are not laid out as BACI's",
            where=where,
            expected=f"t ({year}), i, j codes, k six digits, v thousand US$, q tonnes or NA",
            got=f"{len(faults)}{'+' if len(faults) >= MOST_FAULTS else ''} rows, up to the first chunk with any",
            next_step="fetch the zip again; if the publisher changed its layout, adapt sources/cepii_baci/rows.py",
            offenders=faults,
        )
    counts = pl.concat(by_line).group_by("hs6").agg(pl.col("rows").sum()).sort("hs6")
    return YearOfRows(source_file, year, rows, pl.concat(kept).rechunk(), counts)
