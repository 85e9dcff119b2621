"""Eurostat's months: an archive pulled from the mirror, read and tidied; hostile and damaged ones; what is refused."""

import builtins
import io
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import py7zr
import pytest
from pulled_month import MONTH, read_pull, source_of_pull

from sources.eurostat_comext_months import comext_archive
from sources.eurostat_comext_months.reader import READER
from sources.eurostat_comext_months.schema import LAYOUT, SOURCE_ID
from sources.fetching.retry import RetryPolicy
from sources.reading.errors import FetchError, SourceError
from sources.reading.open_file import Tables
from sources.reference.labels import reference_list
from tests.mirror import comext
from tests.mirror.comext import row
from tests.mirror.server import PAGE, Fault, Mirror, running

GALLIUM, MAGNET, TOMATO = "81129289", "85051110", "7020000"
ROWS = [
    row("DE", "CN", GALLIUM, 900, 3_000),
    row("DE", "NL", GALLIUM, "100.5"),
    row("GR", "XU", MAGNET, 50, 7),
    row("GR", "XI", MAGNET, 5, 1),
    row("GR", "NA", MAGNET, 20, ""),
    # Kept secret: the partner, digits of the code, and perhaps the value.
    row("DE", "QZ", GALLIUM, 70, 1),
    row("DE", "CN", "8112XXXX", 60, 1),
    row("BE", "CN", "81SSS99A", 40, 1),
    row("BE", "CN", GALLIUM, 0, 12),
    # No country, and places beside their country.
    row("BE", "QR", GALLIUM, 30, 1),
    row("SE", "XC", GALLIUM, 8, 1),
    # Sums, exports, processing, and a line that is none of ours, whose leading zero is not written.
    row("DE", "CN", "8112", 1_000, 1),
    row("DE", "CN", "TOTAL", 9_000, 1),
    row("DE", "CN", GALLIUM, 11, 1, flow="2"),
    row("DE", "CN", GALLIUM, 12, 1, procedure="2"),
    row("DE", "CN", TOMATO, 13, 1),
]


@pytest.fixture
def mirror(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Mirror]:
    with running({comext.HOST}, tmp_path) as (server, environment):
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        publish(server, ROWS)
        yield server


def publish(mirror: Mirror, rows: list[str], **told: str) -> None:
    comext.publish(mirror, {MONTH: comext.archive(MONTH, rows, **told)})


def pulled(to: Path) -> tuple[int, int]:
    policy = RetryPolicy(attempts=3, sleep=lambda _: None)
    return comext_archive.pull(MONTH, to / "pull" / "month.parquet", retry_policy=policy)


def refused(to: Path) -> FetchError:
    """The error of a pull that leaves nothing behind, neither a file of figures nor what it unpacked."""
    with pytest.raises(FetchError) as caught:
        pulled(to)
    assert [path.name for path in (to / "pull").iterdir()] == [".pulling"]
    return caught.value


def read(to: Path) -> Tables:
    content = (to / "pull" / "month.parquet").read_bytes()
    return read_pull(source_of_pull(SOURCE_ID, LAYOUT), content)


def tidied(to: Path) -> Tables:
    return READER.tidy(READER.checked(read(to)), source_of_pull(SOURCE_ID, LAYOUT))


