"""An edition's files come to its folder pinned, or not at all; what a publisher changed is kept apart and told."""

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest
from fetch_hosts import HOST
from publisher_files import assert_error_says

from sources.fetching.fetch_edition import EditionFetch, fetch_source
from sources.fetching.retry import RetryPolicy
from sources.reading.catalog import (
    Edition,
    LiveAccess,
    LiveEdition,
    Source,
    SourceFile,
    load_source,
)
from sources.reading.errors import FetchError, SourceError
from tests.mirror import publishers
from tests.mirror.server import DOWN, Fault, Mirror, running

ITEM = "696a75d5d4be0228872d3bf8"
ONE, TWO = b"Country,Value\r\nChile,1\r\n", b"Country,Value\r\nKenya,2\r\n"
FILES = {"one_world.csv": ONE, "two_world.csv": TWO}
ADDRESSES = {name: f"https://{HOST}/files/{name}" for name in FILES}
TEMPLATE = load_source("usgs_mcs")
Publish = Callable[[str, Mapping[str, bytes]], Source]
Fetch = Callable[[Source], EditionFetch]


def source_of(
    live: LiveEdition, pins: Mapping[str, bytes] = FILES, edition: str = "TEST2099"
) -> Source:
    """A source of one edition that pins these files."""
    files = tuple(
        SourceFile(
            table="t", path=f"x/{name}", layout="l", sha256=hashlib.sha256(content).hexdigest()
        )
        for name, content in pins.items()
    )
    made = TEMPLATE.editions[-1].model_copy(
        update={"edition": edition, "files": files, "live": live}
    )
    return TEMPLATE.model_copy(
        update={
            "source_id": "a_source",
            "live": LiveAccess(hosts=(HOST, "www.sciencebase.gov"), verified="a test's own"),
            "editions": (Edition.model_validate(made.model_dump()),),
        }
    )


@pytest.fixture
def mirror(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Mirror]:
    with running({HOST, "www.sciencebase.gov"}, tmp_path) as (server, environment):
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        yield server


@pytest.fixture
def fetch(tmp_path: Path, retry_policy: RetryPolicy) -> Fetch:
    """Fetch a source into this test's folders. Returns what became of its one edition."""

    def run(source: Source) -> EditionFetch:
        [done] = fetch_source(
            source, tmp_path / "raw", tmp_path / "drop", retry_policy=retry_policy
        )
        return done

    return run


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return tmp_path / "raw" / "a_source" / "TEST2099"


def held(store: Path) -> dict[str, bytes]:
    """Files in their place."""
    return {path.name: path.read_bytes() for path in sorted(store.glob("[!.]*")) if path.is_file()}


def addressed(
    mirror: Mirror, contents: Mapping[str, bytes] = FILES, rolling: bool = False
) -> Source:
    for name, content in contents.items():
        mirror.put_file(ADDRESSES[name], content)
    return source_of(LiveEdition(addresses=ADDRESSES, rolling=rolling))


def in_item(mirror: Mirror, contents: Mapping[str, bytes] = FILES) -> Source:
    publishers.add_to_item(mirror, ITEM, dict(contents))
    return source_of(LiveEdition(item=ITEM))


def in_archive(mirror: Mirror, tmp_path: Path, contents: Mapping[str, bytes] = FILES) -> Source:
    folder = tmp_path / "packed"
    folder.mkdir(exist_ok=True)
    for name, content in contents.items():
        (folder / name).write_bytes(content)
    packed = publishers.zipped(folder / name for name in contents)
    publishers.add_to_item(mirror, ITEM, {"world.zip": packed})
    return source_of(LiveEdition(item=ITEM, archives=("world.zip",)))


def in_children(mirror: Mirror, tmp_path: Path) -> Source:
    folder = tmp_path / "children"
    folder.mkdir()
    for name, content in FILES.items():
        (folder / name).write_bytes(content)
    publishers.add_children(mirror, ITEM, {name: folder / name for name in FILES})
    return source_of(LiveEdition(item=ITEM, children=True))


