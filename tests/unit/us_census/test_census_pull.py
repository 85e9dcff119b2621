"""US Census: a month pulled from the mirror of its API, read and tidied; what is refused, and that keys stay hidden."""

import json
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest
from pulled_month import MONTH, read_pull, source_of_pull

from sources.fetching.retry import RetryPolicy
from sources.reading.catalog import load_source
from sources.reading.errors import FetchError, SourceError
from sources.reading.open_file import Tables
from sources.reference.labels import reference_list
from sources.us_census import census_api
from sources.us_census.reader import READER
from sources.us_census.schema import COLUMNS, LAYOUT
from tests.mirror import census
from tests.mirror.census import row
from tests.mirror.server import Fault, Mirror, running

GRAPHITE, MAGNET = "2504105000", "8505110070"
HEADINGS = ("2504", "8505", "2846")
ROWS = [
    row(MONTH, GRAPHITE, "5700", 900, "300 KG"),
    row(MONTH, GRAPHITE, "1220", 100),
    row(MONTH, GRAPHITE, "-", 1_000, "300 KG"),
    row(MONTH, GRAPHITE, "0003", 0),
    row(MONTH, GRAPHITE, "5XXX", 900, "300 KG"),
    row(MONTH, MAGNET, "5700", 50, "7 NO"),
    row(MONTH, MAGNET, "-", 50, "7 NO"),
    row(MONTH, "8505190000", "5700", 20, "2 KG"),
    row(MONTH, "8505190000", "-", 20, "2 KG"),
    row("2025-04", GRAPHITE, "5700", 1),
]


@pytest.fixture
def mirror(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Mirror]:
    with running({census.HOST}, tmp_path) as (server, environment):
        for name, value in {**environment, "CENSUS_API_KEY": census.KEY}.items():
            monkeypatch.setenv(name, value)
        census.publish(server, ROWS)
        yield server


def pulled(to: Path) -> int:
    policy = RetryPolicy(attempts=3, sleep=lambda _: None)
    return census_api.pull(MONTH, HEADINGS, to / "month.parquet", retry_policy=policy)


def refused(to: Path) -> FetchError:
    with pytest.raises(FetchError) as caught:
        pulled(to)
    assert census.KEY not in str(caught.value)
    assert not (to / "month.parquet").exists()
    return caught.value


def read(content: bytes) -> Tables:
    return read_pull(source_of_pull("us_census", LAYOUT), content)


def test_a_month_is_pulled_read_and_accounted_for(mirror: Mirror, tmp_path: Path) -> None:
    """Two codes; a missing weight; pieces; a total, two groups; a line that is none of ours."""
    assert pulled(tmp_path) == 9
    asked = mirror.requests(census.IMPORTS)
    assert [seen.query["I_COMMODITY"] for seen in asked] == ["2504*", "8505*", "2846*"]
    published = read((tmp_path / "month.parquet").read_bytes())
    lake = READER.tidy(READER.checked(published), source_of_pull("us_census", LAYOUT))
    found = lake["month_trade"].select(
        "hs_code", "partner_iso3", "value", "quantity", "quantity_tonnes_gross", "quantity_status"
    )
    assert sorted(found.rows()) == [
        (GRAPHITE, "CAN", 100.0, None, None, "not_available"),
        (GRAPHITE, "CHN", 900.0, 300.0, 0.3, "numeric"),
        (MAGNET, "CHN", 50.0, 7.0, None, "numeric"),
    ]
    reasons = dict(
        lake["not_used"].group_by("not_used_reason").agg(pl.col("file_rows").sum()).rows()
    )
    assert reasons == {
        "total over all countries": 3,
        "group of countries": 2,
        "line outside reference/hs_lines.csv": 1,
    }


@pytest.mark.parametrize("key", ["", "a-wrong-key"])
def test_a_key_that_is_missing_or_refused_is_one_error(
    mirror: Mirror, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, key: str
) -> None:
    monkeypatch.setenv("CENSUS_API_KEY", key)
    error = refused(tmp_path)
    assert not error.is_transient
    assert "key_signup" in str(error)
    assert key not in str(error) or not key


def test_a_used_up_quota_passes(mirror: Mirror, tmp_path: Path) -> None:
    mirror.fail(census.IMPORTS, always=Fault(status=429, headers={"Retry-After": "86400"}))
    error = refused(tmp_path)
    assert error.is_transient
    assert "86,400" in str(error)