def test_a_month_is_pulled_read_and_accounted_for(mirror: Mirror, tmp_path: Path) -> None:
    """`NA` is Namibia, an empty weight and one of 0 are missing, Great Britain stands for the United Kingdom."""
    assert pulled(tmp_path) == (9, 16)
    [asked] = mirror.requests(comext.FILES)
    assert asked.query == {"file": "comext/COMEXT_DATA/PRODUCTS/full_v2_202505.7z"}
    lake = tidied(tmp_path)
    found = lake["month_trade"].select(
        "reporter_iso3", "partner_iso3", "hs_code", "value", "quantity", "quantity_tonnes_gross",
        "quantity_status", "source_row_id",
    )  # fmt: skip
    assert sorted(found.rows()) == [
        ("DEU", "CHN", GALLIUM, 900.0, 3_000.0, 3.0, "numeric", "M202505_20260703:month.parquet:2"),
        ("DEU", "NLD", GALLIUM, 100.5, None, None, "not_available", "M202505_20260703:month.parquet:3"),
        ("GRC", "GBR", MAGNET, 50.0, 7.0, 0.007, "numeric", "M202505_20260703:month.parquet:4"),
        ("GRC", "NAM", MAGNET, 20.0, None, None, "not_available", "M202505_20260703:month.parquet:6"),
    ]  # fmt: skip
    assert set(lake["month_trade"]["currency"]) == {"EUR"}
    assert set(lake["month_trade"]["reference_month"]) == {5}
    accounted = lake["not_used"].select("label", "not_used_reason", "file_rows")
    assert sorted(accounted.rows()) == [
        (GALLIUM, "Ceuta, beside Spain", 1),
        (GALLIUM, "kept secret: the partner is hidden", 1),
        (GALLIUM, "listed with 0 euro: rounded, or kept secret", 1),
        (GALLIUM, "partner that is no country", 1),
        (MAGNET, "Northern Ireland, beside the United Kingdom", 1),
        ("BE", "kept secret: digits of the code are hidden", 1),
        ("DE", "another customs procedure than the normal one", 1),
        ("DE", "export", 1),
        ("DE", "kept secret: digits of the code are hidden", 1),
        ("DE", "line outside reference/hs_lines.csv", 1),
        ("DE", "sum over codes", 2),
    ]
    assert lake["file_rows"]["file_rows"].to_list() == [16]
    assert found.height + accounted["file_rows"].sum() == 16


def test_what_may_hide_a_line_of_ours_is_counted_by_reporter(
    mirror: Mirror, tmp_path: Path
) -> None:
    """A hidden partner, digits, a value of 0; not digits that begin no line of ours, nor a part of a country."""
    others = [
        row("BE", "QX", "81XXXXXX", 40, 1),
        row("BE", "QY", GALLIUM, 40, 1),
        row("BE", "QV", "8112XXXX", 40, 1),
        row("BE", "QW", GALLIUM, 40, 1),
        row("BE", "XU", "8112XXXX", 40, 1),
        row("BE", "XC", "8112XXXX", 40, 1),
        row("BE", "CN", "0702XXXX", 40, 1),
        row("BE", "CN", "8112XXXX", 40, 1, flow="2"),
    ]
    publish(mirror, [*ROWS, *others])
    pulled(tmp_path)
    lake = tidied(tmp_path)
    found = lake["secret_trade"].select(
        "reporter_iso3", "partner_iso3", "partner_label", "visible_digits", "hidden", "file_rows"
    )
    assert sorted(found.rows(), key=str) == [
        ("BEL", "CHN", "CN", "81", "code", 1),
        ("BEL", "CHN", "CN", "811292", "value", 1),
        ("BEL", "GBR", "GB", "8112", "code", 1),
        ("BEL", None, "QV", "8112", "code", 1),
        ("BEL", None, "QW", "811292", "partner", 1),
        ("BEL", None, "QX", "81", "code", 1),
        ("BEL", None, "QY", "811292", "partner", 1),
        ("DEU", "CHN", "CN", "8112", "code", 1),
        ("DEU", None, "QZ", "811292", "partner", 1),
    ]
    members = lake["secret_trade"].filter(partner_bloc_id="EU27")
    assert sorted(members["partner_label"]) == ["QV", "QY"]
    assert set(lake["secret_trade"].select("reference_year", "reference_month").rows()) == {
        (2025, 5)
    }
    hidden = lake["not_used"].filter(not_used_reason="kept secret: digits of the code are hidden")
    assert sorted(hidden.select("label", "file_rows").rows()) == [("BE", 6), ("DE", 1)]


def test_the_united_kingdom_is_not_counted_twice(mirror: Mirror, tmp_path: Path) -> None:
    publish(mirror, [*ROWS, row("GR", "GB", MAGNET, 55, 8)])
    pulled(tmp_path)
    trade = tidied(tmp_path)["month_trade"].filter(partner_iso3="GBR")
    assert trade["value"].to_list() == [55.0]


