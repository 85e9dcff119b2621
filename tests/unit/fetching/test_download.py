"""Downloads end whole and verified, or leave what was there: ranges, changes, damage, limits, kills."""

import gzip
import hashlib
import json
import os
import random
import resource
import signal
import subprocess
import sys
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pytest
from fetch_hosts import ACCESS, HOST

from sources.fetching.client import Client
from sources.fetching.download import CHUNK, RemoteFile, Validators, download
from sources.fetching.retry import RetryPolicy
from sources.reading.errors import FetchError
from tests.mirror.server import BUSY, DOWN, PAGE, Answer, Fault, Mirror

URL = f"https://{HOST}/release.zip"
CONTENT = b"PK\x03\x04" + random.Random(7).randbytes(3_000_000)
MD5 = hashlib.md5(CONTENT).hexdigest()
REMOTE = RemoteFile("release.zip", URL, len(CONTENT), MD5)
CUT = Fault(cut_after=1_000_000)


@pytest.fixture(autouse=True)
def published(mirror: Mirror) -> None:
    mirror.put_file(URL, CONTENT)


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return tmp_path / "arriving" / "release.zip"


def left_over(place: Path) -> list[str]:
    return sorted(path.name for path in place.parent.iterdir() if path != place)


def body_bytes(mirror: Mirror) -> int:
    return sum(seen.body_bytes for seen in mirror.requests(URL))


def test_a_file_arrives_whole_and_described(mirror: Mirror, client: Client, place: Path) -> None:
    got = download(client, REMOTE, place)
    assert got is not None
    assert place.read_bytes() == CONTENT
    assert (got.path, got.size, got.md5) == (place, len(CONTENT), MD5)
    assert got.sha256 == hashlib.sha256(CONTENT).hexdigest()
    assert got.validators == Validators(Answer(CONTENT).etag, "Mon, 02 Feb 2026 02:40:00 GMT")
    assert not left_over(place)


@pytest.mark.parametrize("fault", [BUSY, DOWN, CUT, Fault(stall_after=500_000), Fault(cut_after=0)])
def test_bad_moments_are_survived(
    mirror: Mirror, client: Client, place: Path, fault: Fault
) -> None:
    mirror.fail(URL, fault, fault)
    assert download(client, REMOTE, place) is not None
    assert place.read_bytes() == CONTENT
    assert not left_over(place)


def test_a_broken_line_goes_on_where_it_broke(mirror: Mirror, client: Client, place: Path) -> None:
    mirror.fail(URL, CUT, CUT)
    download(client, REMOTE, place)
    first, second, third = mirror.requests(URL)
    assert (first.status, second.status, third.status) == (200, 206, 206)
    assert second.headers["range"] == "bytes=1000000-"
    assert second.headers["if-range"] == Answer(CONTENT).etag
    assert third.headers["range"] == "bytes=2000000-"
    assert body_bytes(mirror) == len(CONTENT)


def test_progress_begins_the_count_of_attempts_anew(
    mirror: Mirror, client: Client, place: Path
) -> None:
    """Twelve breaks in one file are more than the attempts that a file without progress gets."""
    mirror.fail(URL, *[Fault(cut_after=200_000)] * 12)
    download(client, REMOTE, place)
    assert place.read_bytes() == CONTENT


def test_a_server_that_ignores_ranges_sends_all_of_it_again(
    mirror: Mirror, client: Client, place: Path
) -> None:
    mirror.fail(URL, CUT, Fault(ignores_range=True))
    download(client, REMOTE, place)
    assert [seen.status for seen in mirror.requests(URL)] == [200, 200]
    assert place.read_bytes() == CONTENT


def test_a_file_that_changes_between_two_halves_begins_anew(
    mirror: Mirror, client: Client, place: Path, slept: list[float]
) -> None:
    """If-Range: the server sends the new file whole; no half of one is sewn to a half of the other."""
    changed = CONTENT[::-1]

    def between(seconds: float) -> None:
        mirror.put_file(URL, changed)

    mirror.fail(URL, CUT)
    retry_policy = RetryPolicy(sleep=between)
    with Client("a_source", ACCESS, retry_policy=retry_policy) as other:
        download(other, RemoteFile("release.zip", URL), place)
    assert place.read_bytes() == changed


def test_a_server_that_heeds_range_but_not_if_range_is_seen_through(
    mirror: Mirror, client: Client, place: Path
) -> None:
    """It sends the end of the new file; its ETag gives it away."""
    changed = bytes(reversed(CONTENT))
    tail = changed[1_000_000:]
    told = f"bytes 1000000-{len(CONTENT) - 1}/{len(CONTENT)}"
    wrong = Fault(
        status=206,
        body=tail,
        content_type="application/zip",
        headers={"Content-Range": told, "ETag": Answer(changed).etag},
    )
    mirror.fail(URL, CUT, wrong)
    download(client, REMOTE, place)
    assert place.read_bytes() == CONTENT


