"""Eurostat's archive of a month: fetched, unpacked within bounds, and reduced to imports of our lines.

An archive has about 45 MB packed and 400 MB unpacked, 5 million rows. It is unpacked beside the pull and read in a
stream; what is left out is counted by reporter and reason. What a row means is the business of this source's reader.
"""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import polars as pl

from sources.eurostat_comext_months.schema import HEADER, KEPT, PULLED, SOURCE_ID
from sources.fetching import seven_zip
from sources.fetching.client import Client
from sources.fetching.download import RemoteFile, download, one_process_at_a_time
from sources.fetching.retry import RetryPolicy
from sources.reading.catalog import LiveAccess
from sources.reading.errors import FetchError
from sources.reading.lake import write_parquet
from sources.reference.asked import about_asked
from sources.reference.labels import reference_list

HOST = "ec.europa.eu"
FILES = f"https://{HOST}/eurostat/api/dissemination/files"
FOLDER = "comext%2FCOMEXT_DATA%2FPRODUCTS%2F"
# Five times a large month: what unpacks to more is no month.
MOST_UNPACKED_BYTES = 2_000_000_000
ACCESS = LiveAccess(
    hosts=(HOST,),
    largest_file_mb=200,
    whole_minutes=60,
    seconds_between_requests=1.0,
    verified=(
        "not reached from where this was written; address, name and columns as public code and records of 2026 "
        "have them (README.md of the source)"
    ),
)
IMPORT, EXPORT, NORMAL = "1", "2", "1"
# What every row must be, used or not.
WELL_FORMED = {
    "REPORTER": r"^[A-Z]{2}$",
    "PARTNER": r"^[A-Z]{2}$",
    "PRODUCT_NC": r"^[0-9A-Z]+$",
    "FLOW": r"^[12]$",
    "STAT_PROCEDURE": r"^\d$",
}
HIDDEN_CODE = "kept secret: digits of the code are hidden"
PLACE = ["PARTNER", "PRODUCT_NC", "PERIOD"]
SHOWN = 5
BLOCK_BYTES = 1 << 22
UNREADABLE = "the archive's file can't be read"


def archive_name(month: str) -> str:
    """Eurostat's name of a month's archive; `month` is `2025-05`."""
    return f"full_v2_{month.replace('-', '')}.7z"


def address(month: str) -> str:
    """Where the archive of a month is."""
    return f"{FILES}?file={FOLDER}{archive_name(month)}"


def pull(month: str, to: Path, *, retry_policy: RetryPolicy | None = None) -> tuple[int, int]:
    """Fetch a month's imports of our lines to a Parquet file. Returns its rows and those of the archive.

    Args:
        month: `2025-05`.
        to: what stood there stays until the new one is whole.

    Raises:
        FetchError: the archive could not be had, can't be unpacked, or holds other columns or rows than asked for.
    """
    unpacked = to.parent / ".unpacked"
    unpacked.mkdir(parents=True, exist_ok=True)
    with (
        Client(SOURCE_ID, ACCESS, retry_policy=retry_policy) as client,
        one_process_at_a_time(client, to.parent / ".pulling", HOST, "pulls from these archives"),
    ):
        try:
            rows = _pulled(client, month, unpacked)
        finally:
            shutil.rmtree(unpacked, ignore_errors=True)
    write_parquet(to, rows, about_asked(reference_list("hs_lines")["hs6"].unique()))
    kept = rows["left_out"].null_count()
    return kept, int(rows["archive_rows"].sum())


def _pulled(client: Client, month: str, folder: Path) -> pl.DataFrame:
    """A month's imports of our lines and the count of the rest. `folder` holds 500 MB meanwhile."""
    seven_zip.library(client, FILES)
    remote = RemoteFile(archive_name(month), address(month))
    where = client.shown(remote.url)
    archive = folder / remote.name
    with _month_not_out(client, where):
        download(client, remote, archive)
    table = seven_zip.unpack(
        client,
        archive,
        folder / "table",
        named=rf"full_(?:v2_)?{month.replace('-', '')}\.dat",
        most_bytes=MOST_UNPACKED_BYTES,
        where=where,
    )
    return _reduced(client, table, month, where)


@contextmanager
def _month_not_out(client: Client, where: str) -> Iterator[None]:
    """A month that is not there is a month that is not out yet: no address to be corrected."""
    try:
        yield
    except FetchError as error:
        if "status 404" not in error.got:
            raise
        raise client.error(
            problem="nothing is out for this month",
            where=where,
            expected="the archive of the month",
            got=error.got,
            next_step="nothing to mend: a month comes out about ten weeks after its end",
            is_transient=True,
        ) from None


