"""The client on a publisher's bad days: it is patient, it is polite, and it says one clear thing."""

import datetime as dt
import gzip
import time
from email.utils import format_datetime
from types import SimpleNamespace

import httpx2
import pytest
from fetch_hosts import ACCESS, FOREIGN_HOST, HOST, OTHER_HOST

from sources.fetching.client import Client
from sources.fetching.retry import MOST_RETRY_AFTER_SECONDS, RetryPolicy, retry_after
from sources.fetching.transport import mirror_address
from sources.reading.catalog import LiveAccess
from sources.reading.errors import FetchError
from tests.mirror.server import BUSY, DOWN, PAGE, Answer, Fault, Mirror

URL = f"https://{HOST}/catalog/item"
CUT = Fault(cut_after=3)
STALLED = Fault(stall_after=3)
NO_ADDRESS = r"an address that cannot be asked|outside the source's allow-list"


@pytest.fixture(autouse=True)
def document(mirror: Mirror) -> None:
    mirror.put_json(URL, {"files": ["a"]})


@pytest.mark.parametrize(
    "fault",
    [BUSY, DOWN, CUT, STALLED, Fault(stall_after=0)],
    ids=["429", "503", "cut", "stall", "silence"],
)
def test_what_passes_is_asked_again(mirror: Mirror, client: Client, fault: Fault) -> None:
    mirror.fail(URL, fault, fault)
    assert client.json(URL) == {"files": ["a"]}
    assert len(mirror.requests(URL)) == 3