def test_great_britain_counts_where_another_member_names_the_united_kingdom(
    mirror: Mirror, tmp_path: Path
) -> None:
    publish(mirror, [*ROWS, row("AT", "GB", MAGNET, 5, 1), row("GR", "GB", GALLIUM, 6, 1)])
    pulled(tmp_path)
    trade = tidied(tmp_path)["month_trade"].filter(partner_iso3="GBR")
    assert sorted(trade.select("reporter_iso3", "value").rows()) == [
        ("AUT", 5.0),
        ("GRC", 6.0),
        ("GRC", 50.0),
    ]


def test_a_month_that_is_not_out_is_no_empty_month(mirror: Mirror, tmp_path: Path) -> None:
    comext.publish(mirror, {"2025-04": comext.archive("2025-04", ROWS)})
    error = refused(tmp_path)
    assert error.is_transient
    assert "nothing is out for this month" in str(error)


def test_a_page_in_place_of_the_archive_passes(mirror: Mirror, tmp_path: Path) -> None:
    mirror.fail(comext.FILES, always=Fault(body=PAGE, content_type="text/html"))
    error = refused(tmp_path)
    assert error.is_transient
    assert "something else than the file" in str(error)


@pytest.mark.parametrize("place", [0, 40, -20])
def test_a_damaged_archive_is_one_error(mirror: Mirror, tmp_path: Path, place: int) -> None:
    content = bytearray(comext.archive(MONTH, ROWS))
    content[place] ^= 0xFF
    comext.publish(mirror, {MONTH: bytes(content)})
    assert "the archive can't be unpacked" in str(refused(tmp_path))


