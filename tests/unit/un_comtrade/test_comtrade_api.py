"""The API is asked within its limits, and what comes is what was asked for: hand-made rows, a mirror's limits."""

import datetime as dt
import fcntl
import json
import logging
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest

from sources.fetching.retry import RetryPolicy
from sources.reading import clock
from sources.reading.errors import FetchError
from sources.un_comtrade import api
from sources.un_comtrade.api import Asked, Pull, pull
from tests.mirror import comtrade
from tests.mirror.comtrade import HOST, KEY, part_of, row
from tests.mirror.server import BUSY, PAGE, Fault, Mirror, running

REPORTERS, PARTNERS = ("156", "392", "842"), ("0", "180", "36", "710")
PERIODS, CODES = ("2022", "2023", "2024"), ("282200", "810520")
TOTALS = [
    row(reporter, partner, code, period, flow, value=float(number))
    for number, (reporter, partner, code, period, flow) in enumerate(
        (r, p, c, y, f)
        for r in REPORTERS
        for p in PARTNERS
        for c in CODES
        for y in PERIODS
        for f in ("M", "X")
    )
]
ROWS = [item for total in TOTALS for item in (total, part_of(total))]
ASKED = Asked(REPORTERS, PERIODS, CODES)
PREVIEW = f"https://{HOST}/public/v1/preview/C/A/HS"
KEYED = f"https://{HOST}/data/v1/get/C/A/HS"


@pytest.fixture
def mirror(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Mirror]:
    """Both endpoints; the limits are so small that they are reached."""
    monkeypatch.delenv(api.KEY_VARIABLE, raising=False)
    monkeypatch.setattr(api, "PREVIEW_ROWS", 10)
    monkeypatch.setattr(api, "KEYED_ROWS", 100)
    with running({HOST}, tmp_path) as (server, environment):
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        comtrade.publish(server, ROWS, preview_rows=10, keyed_rows=100)
        yield server


@pytest.fixture
def place(tmp_path: Path) -> Path:
    folder = tmp_path / "raw"
    folder.mkdir()
    return folder / "imports.parquet"