def test_a_publisher_that_is_not_there_is_asked_again(
    mirror: Mirror, slept: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CHOKEPOINT_TEST_MIRROR", "127.0.0.1:9")
    retry_policy = RetryPolicy(connect_seconds=1, attempts=3, sleep=slept.append)
    with (
        Client("a_source", ACCESS, retry_policy=retry_policy) as client,
        pytest.raises(FetchError) as told,
    ):
        client.json(URL)
    assert told.value.is_transient
    assert len(slept) == 2


def test_retry_after_is_heeded(mirror: Mirror, client: Client, slept: list[float]) -> None:
    mirror.fail(URL, BUSY)
    client.json(URL)
    assert len(slept) == 1
    assert 7 <= slept[0] <= 8


def test_retry_after_may_be_a_date() -> None:
    date = dt.datetime.now(dt.UTC) + dt.timedelta(seconds=90)
    seconds = retry_after(format_datetime(date, usegmt=True))
    assert seconds is not None
    assert 0 < seconds <= 90
    assert retry_after("soon") is None
    assert retry_after(None) is None
    # A digit to Python, and no number.
    assert retry_after("\u00b2") is None
    assert retry_after("120") == 120
    # Beyond the calendar, or before it.
    for odd in ("Fri, 31 Dec 99999 23:59:59 GMT", "Mon, 01 Jan 0001 00:00:00 GMT", "1 Jan 1 -9999"):
        assert not retry_after(odd)
    assert retry_after("9" * 400) == float("inf")


def test_waits_grow_and_differ(mirror: Mirror, client: Client, slept: list[float]) -> None:
    mirror.fail(URL, always=DOWN)
    with pytest.raises(FetchError):
        client.json(URL)
    assert len(slept) == 4
    # 1, 2, 4, 8 seconds, each with up to a second of jitter.
    assert all(low <= got <= low + 1 for low, got in zip([1, 2, 4, 8], slept, strict=True))
    assert len({got % 1 for got in slept}) == 4


def test_a_longer_wait_than_ours_is_an_error_at_once(
    mirror: Mirror, client: Client, slept: list[float]
) -> None:
    asked = int(MOST_RETRY_AFTER_SECONDS) + 1
    mirror.fail(URL, Fault(status=429, headers={"Retry-After": str(asked)}))
    with pytest.raises(FetchError) as told:
        client.json(URL)
    assert told.value.is_transient
    assert f"come back in {asked} s" in told.value.got
    assert not slept
    assert len(mirror.requests(URL)) == 1


def test_retries_end_with_one_error(mirror: Mirror, client: Client) -> None:
    mirror.fail(URL, always=DOWN)
    with pytest.raises(FetchError) as told:
        client.json(URL)
    assert told.value.is_transient
    assert told.value.got == "status 503"
    assert told.value.where == URL
    assert len(mirror.requests(URL)) == 5


@pytest.mark.parametrize(
    ("status", "passes", "next_step"),
    [
        (404, False, "the file moved: correct the address in sources/a_source/source.yml"),
        (410, False, "the file moved"),
        (403, False, "a key is missing or wrong"),
        (401, False, "a key is missing or wrong"),
        (400, False, "open the address in a browser"),
        (500, True, "run it again later"),
        (502, True, "run it again later"),
    ],
)
def test_other_statuses_are_an_error_at_once(
    mirror: Mirror, client: Client, status: int, passes: bool, next_step: str
) -> None:
    mirror.fail(URL, Fault(status=status))
    with pytest.raises(FetchError) as told:
        client.json(URL)
    assert told.value.is_transient is passes
    assert f"status {status}" in told.value.got
    assert next_step in told.value.next_step
    assert len(mirror.requests(URL)) == 1


@pytest.mark.parametrize(
    "fault",
    [
        Fault(body=PAGE, content_type="text/html"),
        Fault(body=PAGE, content_type="application/json"),
        Fault(body=b"", content_type="application/json"),
        Fault(body=b'{"files": [', content_type="application/json"),
        Fault(body=b"[" * 100_000, content_type="application/json"),
        Fault(body=b"\xff\xfe", content_type="application/json"),
    ],
    ids=["page", "page called JSON", "empty", "half", "nested without end", "no text"],
)
def test_what_is_no_json_is_refused(mirror: Mirror, client: Client, fault: Fault) -> None:
    mirror.fail(URL, fault)
    with pytest.raises(FetchError, match="something else than JSON"):
        client.json(URL)
    assert len(mirror.requests(URL)) == 1


def test_a_packed_answer_is_unpacked_up_to_the_limit(
    mirror: Mirror, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    packed = {"Content-Encoding": "gzip"}
    small, bomb = gzip.compress(b"[1]"), gzip.compress(b"1" * 5_000_000)
    mirror.fail(URL, Fault(body=small, content_type="application/json", headers=packed))
    assert client.json(URL) == [1]
    monkeypatch.setattr("sources.fetching.client.MOST_DOCUMENT_BYTES", 100_000)
    assert len(bomb) < 100_000
    mirror.fail(URL, Fault(body=bomb, content_type="application/json", headers=packed))
    with pytest.raises(FetchError, match="more than we take"):
        client.json(URL)


def test_a_damaged_packing_is_asked_again(mirror: Mirror, client: Client) -> None:
    packed = {"Content-Encoding": "gzip"}
    for body in (b"no gzip at all", b"\x1f\x8b\x08\0" + b"\xff" * 40):
        mirror.fail(URL, Fault(body=body, content_type="application/json", headers=packed))
        assert client.json(URL) == {"files": ["a"]}


@pytest.mark.parametrize("length", ["", "-1", "1e3", "many"])
def test_an_odd_length_is_none(client: Client, length: str) -> None:
    answer = httpx2.Response(200, headers={"content-length": length}, content=iter([b"[1]"]))
    assert b"".join(client.body(answer, 1_000, URL)) == b"[1]"


@pytest.mark.parametrize(
    "address",
    ["https://[", "https://a:b:c/x", "https://x:99999999/", "//\u0000/", "https://" + "a." * 300],
)
def test_an_address_that_is_none_is_our_error(mirror: Mirror, client: Client, address: str) -> None:
    with pytest.raises(FetchError, match=NO_ADDRESS):
        client.json(address)
    if "\0" not in address:
        mirror.fail(URL, Fault(status=302, headers={"Location": address}))
        with pytest.raises(FetchError, match=NO_ADDRESS):
            client.json(URL)
    assert {item.host for item in mirror.seen} <= {HOST}


def test_redirects_within_the_allow_list_are_followed(mirror: Mirror, client: Client) -> None:
    there = f"https://{OTHER_HOST}/there"
    mirror.fail(URL, Fault(status=302, headers={"Location": there}))
    mirror.put_json(there, 7)
    assert client.json(URL) == 7


@pytest.mark.parametrize(
    "location",
    [
        f"https://{FOREIGN_HOST}/there",
        f"http://{HOST}/there",
        f"https://{HOST}:8443/there",
        f"https://{HOST}.evil.test/there",
        f"https://{HOST}@{FOREIGN_HOST}/there",
        "ftp://www.publisher.test/there",
    ],
)
def test_redirects_anywhere_else_are_not(mirror: Mirror, client: Client, location: str) -> None:
    mirror.fail(URL, Fault(status=301, headers={"Location": location}))
    with pytest.raises(FetchError, match="outside the source's allow-list") as told:
        client.json(URL)
    assert not told.value.is_transient
    assert [item.host for item in mirror.seen] == [HOST]


def test_redirects_end(mirror: Mirror, client: Client) -> None:
    mirror.fail(URL, always=Fault(status=302, headers={"Location": URL}))
    with pytest.raises(FetchError, match="redirects without end"):
        client.json(URL)
    assert len(mirror.requests(URL)) == 6


@pytest.mark.parametrize(
    "url", [f"http://{HOST}/x", f"https://{FOREIGN_HOST}/x", "file:///etc/hosts"]
)
def test_addresses_outside_the_allow_list_are_never_asked(
    mirror: Mirror, client: Client, url: str
) -> None:
    with pytest.raises(FetchError, match="outside the source's allow-list"):
        client.json(url)
    assert not mirror.seen


def test_a_source_without_hosts_sends_no_request(mirror: Mirror) -> None:
    with (
        Client("a_source", LiveAccess(verified="dropped")) as client,
        pytest.raises(FetchError, match="no host"),
    ):
        client.json(URL)
    assert not mirror.seen


def test_a_certificate_of_an_unknown_authority_is_refused(
    mirror: Mirror, retry_policy: RetryPolicy, slept: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    """And nothing that is said to turn verification off elsewhere does so here."""
    monkeypatch.delenv("SSL_CERT_FILE")
    for name in ("PYTHONHTTPSVERIFY", "NODE_TLS_REJECT_UNAUTHORIZED", "CURL_CA_BUNDLE"):
        monkeypatch.setenv(name, "0" if name != "CURL_CA_BUNDLE" else "")
    with (
        Client("a_source", ACCESS, retry_policy=retry_policy) as client,
        pytest.raises(FetchError, match="not one we trust") as told,
    ):
        client.json(URL)
    assert not told.value.is_transient
    assert "SSL_CERT_FILE" in told.value.next_step
    assert not slept
    assert not mirror.seen


def test_a_certificate_of_another_host_is_refused(
    mirror: Mirror, retry_policy: RetryPolicy
) -> None:
    access = ACCESS.model_copy(update={"hosts": ("www.other.test",)})
    with (
        Client("a_source", access, retry_policy=retry_policy) as client,
        pytest.raises(FetchError, match="not one we trust"),
    ):
        client.json("https://www.other.test/catalog/item")
    assert not mirror.seen


def test_the_mirror_is_on_this_machine_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHOKEPOINT_TEST_MIRROR", "192.0.2.1:443")
    with pytest.raises(ValueError, match="loopback"):
        mirror_address()


@pytest.mark.parametrize("without_length", [False, True], ids=["announced", "unannounced"])
def test_a_document_larger_than_we_take_is_refused(
    mirror: Mirror, client: Client, monkeypatch: pytest.MonkeyPatch, without_length: bool
) -> None:
    monkeypatch.setattr("sources.fetching.client.MOST_DOCUMENT_BYTES", 1_000)
    mirror.put(URL, Answer(b"1" * 2_000_000, "application/json"))
    mirror.fail(URL, Fault(without_length=without_length))
    with pytest.raises(FetchError, match="more than we take") as told:
        client.json(URL)
    assert told.value.expected == "at most 1,000 bytes"


def test_a_source_may_take_larger_documents_than_others(
    mirror: Mirror, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sources.fetching.client.MOST_DOCUMENT_BYTES", 1_000)
    mirror.put(URL, Answer(b"[" + b" " * 3_000 + b"1]", "application/json"))
    assert client.json(URL, most_bytes=4_000) == [1]
    with pytest.raises(FetchError, match="more than we take") as told:
        client.json(URL, most_bytes=2_000)
    assert told.value.expected == "at most 2,000 bytes"
    assert "or of ACCESS in the code" in told.value.next_step


def test_a_publisher_that_drips_is_left(mirror: Mirror, retry_policy: RetryPolicy) -> None:
    """Each piece comes in time, the whole never would."""
    # Three hundred pieces: half a minute to the end.
    mirror.put(URL, Answer(b"1" * 5_000_000, "application/json"))
    mirror.fail(URL, always=Fault(drip_seconds=0.1))
    access = ACCESS.model_copy(update={"whole_minutes": 0.4 / 60})
    started = time.monotonic()
    with (
        Client("a_source", access, retry_policy=retry_policy) as client,
        pytest.raises(FetchError, match="takes too long") as told,
    ):
        client.json(URL)
    assert told.value.is_transient
    assert time.monotonic() - started < 15


def test_requests_keep_their_distance(
    mirror: Mirror, monkeypatch: pytest.MonkeyPatch, slept: list[float]
) -> None:
    """At the mirror we don't wait; anywhere else two requests are a second apart."""
    monkeypatch.setattr("sources.fetching.transport.Transport.is_mirrored", False)
    # A clock that stands still: the answers take no time.
    stopped = SimpleNamespace(monotonic=lambda: 100.0)
    monkeypatch.setattr("sources.fetching.client.time", stopped)
    with Client("a_source", ACCESS, retry_policy=RetryPolicy(sleep=slept.append)) as client:
        client.json(URL)
        client.json(URL)
    assert slept == [1.0]


def test_the_client_says_who_asks(
    mirror: Mirror, retry_policy: RetryPolicy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CHOKEPOINT_CONTACT", "data@example.org")
    with Client("a_source", ACCESS, retry_policy=retry_policy) as client:
        client.json(URL)
    agent = mirror.seen[0].headers["user-agent"]
    assert agent.startswith("chokepoint/")
    assert "data@example.org" in agent