def test_a_month_that_is_not_out_is_no_empty_month(mirror: Mirror, tmp_path: Path) -> None:
    census.publish(mirror, [row("2025-04", GRAPHITE, "5700", 1)])
    error = refused(tmp_path)
    assert error.is_transient
    assert "nothing is out for this month" in str(error)


@pytest.mark.parametrize("body", [b"", json.dumps([COLUMNS]).encode(), b"<html>down</html>"])
def test_an_answer_without_rows_is_no_heading_without_imports(
    mirror: Mirror, tmp_path: Path, body: bytes
) -> None:
    """Nothing found has a status of its own, 204."""
    mirror.fail(census.IMPORTS, Fault(body=body, content_type="application/json"))
    error = refused(tmp_path)
    assert error.is_transient
    assert "a list of rows" in error.expected


def test_a_month_that_comes_twice_is_refused(mirror: Mirror, tmp_path: Path) -> None:
    census.publish(mirror, [*ROWS, ROWS[0]])
    assert f"{GRAPHITE} from 5700 twice" in str(refused(tmp_path))


def test_a_cell_that_is_no_text_is_refused(mirror: Mirror, tmp_path: Path) -> None:
    census.publish(mirror, [{**ROWS[0], "CON_QY1_MO": None}])  # type: ignore[dict-item]
    assert "rows of texts" in str(refused(tmp_path))


@pytest.mark.parametrize("value", ["1.5", "-", "n/a"])
def test_a_value_that_is_no_number_is_refused(mirror: Mirror, tmp_path: Path, value: str) -> None:
    census.publish(mirror, [{**ROWS[0], "CON_VAL_MO": value}])
    pulled(tmp_path)
    with pytest.raises(SourceError, match="no whole number of dollars"):
        read((tmp_path / "month.parquet").read_bytes())


def test_countries_that_miss_their_total_are_refused(mirror: Mirror, tmp_path: Path) -> None:
    census.publish(mirror, ROWS[:1] + ROWS[2:])
    pulled(tmp_path)
    with pytest.raises(SourceError, match="1,000 of which 900 by country"):
        read((tmp_path / "month.parquet").read_bytes())


@pytest.mark.parametrize("country", ["5700", "5XXX"])
def test_a_code_without_its_total_is_refused(mirror: Mirror, tmp_path: Path, country: str) -> None:
    census.publish(mirror, [row(MONTH, GRAPHITE, country, 5)])
    pulled(tmp_path)
    with pytest.raises(SourceError, match=f"{GRAPHITE}: no total"):
        read((tmp_path / "month.parquet").read_bytes())


def test_an_unknown_country_stops_and_is_named(mirror: Mirror, tmp_path: Path) -> None:
    census.publish(mirror, [row(MONTH, GRAPHITE, each, 5) for each in ("9999", "-")])
    pulled(tmp_path)
    published = read((tmp_path / "month.parquet").read_bytes())
    with pytest.raises(SourceError, match="'9999' in 2025"):
        READER.tidy(published, load_source("us_census"))


def test_a_pull_says_nothing_of_lines_that_it_did_not_ask_for(
    mirror: Mirror, tmp_path: Path
) -> None:
    """All of a heading is asked for, also what had no imports in the month; nothing of other headings."""
    pulled(tmp_path)
    published = read((tmp_path / "month.parquet").read_bytes())
    assert published["asked_code"]["published_code"].to_list() == sorted(HEADINGS)
    lake = READER.tidy(READER.checked(published), source_of_pull("us_census", LAYOUT))
    lines = set(reference_list("hs_lines")["hs6"])
    asked = {line for line in lines if line.startswith(HEADINGS)}
    assert len(asked) > len(HEADINGS)
    assert set(lake["line_not_asked"]["hs6"]) == lines - asked
    assert set(lake["line_not_asked"]["edition"]) == {"M202505_20260703"}


def test_a_pull_of_before_it_was_written_down_is_taken_as_whole(
    mirror: Mirror, tmp_path: Path
) -> None:
    pulled(tmp_path)
    path = tmp_path / "month.parquet"
    pl.read_parquet(path).write_parquet(path)
    published = read(path.read_bytes())
    assert published["asked_code"].is_empty()
    lake = READER.tidy(READER.checked(published), source_of_pull("us_census", LAYOUT))
    assert lake["line_not_asked"].is_empty()