def test_half_an_archive_is_one_error(mirror: Mirror, tmp_path: Path) -> None:
    content = comext.archive(MONTH, ROWS)
    comext.publish(mirror, {MONTH: content[: len(content) // 2]})
    error = refused(tmp_path)
    assert error.is_transient
    assert "the archive can't be unpacked" in str(error)


@pytest.mark.parametrize("name", ["../full_202505.dat", "/tmp/full_202505.dat", "full_202504.dat"])
def test_a_file_of_another_name_is_not_unpacked(mirror: Mirror, tmp_path: Path, name: str) -> None:
    packed = io.BytesIO()
    with py7zr.SevenZipFile(packed, "w") as opened:
        opened.writestr("REPORTER", "full_202505.dat")
        opened.files[0]._file_info["filename"] = name
        listed = opened.header.files_info
        assert listed is not None
        listed.files[0]["filename"] = name
    comext.publish(mirror, {MONTH: packed.getvalue()})
    before = sorted(tmp_path.parent.iterdir())
    refused(tmp_path)
    assert sorted(tmp_path.parent.iterdir()) == before


def test_more_than_a_month_is_not_unpacked(
    mirror: Mirror, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A header that says little and unpacks to much is stopped on the way, not believed."""
    monkeypatch.setattr(comext_archive, "MOST_UNPACKED_BYTES", 1_000)
    assert "holds something else" in str(refused(tmp_path))
    listed = py7zr.SevenZipFile.list

    def with_small_size(opened: py7zr.SevenZipFile) -> list[py7zr.FileInfo]:
        members = listed(opened)
        members[0].uncompressed = 10
        return members

    monkeypatch.setattr(py7zr.SevenZipFile, "list", with_small_size)
    assert "DecompressionBombError" in str(refused(tmp_path))


def test_a_column_of_another_name_is_refused(mirror: Mirror, tmp_path: Path) -> None:
    """As before 2025: `VALUE_IN_EUROS`."""
    publish(mirror, ROWS, header=comext.COLUMNS.replace("VALUE_EUR", "VALUE_IN_EUROS"))
    error = refused(tmp_path)
    assert not error.is_transient
    assert "without ['VALUE_EUR'], with ['VALUE_IN_EUROS']" in str(error)


@pytest.mark.parametrize(
    ("bad", "told"),
    [
        (row("DE", "CN", GALLIUM, 1, month="2025-04"), "202504,1,1"),
        (row("DE", "0720", GALLIUM, 1), "row 18: DE,0720"),
        (row("DE", "CN", GALLIUM, 1, flow="3"), "row 18: DE,CN,E,81129289"),
        ("DE,CN,E", "row 18: DE,CN,E\n"),
        (row("DE", "CN", GALLIUM, 1) + ",1", "can't be read"),
    ],
)
def test_a_row_of_another_form_is_refused(
    mirror: Mirror, tmp_path: Path, bad: str, told: str
) -> None:
    publish(mirror, [*ROWS, bad])
    error = refused(tmp_path)
    assert not error.is_transient
    assert told in str(error)


@pytest.mark.parametrize("is_last", [True, False])
@pytest.mark.parametrize("kept", ["123", "123456,123456,7", "123456,123456,77"])
def test_a_record_cut_within_a_number_is_refused(
    mirror: Mirror, tmp_path: Path, kept: str, is_last: bool
) -> None:
    """Its value would be a thousandth, and its weight a tenth of the true one."""
    whole = row("DE", "CN", GALLIUM, 123_456, 77)
    cut = whole[: whole.index("123456")] + kept
    publish(mirror, [*ROWS, cut] if is_last else [*ROWS, cut, ROWS[0]])
    error = refused(tmp_path)
    assert not error.is_transient
    assert error.problem == "a record that is cut short"
    assert error.got == f"row 18: {cut}"


def test_a_last_record_without_line_break_is_whole(mirror: Mirror, tmp_path: Path) -> None:
    packed = io.BytesIO()
    with py7zr.SevenZipFile(packed, "w") as opened:
        opened.writestr("\n".join([comext.COLUMNS, *ROWS]), "full_202505.dat")
    comext.publish(mirror, {MONTH: packed.getvalue()})
    assert pulled(tmp_path) == (9, 16)


def test_a_month_that_comes_twice_is_refused(mirror: Mirror, tmp_path: Path) -> None:
    publish(mirror, [*ROWS, ROWS[0]])
    pulled(tmp_path)
    with pytest.raises(SourceError, match="row 18: DE from CN, 81129289"):
        read(tmp_path)


@pytest.mark.parametrize("value", ["", "-3", "1 5", ":", "1e5"])
def test_a_value_that_is_no_number_is_refused(mirror: Mirror, tmp_path: Path, value: str) -> None:
    publish(mirror, [row("DE", "CN", GALLIUM, value)])
    pulled(tmp_path)
    with pytest.raises(SourceError, match="cells that are no number"):
        read(tmp_path)


def test_an_unknown_country_stops_and_is_named(mirror: Mirror, tmp_path: Path) -> None:
    publish(mirror, [row("DE", "ZZ", GALLIUM, 5)])
    pulled(tmp_path)
    with pytest.raises(SourceError, match="'ZZ' in 2025"):
        tidied(tmp_path)


def test_without_the_library_it_is_said_how_to_install_it(
    mirror: Mirror, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before anything is downloaded."""
    real = builtins.__import__

    def without(name: str, *more: object) -> object:
        if name == "py7zr":
            raise ImportError("No module named 'py7zr'")
        return real(name, *more)  # type: ignore[arg-type]

    monkeypatch.setattr(builtins, "__import__", without)
    error = refused(tmp_path)
    assert "uv sync --extra months" in str(error)
    assert mirror.requests(comext.FILES) == []


def test_a_pull_of_other_columns_is_refused(mirror: Mirror, tmp_path: Path) -> None:
    pulled(tmp_path)
    path = tmp_path / "pull" / "month.parquet"
    pl.read_parquet(path).drop("VALUE_EUR").write_parquet(path)
    with pytest.raises(SourceError, match="not those of a pull"):
        read(tmp_path)
    path.write_bytes(b"PAR1")
    with pytest.raises(SourceError, match="can't be read"):
        read(tmp_path)


def test_a_pull_says_nothing_of_lines_that_came_into_the_list_later(
    mirror: Mirror, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pulled(tmp_path)
    assert tidied(tmp_path)["line_not_asked"].is_empty()
    grown = pl.DataFrame({"hs6": [*reference_list("hs_lines")["hs6"], "999999"]})
    monkeypatch.setattr("sources.reference.asked.reference_list", lambda _: grown)
    not_asked = tidied(tmp_path)["line_not_asked"]
    assert not_asked.select("edition", "hs6").rows() == [("M202505_20260703", "999999")]
