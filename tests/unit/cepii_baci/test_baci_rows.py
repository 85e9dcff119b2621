"""Rows worked out by hand, and the parser against Python's own decimals for any padding and any chunk size."""

import hashlib
import threading
import zipfile
import zlib
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import polars as pl
import pytest
from baci_files import (
    EDITION,
    MEMBER,
    ROWS,
    SOURCE,
    Tables,
    lake_of,
    read_small,
    small_zip,
    text_of,
    write_zip,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from sources.cepii_baci import extract, stream
from sources.cepii_baci.archive import members_of
from sources.cepii_baci.extract import read_year, read_years
from sources.cepii_baci.reader import PUBLISHED, read_in_stream
from sources.cepii_baci.rows import parse
from sources.cepii_baci.stream import inflated, read_ahead, whole_lines
from sources.cepii_baci.tidy import tonnes
from sources.reading.catalog import SourceFile

LINES = pl.Series(["282200", "850511"])
Row = tuple[int, int, str, int, int, int | None]


def test_a_release_without_the_extracts_leaves_their_tables_empty(tmp_path: Path) -> None:
    """CEPII publishes its zips alone; the extracts of a third party may be lacking."""
    path = small_zip(tmp_path, *ROWS)
    file = SourceFile(
        table="trade",
        path=path.name,
        layout="zip_by_year",
        sha256=hashlib.sha256(path.read_bytes()).hexdigest(),
    )
    alone = SOURCE.model_copy(update={"editions": (EDITION.model_copy(update={"files": (file,)}),)})
    tables = read_in_stream(alone, tmp_path)
    assert tables.keys() == PUBLISHED.keys()
    assert tables["trade_hs17_2024"].height == 3
    assert tables["trade_hs02_top6"].is_empty()


@pytest.fixture
def lake(tmp_path: Path) -> Tables:
    return lake_of(small_zip(tmp_path, *ROWS))


def test_rows_arrive_in_dollars_and_tonnes(lake: Tables) -> None:
    # 123,456.789 thousand are 123,456,789 dollars; sorted by line, importer, exporter.
    names = ["hs6", "exporter_iso3", "importer_iso3", "value_usd", "quantity_tonnes_gross"]
    assert lake["trade"].select(names).rows() == [
        ("282200", "COD", "CHN", 123_456_789, 43_210.987),
        ("850511", "CHN", "FRA", 120_000, None),
        ("850511", "CHN", "USA", 1_484, 0.029),
    ]
    assert lake["trade"]["quantity_status"].to_list() == ["numeric", "not_available", "numeric"]
    assert lake["trade"]["exporter_code"].to_list() == [180, 156, 156]
    assert set(lake["trade"]["hs_revision"]) == {"HS2017"}
    assert set(lake["trade"]["series_id"]) == {"hs17_2024"}
    assert not lake["trade"]["is_truncated_release"].any()


def test_every_row_is_kept_or_counted_with_a_reason(lake: Tables) -> None:
    account = ["member", "rows_in", "rows_kept", "rows_not_used"]
    assert lake["file_account"].select(account).rows() == [(MEMBER, 4, 3, 1)]
    lines = ["hs6", "rows", "value_usd", "is_used", "not_used_reason"]
    assert lake["line_account"].sort("hs6").select(lines).rows() == [
        ("270112", 1, None, False, "coal: no mineral of ours"),
        ("282200", 1, 123_456_789, True, None),
        ("850511", 2, 121_484, True, None),
    ]


def test_a_quantity_below_a_kilogram_is_no_zero(tmp_path: Path) -> None:
    row = "2024,156,842,850511,             1.484,             0.000"
    [got] = lake_of(small_zip(tmp_path, row))["trade"].to_dicts()
    assert (got["quantity_tonnes_gross"], got["quantity_status"]) == (None, "below_unit")


@pytest.mark.parametrize(
    ("printed", "whole"),
    [
        ("1", 1_000),
        ("1.5", 1_500),
        ("0.001", 1),
        ("4.35", 4_350),
        ("1.005", 1_005),
        ("999999999.999", 999_999_999_999),
        # As the release has them: what a binary fraction left behind the third decimal.
        ("29.141000000000002", 29_141),
        ("0.23399999999999999", 234),
        ("98.18299999999999", 98_183),
        ("6993.1630000000005", 6_993_163),
        ("0.99999999999999999", 1_000),
        ("1.9999999999999998", 2_000),
    ],
)
def test_a_number_is_read_by_its_digits(printed: str, whole: int) -> None:
    chunk = f"2024,156,842,850511,{printed:>18},{printed:>18}\n".encode()
    parsed = parse(chunk, 2024, LINES)
    assert parsed.faults == []
    assert parsed.kept.select("value_usd", "quantity_kg").rows() == [(whole, whole)]


def test_tonnes_are_the_nearest_binary_number() -> None:
    printed = [f"{number / 1000:.3f}" for number in range(1, 30_000, 7)]
    rows = [f"2024,156,842,850511,1.000,{text}" for text in printed]
    # One pair would be a key many times: the parser and the division are asked alone.
    kept = parse(text_of(*rows).removeprefix(b"t,i,j,k,v,q\n"), 2024, LINES).kept
    assert tonnes(kept["quantity_kg"]).to_list() == [float(text) for text in printed]


def test_leading_zeros_of_a_code_are_kept() -> None:
    parsed = parse(b"2024,156,842,010111,1.000,NA\n", 2024, pl.Series(["010111"]))
    assert parsed.kept["hs6"].to_list() == ["010111"]


number = st.integers(0, 10**13).map(lambda whole: Decimal(whole) / 1000)
padded = st.integers(0, 20)
row = st.tuples(
    st.integers(1, 999),
    st.integers(1, 999),
    st.sampled_from(["282200", "850511", "010111", "270112"]),
    number,
    st.one_of(st.none(), number),
    padded,
)


def _printed(value: Decimal | None, width: int) -> str:
    return ("NA" if value is None else f"{value.normalize():f}").rjust(width)


def _expected(rows) -> list[Row]:
    def whole(value: Decimal | None) -> int | None:
        return None if value is None else int((value * 1000).to_integral_value(ROUND_HALF_UP))

    return [
        (i, j, k, 2024, whole(v) or 0, whole(q)) for i, j, k, v, q, _ in rows if k in set(LINES)
    ]


@settings(max_examples=60, deadline=None)
@given(
    rows=st.lists(row, min_size=1, max_size=12),
    chunk_bytes=st.integers(1, 400),
    ends=st.booleans(),
    workers=st.sampled_from([1, 2, 3]),
    method=st.sampled_from([zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED]),
)
def test_any_chunk_size_padding_and_packing_gives_the_same_rows(
    tmp_path_factory: pytest.TempPathFactory, *, rows, chunk_bytes, ends, workers, method
) -> None:
    lines = [f"2024,{i},{j},{k},{_printed(v, w)},{_printed(q, w)}" for i, j, k, v, q, w in rows]
    text = text_of(*lines)
    path = write_zip(
        tmp_path_factory.mktemp("zip") / "one.zip",
        {MEMBER: text if ends else text.rstrip(b"\n")},
        method,
    )
    member = members_of(path)[MEMBER]
    year = read_year(member, 2024, LINES, workers=workers, chunk_bytes=chunk_bytes)
    names = ["exporter_code", "importer_code", "hs6", "reference_year", "value_usd", "quantity_kg"]
    assert year.kept.select(names).rows() == _expected(rows)
    assert year.rows_in == len(rows) == year.by_line["rows"].sum()


@given(st.lists(st.binary(max_size=12)), st.integers(1, 40))
def test_chunks_are_the_same_bytes_cut_behind_line_ends(pieces: list[bytes], size: int) -> None:
    chunks = list(whole_lines(iter(pieces), size))
    assert b"".join(chunks) == b"".join(pieces)
    assert all(chunk.endswith(b"\n") for chunk in chunks[:-1])


def test_zlib_reads_what_isal_reads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    member = members_of(small_zip(tmp_path, *ROWS * 5_000))[MEMBER]
    by_isal = b"".join(inflated(member))
    assert stream.inflater is not zlib, "isal is a dependency: it must be there"
    monkeypatch.setattr(stream, "inflater", zlib)
    assert b"".join(inflated(member)) == by_isal == text_of(*ROWS * 5_000)


def test_no_call_of_the_inflater_returns_more_than_its_bound(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "zeros.zip", {MEMBER: b"\n" * (20 << 20)})
    sizes = [len(piece) for piece in inflated(members_of(path)[MEMBER])]
    assert max(sizes) <= stream.MOST_AT_ONCE
    assert sum(sizes) == 20 << 20


def test_a_reader_that_gives_up_ends_the_thread_that_inflates() -> None:
    endless = iter(lambda: b"x" * 10, b"")
    chunks = read_ahead(endless)
    assert next(chunks) == b"x" * 10
    chunks.close()
    assert "inflate" not in {thread.name for thread in threading.enumerate()}


def test_windows_line_ends_read_the_same(tmp_path: Path) -> None:
    content = text_of(*ROWS).replace(b"\n", b"\r\n")
    path = write_zip(tmp_path / "BACI_HS17_V202601.zip", {MEMBER: content})
    year = read_year(members_of(path)[MEMBER], 2024, LINES)
    assert year.kept.height == 3
    assert year.kept["quantity_kg"].to_list() == [43_210_987, 29, None]


@pytest.mark.parametrize("large_bytes", [0, extract.LARGE_BYTES], ids=["in turn", "at once"])
def test_years_come_in_the_order_asked_with_progress(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, large_bytes: int
) -> None:
    monkeypatch.setattr(extract, "LARGE_BYTES", large_bytes)
    texts = {
        f"BACI_HS17_Y{year}_V202601.csv": text_of(
            *[r.replace("2024,", f"{year},", 1) for r in ROWS]
        )
        for year in (2023, 2021, 2022)
    }
    members = members_of(write_zip(tmp_path / "many.zip", texts))
    told: list[int] = []
    asked = [(members[f"BACI_HS17_Y{year}_V202601.csv"], year) for year in (2023, 2021, 2022)]
    years = read_years(asked, LINES, progress=lambda year: told.append(year.year))
    assert [year.year for year in years] == told == [2023, 2021, 2022]
    assert [year.kept["reference_year"].unique().to_list() for year in years] == [
        [2023],
        [2021],
        [2022],
    ]


def test_nothing_is_unpacked_beside_the_zip(tmp_path: Path) -> None:
    path = small_zip(tmp_path, *ROWS)
    read_small(path)
    assert list(tmp_path.iterdir()) == [path]