@pytest.fixture
def with_key(mirror: Mirror, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(api.KEY_VARIABLE, KEY)


def pulled(place: Path, asked: Asked = ASKED) -> Pull:
    return pull(asked, place, retry_policy=RetryPolicy(sleep=lambda seconds: None))


def keys(frame: pl.DataFrame) -> list[tuple[object, ...]]:
    names = ["reporterCode", "partnerCode", "cmdCode", "period", "flowCode"]
    return sorted(frame.select(names).rows())


ALL_KEYS = sorted(
    (str(t["reporterCode"]), str(t["partnerCode"]), t["cmdCode"], t["period"], t["flowCode"])
    for t in TOTALS
)


@pytest.mark.usefixtures("with_key")
def test_with_a_key_all_of_it_comes_in_few_calls(mirror: Mirror, place: Path) -> None:
    done = pulled(place)
    frame = pl.read_parquet(place)
    assert frame.columns == comtrade.COLUMNS
    assert set(frame.dtypes) == {pl.String}
    assert keys(frame) == ALL_KEYS
    # 144 totals are more than 100 rows: halved once, 48 and 96.
    assert (done.calls, done.rows, done.is_preview) == (3, 144, False)
    assert {seen.path for seen in mirror.seen} == {"/data/v1/get/C/A/HS"}
    for seen in mirror.seen:
        assert seen.headers["ocp-apim-subscription-key"] == KEY
        assert {k: seen.query[k] for k in api.PINNED} == api.PINNED


def test_without_a_key_the_preview_gives_the_same_in_many_calls(
    mirror: Mirror, place: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    done = pulled(place)
    assert done.is_preview
    assert keys(pl.read_parquet(place)) == ALL_KEYS
    assert {seen.path for seen in mirror.seen} == {"/public/v1/preview/C/A/HS"}
    assert all("," not in seen.query["period"] for seen in mirror.seen)
    monkeypatch.setenv(api.KEY_VARIABLE, KEY)
    again = pulled(tmp_path / "again.parquet")
    assert again.sha256 == done.sha256
    assert again.calls < done.calls


def test_numbers_stay_the_digits_that_were_sent(mirror: Mirror, place: Path) -> None:
    pulled(place, Asked(("156",), ("2024",), ("810520",), ("M",)))
    frame = pl.read_parquet(place)
    assert set(frame["primaryValue"]) <= {str(total["primaryValue"]) for total in TOTALS}
    assert frame["cifvalue"].null_count() == frame.height
    assert set(frame["isReported"]) == {"False"}


@pytest.mark.usefixtures("with_key")
def test_an_answer_may_be_as_large_as_a_full_one(
    mirror: Mirror, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """100,000 rows are 90 MB, more than documents usually are."""
    monkeypatch.setattr("sources.fetching.client.MOST_DOCUMENT_BYTES", 1_000)
    assert pulled(place).rows == 144


@pytest.mark.usefixtures("with_key")
def test_months_have_an_endpoint_of_their_own(mirror: Mirror, place: Path) -> None:
    months = [
        row("156", "180", "810520", f"2024{month:02d}", "M", value=month) for month in range(1, 13)
    ]
    comtrade.publish(mirror, months, preview_rows=10, keyed_rows=100)
    asked = Asked(("156",), ("202401", "202402"), ("810520",), ("M",), frequency="M")
    assert pulled(place, asked).rows == 2
    assert mirror.seen[-1].path == "/data/v1/get/C/M/HS"


@pytest.mark.usefixtures("with_key")
def test_more_periods_than_a_call_may_name_are_calls_of_their_own(
    mirror: Mirror, place: Path
) -> None:
    periods = tuple(str(year) for year in range(2000, 2025))
    pulled(place, Asked(("156",), periods, ("810520",), ("M",)))
    assert [len(seen.query["period"].split(",")) for seen in mirror.seen] == [12, 12, 1]


def test_the_day_of_the_fetch_is_kept(mirror: Mirror, place: Path) -> None:
    done = pulled(place)
    about = json.loads(place.with_suffix(".json").read_text())
    assert about["fetched_on"] == done.fetched_on.isoformat()
    assert abs((dt.datetime.now(dt.UTC).date() - done.fetched_on).days) <= 1
    assert about["pinned"] == {"partner2Code": "0", "motCode": "0", "customsCode": "C00"}
    assert about["asked"]["reporters"] == list(REPORTERS)


def test_a_cell_that_fills_an_answer_by_itself_is_an_error(mirror: Mirror, place: Path) -> None:
    many = [row("156", str(partner), "810520", "2024", "M", value=1.0) for partner in range(1, 12)]
    comtrade.publish(mirror, many, preview_rows=10, keyed_rows=100)
    with pytest.raises(FetchError, match="fill a whole answer") as told:
        pulled(place, Asked(("156",), ("2024",), ("810520",), ("M",)))
    assert "COMTRADE_API_KEY" in told.value.next_step
    assert not place.exists()


def test_a_broken_pull_goes_on_where_it_stopped(mirror: Mirror, place: Path) -> None:
    """A free key has 500 calls a day: none is made twice."""
    mirror.fail(PREVIEW, *[Fault()] * 20, Fault(status=500))
    with pytest.raises(FetchError):
        pulled(place)
    assert not place.exists()
    first = len(mirror.seen)
    done = pulled(place)
    assert keys(pl.read_parquet(place)) == ALL_KEYS
    questions = [json.dumps(seen.query, sort_keys=True) for seen in mirror.seen]
    # Only the call that failed was made again.
    assert len(questions) - len(set(questions)) == 1
    assert done.calls == len(mirror.seen) - first
    assert [path.name for path in sorted(place.parent.iterdir())] == [
        ".pulling",
        "imports.json",
        "imports.parquet",
    ]


def test_one_pull_at_a_time(mirror: Mirror, place: Path) -> None:
    """Two would ask twice as fast as the API allows, and clear away each other's answers."""
    with (place.parent / ".pulling").open("ab") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        with pytest.raises(FetchError, match="another process pulls") as told:
            pulled(place)
        assert told.value.is_transient
        assert mirror.seen == []
    assert pulled(place).rows == 144


def test_answers_that_waited_too_long_are_asked_for_again(
    mirror: Mirror, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mirror.fail(PREVIEW, *[Fault()] * 5, Fault(status=500))
    with pytest.raises(FetchError):
        pulled(place)
    monkeypatch.setattr(api, "KEPT_DAYS", -1)
    before = len(mirror.seen)
    pulled(place)
    questions = [json.dumps(seen.query, sort_keys=True) for seen in mirror.seen]
    assert set(questions[:before]) <= set(questions[before:])


def _with(field: str, value: object) -> bytes:
    changed = [{**TOTALS[0], field: value}]
    return json.dumps({"count": 1, "data": changed, "error": ""}).encode()


def _lacking(field: str) -> bytes:
    rows = [{name: value for name, value in TOTALS[0].items() if name != field}]
    return json.dumps({"count": 1, "data": rows, "error": ""}).encode()


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        (b'{"data": [], "count": 5, "error": ""}', "otherwise than it is documented"),
        (b'{"data": null}', "otherwise than it is documented"),
        (b'{"dataset": []}', "otherwise than it is documented"),
        (b"[]", "otherwise than it is documented"),
        (b'{"data": [3], "count": 1}', "otherwise than it is documented"),
        (
            b'{"count": 0, "data": [], "error": "Invalid cmdCode"}',
            "otherwise than it is documented",
        ),
        (_with("motCode", 2100), "rows that were not asked for"),
        (_with("reporterCode", 699), "rows that were not asked for"),
        (_with("period", "2019"), "rows that were not asked for"),
        (_with("refYear", 2021), "contradict their period"),
        (_with("refYear", None), "contradict their period"),
        (_lacking("partner2Code"), "lack columns"),
        (PAGE, "something else than JSON"),
    ],
)
def test_other_answers_than_asked_for_are_refused(
    mirror: Mirror, place: Path, body: bytes, problem: str
) -> None:
    mirror.fail(PREVIEW, always=Fault(body=body, content_type="application/json"))
    place.write_bytes(b"the old pull")
    with pytest.raises(FetchError, match=problem):
        pulled(place)
    assert place.read_bytes() == b"the old pull"


def test_an_empty_answer_is_no_edition(mirror: Mirror, place: Path) -> None:
    with pytest.raises(FetchError, match="nobody declared what was asked for") as told:
        pulled(place, Asked(("156",), ("2031",), ("810520",)))
    assert told.value.is_transient
    assert not place.exists()


def test_an_empty_answer_is_asked_for_again(mirror: Mirror, place: Path) -> None:
    """A fault may empty it for the moment."""
    empty = json.dumps({"count": 0, "data": [], "error": ""}).encode()
    asked = Asked(("156",), ("2023", "2024"), ("810520",), ("M",))
    json_type = "application/json"
    mirror.fail(PREVIEW, Fault(body=empty, content_type=json_type), Fault(status=500))
    with pytest.raises(FetchError, match="refused"):
        pulled(place, asked)
    assert pulled(place, asked).rows == 2 * len(PARTNERS)


def test_answers_of_a_day_to_come_are_asked_for_again(
    mirror: Mirror, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The clock was wrong."""
    asked = Asked(("156",), ("2023", "2024"), ("810520",), ("M",))
    monkeypatch.setattr(clock, "today", lambda: dt.date(2031, 1, 1))
    mirror.fail(PREVIEW, Fault(), Fault(status=500))
    with pytest.raises(FetchError):
        pulled(place, asked)
    monkeypatch.setattr(clock, "today", lambda: dt.date(2026, 11, 1))
    done = pulled(place, asked)
    assert (done.calls, done.fetched_on) == (2, dt.date(2026, 11, 1))


@pytest.mark.usefixtures("with_key")
def test_a_used_up_quota_passes_by_itself(mirror: Mirror, place: Path) -> None:
    message = "Out of call volume quota. Quota will be replenished in 03:14:17."
    body = json.dumps({"statusCode": 403, "message": message}).encode()
    mirror.fail(KEYED, Fault(status=403, body=body, content_type="application/json"))
    with pytest.raises(FetchError) as told:
        pulled(place)
    assert told.value.is_transient
    assert "replenished in 03:14:17" in told.value.got


def test_a_wrong_key_needs_a_person_and_is_not_shown(
    mirror: Mirror, place: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv(api.KEY_VARIABLE, "marked-WRONG-77")
    caplog.set_level(logging.DEBUG)
    with pytest.raises(FetchError) as told:
        pulled(place)
    assert not told.value.is_transient
    assert "a key is missing or wrong" in told.value.next_step
    left = "".join(p.read_text() for p in place.parent.rglob("*") if p.is_file())
    assert "marked-WRONG" not in caplog.text + repr(told.value) + left
    assert mirror.seen[0].headers["ocp-apim-subscription-key"] == "marked-WRONG-77"


def test_a_busy_api_is_waited_for(mirror: Mirror, place: Path) -> None:
    mirror.fail(PREVIEW, BUSY, BUSY)
    assert pulled(place).rows == len(TOTALS)


def test_everything_is_every_country_and_every_line_of_our_lists() -> None:
    asked = api.all_reporters_and_lines(("2023", "2024"))
    # The United States, China, DR Congo; neither the World nor the European Union nor the old USSR.
    assert {"842", "156", "180"} <= set(asked.reporters)
    assert not {"0", "97", "975", "810"} & set(asked.reporters)
    assert {"810520", "282200", "253090"} <= set(asked.codes)
    assert all(len(code) == 6 for code in asked.codes)
    assert (asked.flows, asked.frequency) == (("M", "X"), "A")


@pytest.mark.usefixtures("with_key")
def test_no_call_names_more_codes_than_an_address_holds(
    mirror: Mirror, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(api, "MOST_CODES", 2)
    pulled(place)
    assert keys(pl.read_parquet(place)) == ALL_KEYS
    for seen in mirror.seen:
        assert len(seen.query["reporterCode"].split(",")) <= 2
