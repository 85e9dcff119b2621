"""Encodings, headers and records of a publisher's table: refused before its figures are looked at."""

import polars as pl
import pytest
from publisher_files import (
    HEADER_2025,
    HEADER_2026,
    LONG,
    PAGE,
    SOURCE,
    WIDE,
    assert_error_says,
    long_bytes,
    long_row,
    read_2025,
    read_2026,
    wide_bytes,
    wide_row,
)

from sources.reading import files
from sources.reading.errors import SourceError
from sources.reading.files import read_csv, read_csv_with_blanks


def _exact(text: str) -> pl.DataFrame:
    return read_csv(SOURCE, "f.csv", text, ("A", "B", "C"))


def _with_blanks(text: str) -> pl.DataFrame:
    return read_csv_with_blanks(SOURCE, "f.csv", text)


def test_both_layouts_as_published_are_read() -> None:
    # BOM and CRLF; cp1252 with the em dash as byte 0x97, which is a zero.
    assert WIDE.startswith(b"\xef\xbb\xbfSOURCE,")
    assert b"\r\n" in WIDE
    assert read_2025(WIDE)["world_figure"]["value_number"].to_list() == [41_400.0, 49_000.0]
    assert b",\x97," in LONG
    assert read_2026(LONG)["world_figure"].select("value_status", "value_number").rows() == [
        ("numeric", 48_900.0),
        ("zero", 0.0),
    ]


def test_line_ends_of_unix_are_read_alike() -> None:
    got, unix = (read_2026(content)["world_figure"] for content in (LONG, LONG.replace(b"\r", b"")))
    assert got.equals(unix)


def test_a_2025_file_saved_as_cp1252_is_refused() -> None:
    with pytest.raises(SourceError) as raised:
        read_2025(WIDE.replace(b"Chile", b"C\xf4te d\x92Ivoire"))
    assert_error_says(
        raised,
        problem="wrong text encoding",
        where="MCS2025_World_Data.csv, byte",
        expected="utf-8-sig",
        got="that utf-8-sig does not have here",
        next_step="don't re-save it in a spreadsheet",
    )


@pytest.mark.parametrize("mark", [b"\xef\xbb\xbf", b""], ids=["with BOM", "without"])
def test_the_byte_that_can_not_be_decoded_is_named_where_it_lies_in_the_file(mark: bytes) -> None:
    content = mark + b"SOURCE,C\xf4te"
    with pytest.raises(SourceError) as raised:
        files.decode(SOURCE, "f.csv", content, "utf-8-sig")
    assert "byte 0xf4" in raised.value.got
    assert raised.value.where == f"f.csv, byte {content.index(0xF4)}"


def test_a_2026_file_with_a_byte_that_cp1252_lacks_is_refused() -> None:
    with pytest.raises(SourceError) as raised:
        read_2026(LONG.replace(b"Chile", b"Ch\x81le"))
    assert_error_says(
        raised,
        problem="wrong text encoding",
        where="MCS2026_Commodities_Data.csv, byte",
        expected="cp1252",
        got="byte 0x81",
        next_step="fetch the file again as published",
    )


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_a_2026_file_saved_as_utf8_is_refused(encoding: str) -> None:
    with pytest.raises(SourceError):
        read_2026(LONG.decode("cp1252").encode(encoding))


@pytest.mark.parametrize(
    ("header", "offenders"),
    [
        (
            HEADER_2026.replace("Value", "Quantity"),
            ["missing column 'Value'", "unknown column 'Quantity'"],
        ),
        (HEADER_2026.replace("Year,Value", "Value,Year"), []),
        (HEADER_2026.replace("Unit", "unit"), ["missing column 'Unit'", "unknown column 'unit'"]),
        (HEADER_2026.replace("Unit,", "Country,"), ["missing column 'Unit'"]),
    ],
    ids=["renamed", "swapped", "other case", "twice"],
)
def test_another_header_is_refused(header: str, offenders: list[str]) -> None:
    with pytest.raises(SourceError) as raised:
        read_2026(long_bytes(long_row("Chile", "1"), header=header))
    assert_error_says(
        raised,
        problem="the header is not the one of this edition",
        where="MCS2026_Commodities_Data.csv",
        expected=HEADER_2026.replace(",", ", "),
        got="MCS chapter, Section",
        next_step="layouts.py",
        offenders=offenders,
    )


def test_a_missing_column_is_refused() -> None:
    shorter = HEADER_2025.replace(",RESERVE_NOTES", "")
    with pytest.raises(SourceError) as raised:
        read_2025(wide_bytes(wide_row("Chile", "1", "2")[:-1], header=shorter))
    assert raised.value.offenders == ["missing column 'RESERVE_NOTES'"]