def _reduced(client: Client, table: Path, month: str, where: str) -> pl.DataFrame:
    """Imports of our lines, and how many rows were left out, by reporter and reason. Columns: `PULLED`.

    Raises:
        FetchError: another header, ragged rows, rows of another month, codes that this layout can't hold.
    """
    with table.open("rb") as handle:
        header = handle.readline(4_096).decode("utf-8", "replace").rstrip("\r\n")
    if tuple(header.split(",")) != HEADER:
        got = header.split(",")
        raise _refused(
            client,
            where,
            "the columns are not those of an archive",
            ", ".join(HEADER),
            f"without {sorted(set(HEADER) - set(got))}, with {sorted(set(got) - set(HEADER))}"[
                :300
            ],
        )
    taken, out = [], []
    for block in _blocks(client, table, where):
        _refuse_odd(client, block, month, where)
        rows = block.with_columns(
            # A leading zero is not written.
            PRODUCT_NC=pl.when(pl.col("PRODUCT_NC").str.contains(r"^\d{7}$"))
            .then(pl.col("PRODUCT_NC").str.zfill(8))
            .otherwise("PRODUCT_NC"),
        ).with_columns(left_out=_left_out())
        taken.append(
            rows.filter(pl.col("left_out").is_null()).select(
                *KEPT, "archive_row", "left_out", archive_rows=pl.lit(1, pl.UInt32)
            )
        )
        out.append(
            rows.filter(pl.col("left_out").is_not_null())
            # Of what is hidden under one of our lines it is kept where it stood.
            .with_columns(pl.when(_may_hide_ours()).then(name).alias(name) for name in PLACE)
            .group_by("REPORTER", "left_out", *PLACE)
            .agg(archive_rows=pl.len().cast(pl.UInt32))
        )
    kept = pl.concat(taken)
    if kept.is_empty():
        raise _refused(
            client,
            where,
            "no import of our lines",
            "imports under at least one of our lines",
            "none",
        )
    key = ["REPORTER", "left_out", *PLACE]
    counted = pl.concat(out).group_by(key).agg(pl.col("archive_rows").sum())
    return pl.concat([kept, counted.sort(key)], how="diagonal").select(
        pl.col(name).cast(dtype) for name, dtype in PULLED.items()
    )


def _blocks(client: Client, table: Path, where: str) -> Iterator[pl.DataFrame]:
    """Rows of the file as text, some ten thousand at a time, with `archive_row` (header = 1).

    Raises:
        FetchError: records of another width.
    """
    first = 2
    with table.open("rb") as handle:
        handle.readline()
        begun = b""
        while piece := handle.read(BLOCK_BYTES):
            whole, end, begun = (begun + piece).rpartition(b"\n")
            if end:
                yield (block := _block(client, whole, first, where))
                first += block.height
        if begun:
            yield _block(client, begun, first, where)


def _block(client: Client, text: bytes, first: int, where: str) -> pl.DataFrame:
    try:
        rows = pl.read_csv(
            text, has_header=False, new_columns=list(HEADER), infer_schema=False, quote_char=None
        )
    except pl.exceptions.PolarsError as error:
        got = f"from row {first}: {error}"
        raise _refused(
            client, where, UNREADABLE, f"records of {len(HEADER)} columns, as text", got[:300]
        ) from None
    if rows.width != len(HEADER):
        raise _refused(
            client, where, UNREADABLE, f"{len(HEADER)} columns", f"{rows.width} from row {first}"
        )
    # Polars refuses a longer record, and fills a shorter one up: one cut within a number would lose digits.
    commas = len(HEADER) - 1
    if text.count(b",") != commas * rows.height:
        number, line = next(
            (number, line)
            for number, line in enumerate(text.splitlines(), first)
            if line.count(b",") != commas
        )
        shown = line.decode("utf-8", "replace")
        raise _refused(
            client,
            where,
            "a record that is cut short",
            f"{len(HEADER)} columns in every record",
            f"row {number}: {shown[:200]}",
        )
    return rows.with_row_index("archive_row", offset=first)


def _refuse_odd(client: Client, block: pl.DataFrame, month: str, where: str) -> None:
    """Stop at rows that this layout can't hold, used or not."""
    period = month.replace("-", "")
    fits = pl.all_horizontal(
        pl.col(name).str.contains(form).fill_null(value=False)
        for name, form in {**WELL_FORMED, "PERIOD": f"^{period}$"}.items()
    )
    odd = block.filter(~fits)
    if odd.height:
        shown = [
            f"row {row['archive_row']}: " + ",".join(str(row[name]) for name in HEADER)
            for row in odd.head(SHOWN).iter_rows(named=True)
        ]
        raise _refused(
            client,
            where,
            "rows that this layout can't hold",
            f"period {period}, two letters, two letters, a code, flow 1 or 2, one digit",
            f"{odd.height:,} otherwise: {'; '.join(shown)}",
        )


def _left_out() -> pl.Expr:
    """Why a row of the archive is none of ours; null where it is."""
    code = pl.col("PRODUCT_NC")
    lines = reference_list("hs_lines")["hs6"].unique().to_list()
    return (
        pl.when(pl.col("FLOW") == EXPORT)
        .then(pl.lit("export"))
        .when(pl.col("STAT_PROCEDURE") != NORMAL)
        .then(pl.lit("another customs procedure than the normal one"))
        .when(code.str.contains(r"^\d{8}$") & ~code.str.slice(0, 6).is_in(lines))
        .then(pl.lit("line outside reference/hs_lines.csv"))
        .when(code.str.contains(r"^\d{2}.*[A-Z]"))
        .then(pl.lit(HIDDEN_CODE))
        .when(~code.str.contains(r"^\d{8}$"))
        .then(pl.lit("sum over codes"))
    )


def _may_hide_ours() -> pl.Expr:
    """Whether the digits that a code shows are the first of a line of ours."""
    lines = reference_list("hs_lines")["hs6"].unique()
    begun = {line[:digits] for line in lines for digits in range(2, 7)}
    shown = pl.col("PRODUCT_NC").str.extract(r"^(\d{2,6})")
    return (pl.col("left_out") == HIDDEN_CODE) & shown.is_in(sorted(begun))


def _refused(client: Client, where: str, problem: str, expected: str, got: str) -> FetchError:
    return client.error(
        problem=problem,
        where=where,
        expected=expected,
        got=got,
        next_step=(
            "open the address; if Eurostat changed the file, follow it in "
            "sources/eurostat_comext_months/comext_archive.py"
        ),
        is_transient=False,
    )