@pytest.fixture
def publish(mirror: Mirror, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Publish:
    """Publish files in one of the ways. Returns the source that finds them."""
    ways: dict[str, Callable[[Mapping[str, bytes]], Source]] = {
        "address": lambda contents: addressed(mirror, contents),
        "item": lambda contents: in_item(mirror, contents),
        "archive": lambda contents: in_archive(mirror, tmp_path, contents),
        "children": lambda contents: in_children(mirror, tmp_path),
    }
    monkeypatch.setattr(publishers, "CHILDREN_ON_A_PAGE", 1)
    return lambda way, contents: ways[way](contents)


def dropped(tmp_path: Path, contents: Mapping[str, bytes]) -> None:
    folder = tmp_path / "drop" / "a_source"
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in contents.items():
        (folder / name).write_bytes(content)


@pytest.mark.parametrize("way", ["address", "item", "archive", "children"])
def test_every_way_brings_the_pinned_files_and_asks_little_the_next_time(
    mirror: Mirror, publish: Publish, fetch: Fetch, store: Path, way: str
) -> None:
    source = publish(way, FILES)
    done = fetch(source)
    assert done.is_whole
    assert sorted(done.fetched) == sorted(FILES)
    assert held(store) == FILES
    before = len(mirror.seen)
    again = fetch(source)
    assert again.is_whole
    assert not again.fetched
    later = mirror.seen[before:]
    # Two conditional requests; or the item; or the item and its two pages of children.
    assert len(later) == {"address": 2, "item": 1, "archive": 1, "children": 3}[way]
    if way == "address":
        assert {seen.status for seen in later} == {304}
    assert not any(seen.path.startswith("/catalog/file/") for seen in later)


@pytest.mark.parametrize(
    "kind", [f"{way}, {b}" for way in ("address", "item", "archive") for b in ("held", "new")]
)
def test_a_file_replaced_under_its_name_is_caught_and_kept_apart(
    mirror: Mirror, publish: Publish, fetch: Fetch, store: Path, kind: str
) -> None:
    way, before = kind.split(", ")
    if before == "held":
        fetch(publish(way, FILES))
    changed = {**FILES, "two_world.csv": TWO + b"Mali,3\r\n"}
    source = publish(way, changed)
    for _ in ("found", "told again by the next run, without fetching it again"):
        sent = sum(seen.body_bytes for seen in mirror.seen if "world" in seen.path)
        with pytest.raises(SourceError) as told:
            fetch(source)
    assert_error_says(
        told,
        source="a_source",
        problem="the bytes of a pinned edition changed",
        where="a_source",
        expected="sha256",
        got="1 files",
        next_step="pin the new sha256",
        offenders=[f"two_world.csv: pinned {hashlib.sha256(TWO).hexdigest()[:12]}"],
    )
    assert sum(seen.body_bytes for seen in mirror.seen if "world" in seen.path) == sent
    kept = store / "changed" / "two_world.csv"
    assert kept.read_bytes() == changed["two_world.csv"]
    expected = FILES if before == "held" else {"one_world.csv": ONE}
    assert held(store) == expected
    # The publisher takes it back.
    assert fetch(publish(way, FILES)).is_whole
    assert held(store) == FILES
    assert not kept.exists()


def test_a_rolling_address_with_a_newer_edition_is_no_fault(
    mirror: Mirror, fetch: Fetch, store: Path
) -> None:
    fetch(addressed(mirror, rolling=True))
    newer = {**FILES, "two_world.csv": b"the sheet of April"}
    done = fetch(addressed(mirror, newer, rolling=True))
    assert done.is_whole
    assert done.newer == ["two_world.csv"]
    assert held(store) == FILES
    assert (store / "changed" / "two_world.csv").read_bytes() == b"the sheet of April"
    assert "newer bytes of two_world.csv" in done.in_words()


def test_on_a_fresh_machine_a_rolling_address_leaves_the_edition_incomplete(
    mirror: Mirror, fetch: Fetch
) -> None:
    newer = {**FILES, "two_world.csv": b"the sheet of April"}
    done = fetch(addressed(mirror, newer, rolling=True))
    assert not done.is_whole
    assert done.newer == ["two_world.csv"]


def test_what_no_publisher_offers_comes_from_the_drop_folder(
    mirror: Mirror, tmp_path: Path, fetch: Fetch, store: Path
) -> None:
    source = source_of(LiveEdition())
    done = fetch(source)
    assert not done.is_whole
    assert done.missing == sorted(FILES)
    dropped(tmp_path, {**FILES, "holiday.jpg": b"not ours"})
    done = fetch(source)
    assert done.is_whole
    assert done.dropped == sorted(FILES)
    assert held(store) == FILES
    assert not mirror.seen


def test_a_dropped_file_saves_the_request(
    mirror: Mirror, tmp_path: Path, fetch: Fetch, store: Path
) -> None:
    dropped(tmp_path, FILES)
    for source in (addressed(mirror), in_item(mirror)):
        assert fetch(source).is_whole
    assert not [seen for seen in mirror.seen if "world" in seen.path]


def test_a_wrong_file_in_the_drop_folder_is_reported_and_not_taken(
    tmp_path: Path, fetch: Fetch, store: Path
) -> None:
    dropped(tmp_path, {"one_world.csv": ONE, "two_world.csv": b"half of i"})
    with pytest.raises(SourceError) as told:
        fetch(source_of(LiveEdition()))
    assert [text for text in told.value.offenders if "drop/a_source/two_world.csv" in text]
    assert held(store) == {"one_world.csv": ONE}


def test_an_edition_that_cannot_be_whole_is_not_begun(mirror: Mirror, fetch: Fetch) -> None:
    """A release of gigabytes is not fetched for an edition whose other half nobody has."""
    addressed(mirror)
    source = source_of(LiveEdition(addresses={"one_world.csv": ADDRESSES["one_world.csv"]}))
    done = fetch(source)
    assert done.missing == ["two_world.csv"]
    assert not mirror.seen


@pytest.mark.parametrize("way", ["address", "item"])
def test_a_publisher_who_is_down_stops_nothing_that_is_here_already(
    mirror: Mirror, fetch: Fetch, store: Path, way: str
) -> None:
    source = addressed(mirror) if way == "address" else in_item(mirror)
    fetch(source)
    for url in (*ADDRESSES.values(), publishers.item_url(ITEM)):
        mirror.fail(url, always=DOWN)
    done = fetch(source)
    assert done.is_whole
    assert "status 503" in (done.unasked or "")
    (store / "one_world.csv").unlink()
    with pytest.raises(FetchError, match="can't be reached") as told:
        fetch(source)
    assert told.value.is_transient
    mirror.mend()
    assert fetch(source).is_whole


def test_damage_on_our_own_disk_is_mended(mirror: Mirror, fetch: Fetch, store: Path) -> None:
    source = addressed(mirror)
    fetch(source)
    (store / "one_world.csv").write_bytes(b"rotten")
    assert fetch(source).fetched == ["one_world.csv"]
    assert held(store) == FILES


@pytest.mark.parametrize("note", [b"", b"{", b"[]", b'{"files": 3}'])
def test_a_lost_note_costs_requests_and_nothing_else(
    mirror: Mirror, fetch: Fetch, store: Path, note: bytes
) -> None:
    source = addressed(mirror)
    fetch(source)
    (store / ".fetched.json").write_bytes(note)
    assert fetch(source).is_whole
    assert held(store) == FILES


@pytest.mark.parametrize(
    ("content", "place"),
    [
        ({"id": ITEM, "title": "x"}, "files"),
        ({"id": ITEM, "files": [{"name": "one_world.csv", "url": "x"}]}, "files.0.size"),
        ({"id": ITEM, "files": {"one_world.csv": "x"}}, "files"),
        ([], "the document"),
    ],
)
def test_a_changed_schema_is_one_clear_error(
    mirror: Mirror, fetch: Fetch, content: object, place: str
) -> None:
    mirror.put_json(publishers.item_url(ITEM), content)
    with pytest.raises(FetchError, match="laid out anew") as told:
        fetch(source_of(LiveEdition(item=ITEM)))
    assert not told.value.is_transient
    assert told.value.got.startswith(f"{place}:")
    assert "sources/fetching/sciencebase.py" in told.value.next_step


def test_files_that_are_no_longer_listed_are_named(
    mirror: Mirror, fetch: Fetch, store: Path
) -> None:
    source = in_item(mirror, {"one_world.csv": ONE})
    with pytest.raises(FetchError, match="no longer lists files of a pinned edition") as told:
        fetch(source)
    assert told.value.expected == "two_world.csv"
    assert "drop" in told.value.next_step
    assert held(store) == {"one_world.csv": ONE}


def test_an_archive_that_is_no_zip_is_refused(mirror: Mirror, fetch: Fetch, store: Path) -> None:
    publishers.add_to_item(mirror, ITEM, {"world.zip": b"PK\x03\x04 and nothing"})
    with pytest.raises(FetchError, match="the zip can't be read"):
        fetch(source_of(LiveEdition(item=ITEM, archives=("world.zip",))))
    assert not held(store)


def test_a_listing_that_points_elsewhere_is_not_followed(mirror: Mirror, fetch: Fetch) -> None:
    entry = publishers.listed(mirror, ITEM, "one_world.csv", ONE)
    entry["url"] = "https://elsewhere.test/one_world.csv"
    mirror.put_json(publishers.item_url(ITEM), {"id": ITEM, "files": [entry]})
    with pytest.raises(FetchError, match="outside the source's allow-list"):
        fetch(source_of(LiveEdition(item=ITEM)))


def test_what_is_known_of_a_file_is_written_down(mirror: Mirror, fetch: Fetch, store: Path) -> None:
    fetch(addressed(mirror))
    about = json.loads((store / ".fetched.json").read_text())["files"]["one_world.csv"]
    assert about["url"] == ADDRESSES["one_world.csv"]
    assert about["sha256"] == hashlib.sha256(ONE).hexdigest()
    assert about["size"] == len(ONE)
    assert about["fetched_at"].startswith("20")
    assert about["etag"]


def test_a_pause_in_the_middle_of_an_edition_loses_nothing(
    mirror: Mirror, fetch: Fetch, store: Path
) -> None:
    source = addressed(mirror)
    mirror.fail(ADDRESSES["two_world.csv"], Fault(status=500))
    with pytest.raises(FetchError):
        fetch(source)
    assert fetch(source).fetched == ["two_world.csv"]
    assert len(mirror.requests(ADDRESSES["one_world.csv"])) == 2
    assert mirror.requests(ADDRESSES["one_world.csv"])[-1].status == 304