def test_an_error_page_named_csv_is_refused() -> None:
    for read, columns in ((read_2025, "13 columns: SOURCE"), (read_2026, "12 columns: MCS")):
        with pytest.raises(SourceError) as raised:
            read(PAGE)
        assert_error_says(
            raised,
            problem="the file is no regular CSV",
            where="MCS202",
            expected=columns,
            got="first line '<!DOCTYPE html>'",
            next_step="fetch the file again",
        )


@pytest.mark.parametrize("content", [b"", b"\xef\xbb\xbf", b"\r\n\r\n"])
def test_a_file_without_a_header_is_refused(content: bytes) -> None:
    with pytest.raises(SourceError) as raised:
        read_2025(content)
    assert "expected: 13 columns" in str(raised.value) or "SOURCE, COMMODITY" in str(raised.value)


def test_a_header_without_rows_is_refused() -> None:
    for read, content in ((read_2025, wide_bytes()), (read_2026, long_bytes())):
        with pytest.raises(SourceError) as raised:
            read(content)
        assert_error_says(
            raised,
            problem="the file holds a header and no rows",
            where="MCS202",
            expected="a header and at least one row",
            got="0 rows",
            next_step="fetch the file again",
        )


def test_rows_of_another_width_are_refused_all_at_once() -> None:
    with pytest.raises(SourceError) as raised:
        read_2026(
            long_bytes(
                long_row("Chile", "1"),
                [*long_row("China", "2"), "more"],
                long_row("Mali", "3")[:-1],
            )
        )
    assert_error_says(
        raised,
        problem="the file is no regular CSV",
        where="MCS2026_Commodities_Data.csv",
        expected="12 columns: MCS chapter",
        got="first line 'MCS chapter,Section",
        next_step="fetch the file again",
        offenders=["row 3: 13 cells", "row 4: 11 cells"],
    )


@pytest.mark.parametrize("read", [_exact, _with_blanks])
@pytest.mark.parametrize(
    ("text", "offender"),
    [
        ("A,B,C\r\n1,2,3\r\n4,5\r\n", "row 3: 2 cells"),
        ("A,B,C\r\n1,2,3\r\n4,5,6,7\r\n", "row 3: 4 cells"),
        ("A,B,C\r\n1,2,3\r\n\r\n4,5,6\r\n", "row 3: a blank line"),
        ("A,B,C\r\n1,2,3\r\n\r\n", "row 3: a blank line"),
        ('A,B,C\r\n1,2,"3\r\n4,5,6\r\n', "row 2: unexpected end of data"),
        ('A,B,C\r\n1,"2"2,3\r\n', "row 2: ',' expected after '\"'"),
    ],
    ids=["short", "long", "blank", "blank at the end", "open quote", "text behind a quote"],
)
def test_what_is_no_regular_csv_is_refused_by_both_readers(read, text: str, offender: str) -> None:
    with pytest.raises(SourceError) as raised:
        read(text)
    assert_error_says(
        raised,
        problem="the file is no regular CSV",
        where="f.csv",
        expected="columns: A, B, C" if read is _exact else "records of one width",
        got="first line 'A,B,C'",
        next_step="fetch the file again",
        offenders=[offender],
    )


def test_blank_records_and_unnamed_empty_columns_of_a_spreadsheet_stay_countable() -> None:
    frame = _with_blanks("A, B ,,\r\n1,,,\r\n,,,\r\n , 2 ,, \r\n")
    assert frame.columns == ["row", "A", "B"]
    assert frame.rows() == [(2, "1", None), (3, None, None), (4, None, " 2 ")]


def test_columns_with_equal_names_are_refused_all_at_once() -> None:
    text = "A,B,,A\r\n1,2,,3\r\n4,5,spilled,6\r\n"
    with pytest.raises(SourceError) as raised:
        _with_blanks(text)
    assert_error_says(
        raised,
        problem="the columns of the file are not told apart by their names",
        where="f.csv",
        expected="nothing under an unnamed one",
        got="first line 'A,B,,A'",
        next_step="mappings/unnamed_columns.csv",
        offenders=["column 'A' named twice", "row 3, column 3: 'spilled'"],
    )
    known = read_csv_with_blanks(SOURCE, "f.csv", text.replace(",A", ",D"), drop_unnamed=True)
    assert known.rows() == [(2, "1", "2", "3"), (3, "4", "5", "6")]


@pytest.mark.parametrize("text", ["", "\ufeff", "A,B,C\r\n"])
def test_a_spreadsheet_without_rows_is_refused(text: str) -> None:
    with pytest.raises(SourceError, match="no rows"):
        _with_blanks(text)


def test_rows_are_numbered_as_in_a_spreadsheet_and_empty_cells_are_null() -> None:
    frame = read_csv(SOURCE, "f.csv", 'A,B\r\n1,"x\r\ny"\r\n,2\r\n', ("A", "B"))
    assert frame.rows() == [(2, "1", "x\r\ny"), (3, None, "2")]