def test_another_range_than_asked_for_is_not_appended(
    mirror: Mirror, client: Client, place: Path
) -> None:
    wrong = Fault(
        status=206,
        body=CONTENT[500_000:],
        content_type="application/zip",
        headers={"Content-Range": f"bytes 500000-{len(CONTENT) - 1}/{len(CONTENT)}"},
    )
    mirror.fail(URL, CUT, wrong)
    download(client, REMOTE, place)
    assert place.read_bytes() == CONTENT


def _left_behind(place: Path, content: bytes, etag: str | None) -> None:
    """What a killed process of before left."""
    place.parent.mkdir(parents=True)
    (place.parent / ".release.zip.part").write_bytes(content)
    said = {"url": URL, "etag": etag, "last_modified": None}
    (place.parent / ".release.zip.part.json").write_text(json.dumps(said))


@pytest.mark.parametrize(
    ("beginning", "statuses"),
    [
        ((CONTENT, Answer(CONTENT).etag), [416]),
        ((CONTENT + b"more", Answer(CONTENT).etag), [416, 200]),
        ((CONTENT[:1000], 'W/"weak"'), [200]),
        ((CONTENT[:1000], None), [200]),
    ],
    ids=["whole already", "longer than the file", "weak ETag", "no validator"],
)
def test_odd_beginnings_end_well(
    mirror: Mirror,
    client: Client,
    place: Path,
    beginning: tuple[bytes, str | None],
    statuses: list[int],
) -> None:
    _left_behind(place, *beginning)
    download(client, REMOTE, place)
    assert place.read_bytes() == CONTENT
    assert [seen.status for seen in mirror.requests(URL)] == statuses


def test_a_beginning_without_its_note_is_not_trusted(
    mirror: Mirror, client: Client, place: Path
) -> None:
    _left_behind(place, CONTENT[:1000], Answer(CONTENT).etag)
    (place.parent / ".release.zip.part.json").write_text("{")
    download(client, REMOTE, place)
    assert "range" not in mirror.requests(URL)[0].headers
    assert place.read_bytes() == CONTENT


def test_damage_on_the_way_is_fetched_again(mirror: Mirror, client: Client, place: Path) -> None:
    damaged = CONTENT[:-1] + b"?"
    mirror.fail(URL, Fault(body=damaged, content_type="application/zip"))
    download(client, REMOTE, place)
    assert place.read_bytes() == CONTENT
    assert len(mirror.requests(URL)) == 2


@pytest.mark.parametrize(
    ("remote", "expected"),
    [
        (RemoteFile("release.zip", URL, len(CONTENT), "0" * 32), f"MD5 {'0' * 32}"),
        (RemoteFile("release.zip", URL, len(CONTENT) + 1), f"{len(CONTENT) + 1:,} bytes"),
    ],
    ids=["MD5", "size"],
)
def test_a_file_that_is_not_as_announced_is_refused(
    mirror: Mirror, client: Client, place: Path, remote: RemoteFile, expected: str
) -> None:
    place.parent.mkdir()
    place.write_bytes(b"the old one")
    with pytest.raises(FetchError, match="not what its publisher announces") as told:
        download(client, remote, place)
    assert told.value.expected == expected
    assert place.read_bytes() == b"the old one"
    assert not left_over(place)


def test_a_file_cut_without_a_word_is_noticed_by_its_size(
    mirror: Mirror, client: Client, place: Path
) -> None:
    mirror.fail(URL, Fault(without_length=True, cut_after=1_000_000))
    download(client, REMOTE, place)
    assert place.read_bytes() == CONTENT


@pytest.mark.parametrize(
    "fault",
    [
        Fault(body=PAGE, content_type="text/html; charset=utf-8"),
        Fault(body=b"\n" + PAGE, content_type="application/zip"),
        Fault(body=b"{}", content_type="application/json"),
        Fault(
            body=gzip.compress(CONTENT),
            content_type="application/zip",
            headers={"Content-Encoding": "gzip"},
        ),
    ],
    ids=["page", "page called zip", "JSON", "packed"],
)
def test_an_error_page_with_status_200_is_refused(
    mirror: Mirror, client: Client, place: Path, fault: Fault
) -> None:
    place.parent.mkdir()
    place.write_bytes(b"the old one")
    mirror.fail(URL, fault)
    with pytest.raises(FetchError, match="something else than the file") as told:
        download(client, REMOTE, place)
    assert told.value.is_transient
    assert place.read_bytes() == b"the old one"
    # And the next one finds nothing of it in its way.
    download(client, REMOTE, place)
    assert place.read_bytes() == CONTENT


def test_an_empty_file_is_refused(mirror: Mirror, client: Client, place: Path) -> None:
    mirror.fail(URL, always=Fault(body=b"", content_type="application/zip"))
    with pytest.raises(FetchError) as told:
        download(client, RemoteFile("release.zip", URL), place)
    assert told.value.got == "0 bytes"
    assert not place.exists()


def test_a_file_larger_than_we_take_is_refused(
    mirror: Mirror, retry_policy: RetryPolicy, place: Path
) -> None:
    access = ACCESS.model_copy(update={"largest_file_mb": 1})
    mirror.fail(URL, Fault(without_length=True), Fault())
    with Client("a_source", access, retry_policy=retry_policy) as client:
        for _ in ("unannounced", "announced"):
            with pytest.raises(FetchError, match="more than we take") as told:
                download(client, REMOTE, place)
            assert "raise largest_file_mb: of `live` in sources/a_source/source.yml" in (
                told.value.next_step
            )
    assert not place.exists()


def test_a_download_that_takes_too_long_goes_on_next_time(
    mirror: Mirror, retry_policy: RetryPolicy, client: Client, place: Path
) -> None:
    access = ACCESS.model_copy(update={"whole_minutes": 3 / 60})
    mirror.fail(URL, Fault(drip_seconds=0.1))
    with (
        Client("a_source", access, retry_policy=retry_policy) as slow,
        pytest.raises(FetchError, match="takes too long") as told,
    ):
        download(slow, REMOTE, place)
    assert told.value.is_transient
    download(client, REMOTE, place)
    assert mirror.requests(URL)[-1].status == 206
    assert place.read_bytes() == CONTENT


def test_unchanged_bytes_are_not_sent_again(mirror: Mirror, client: Client, place: Path) -> None:
    first = download(client, REMOTE, place)
    assert first is not None
    sent = body_bytes(mirror)
    assert download(client, REMOTE, place, first.validators) is None
    assert mirror.requests(URL)[-1].status == 304
    assert body_bytes(mirror) == sent
    mirror.put_file(URL, CONTENT[::-1])
    second = download(client, RemoteFile("release.zip", URL), place, first.validators)
    assert second is not None
    assert place.read_bytes() == CONTENT[::-1]


def test_memory_stays_bounded(mirror: Mirror, client: Client, place: Path) -> None:
    """The mirror holds the whole file, so only what is allocated on the way is counted."""
    large = bytes(40 * CHUNK)
    mirror.put_file(URL, large)
    tracemalloc.start()
    try:
        download(client, RemoteFile("release.zip", URL), place)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert place.stat().st_size == len(large)
    assert peak < 8 * CHUNK


def test_a_full_disk_leaves_what_was_there_and_a_beginning_to_go_on_from(
    mirror: Mirror, client: Client, place: Path
) -> None:
    """The kernel's own limit; 1,234,567 is within a piece, so that the last write is a short one."""
    place.parent.mkdir()
    place.write_bytes(b"the old one")
    room = 1_234_567
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (room, hard))
    try:
        with pytest.raises(OSError, match="File too large"):
            download(client, REMOTE, place)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert place.read_bytes() == b"the old one"
    beginning = (place.parent / ".release.zip.part").read_bytes()
    assert beginning == CONTENT[: len(beginning)]
    download(client, REMOTE, place)
    assert mirror.requests(URL)[-1].headers["range"] == f"bytes={room}-"
    assert place.read_bytes() == CONTENT


DOWNLOADING = """
import sys
from pathlib import Path
from sources.reading.catalog import LiveAccess
from sources.fetching.client import Client
from sources.fetching.download import RemoteFile, download
access = LiveAccess(hosts=("www.publisher.test",), verified="a test's own")
with Client("a_source", access) as client:
    download(client, RemoteFile("release.zip", "https://www.publisher.test/release.zip"), Path(sys.argv[1]))
"""


def _until(condition: Callable[[], bool], seconds: float = 120) -> None:
    ends = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < ends, "waited in vain"
        time.sleep(0.01)


def test_a_killed_download_goes_on_without_fetching_more_than_a_chunk_twice(
    mirror: Mirror, client: Client, place: Path
) -> None:
    """A real process, a real SIGKILL; the mirror counts. The mirror's pause is no round number of anything."""
    place.parent.mkdir()
    part = place.parent / ".release.zip.part"
    sent = 1_777_777
    mirror.fail(URL, Fault(stall_after=sent))
    process = subprocess.Popen(
        [sys.executable, "-c", DOWNLOADING, str(place)], env=dict(os.environ)
    )
    try:
        _until(lambda: part.exists() and part.stat().st_size > sent - CHUNK)
        # Another one meanwhile ends at once and touches nothing.
        with pytest.raises(FetchError, match="another process fetches this file"):
            download(client, REMOTE, place)
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert not place.exists()
    download(client, REMOTE, place)
    assert place.read_bytes() == CONTENT
    assert [seen.status for seen in mirror.requests(URL)] == [200, 206]
    assert 0 <= body_bytes(mirror) - len(CONTENT) <= CHUNK
    assert not left_over(place)
