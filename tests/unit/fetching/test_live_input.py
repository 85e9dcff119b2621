"""The input `live`, source by source; that all of it gives what `embedded` does: `integration/test_live_daemon.py`."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import dagster as dg
import pytest

from dagster_project.defs.sources.assets import build_raw_asset
from dagster_project.resources import Workspace
from sources.fetching.client import Client
from sources.fetching.fetch_edition import fetch_source
from sources.fetching.retry import RetryPolicy
from sources.reading.catalog import LiveAccess, Source, load_source
from sources.reading.errors import SourceError
from sources.reading.input import Input
from sources.reading.lake import content_digest
from sources.reading.paths import as_fetched
from sources.reading.published import read_published, verify_bytes
from sources.registry import all_sources, reader_of
from tests.mirror import publishers
from tests.mirror.server import DOWN, Mirror, running

SHEET = "CMO-Historical-Data-Monthly.xlsx"
LIVE = [source for source in all_sources() if source.live]


def named(source: Source) -> str:
    return source.source_id


@pytest.fixture
def mirror(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Mirror]:
    with running(publishers.hosts_of(LIVE), tmp_path) as (server, environment):
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        yield server


def lake_digests(source: Source, input_name: Input, root: Path | None) -> dict[str, str]:
    tables = reader_of(source.source_id).tidy(
        read_published(reader_of(source.source_id), source, input_name, root), source
    )
    return {table: content_digest(frame) for table, frame in tables.items()}


def test_a_publisher_is_asked_where_source_yml_has_addresses() -> None:
    """Elsewhere files are dropped."""
    asked = {
        source.source_id
        for source in LIVE
        for edition in source.editions
        if edition.live.item or edition.live.addresses
    }
    assert asked >= {"cepii_baci", "usgs_mcs", "usgs_mcs_us", "world_bank_pink_sheet"}


@pytest.mark.parametrize("source", LIVE, ids=named)
def test_addresses_are_within_the_allow_list(source: Source) -> None:
    assert source.live is not None
    for edition in source.editions:
        names = [file.name for file in edition.files]
        assert edition.live.addresses.keys() <= set(names)
        assert edition.live.names.keys() <= set(names)
        for url in edition.live.addresses.values():
            assert url.startswith(tuple(f"https://{host}/" for host in source.live.hosts))
        if edition.live.item:
            assert "www.sciencebase.gov" in source.live.hosts


@pytest.mark.parametrize("source", all_sources(), ids=named)
def test_files_of_an_edition_have_names_of_their_own(source: Source) -> None:
    for before, after in zip(source.editions, as_fetched(source).editions, strict=True):
        pairs = {(old.path, new.path) for old, new in zip(before.files, after.files, strict=True)}
        assert len({path for _, path in pairs}) == len({path for path, _ in pairs})


def test_an_edition_that_no_publisher_offers_is_read_from_the_snapshot(tmp_path: Path) -> None:
    source = load_source("iea_critical_minerals")
    [first, second] = fetch_source(source, tmp_path / "raw", tmp_path / "drop")
    assert not first.is_whole
    assert not second.is_whole
    assert "read from the snapshot" in first.in_words()
    digests = verify_bytes(source, Input.LIVE, tmp_path / "raw")
    assert all(text.startswith("snapshot:") for text in digests.values())
    raw = tmp_path / "raw"
    assert lake_digests(source, Input.LIVE, raw) == lake_digests(source, Input.EMBEDDED, None)


@pytest.mark.shared
def test_fetched_and_shipped_editions_stand_side_by_side(tmp_path: Path, shared_data: Path) -> None:
    source = load_source("iea_critical_minerals")
    place = tmp_path / "drop" / source.source_id / "CM_Data_Explorer_May_2024.xlsx"
    place.parent.mkdir(parents=True)
    place.write_bytes((shared_data / source.editions[0].files[0].path).read_bytes())
    raw = tmp_path / "raw"
    [first, second] = fetch_source(source, raw, tmp_path / "drop")
    assert (first.is_whole, second.is_whole) == (True, False)
    digests = verify_bytes(source, Input.LIVE, raw)
    assert [text.startswith("snapshot:") for text in digests.values()] == [False, True]
    assert lake_digests(source, Input.LIVE, raw) == lake_digests(source, Input.EMBEDDED, None)


def test_a_new_edition_is_never_read_from_a_snapshot_of_other_bytes(tmp_path: Path) -> None:
    """Pins that were moved by hand: the snapshot was made from the old file."""
    source = load_source("world_bank_wgi")
    edition = source.editions[0]
    moved = edition.files[0].model_copy(update={"sha256": "0" * 64})
    other = source.model_copy(
        update={"editions": (edition.model_copy(update={"files": (moved,)}),)}
    )
    for reading in (verify_bytes, partial(read_published, reader_of(source.source_id))):
        with pytest.raises(SourceError, match="not fetched, and that we don't ship") as told:
            reading(other, Input.LIVE, tmp_path)
        assert "drop folder" in told.value.next_step


def client_without_sleep(source_id: str, access: LiveAccess, **_: object) -> Client:
    """A client that doesn't sleep."""
    return Client(
        source_id, access, retry_policy=RetryPolicy(attempts=2, sleep=lambda seconds: None)
    )


def _materialized(source: Source) -> dg.ExecuteInProcessResult:
    with dg.DagsterInstance.ephemeral() as instance:
        return dg.materialize(
            [build_raw_asset(source)],
            resources={"workspace": Workspace()},
            instance=instance,
            raise_on_error=False,
        )


@pytest.mark.shared
def test_the_raw_asset_fetches_and_says_what_came(
    mirror: Mirror, shared_data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = load_source("world_bank_pink_sheet")
    monkeypatch.setenv("CHOKEPOINT_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("CHOKEPOINT_INPUT", "live")
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path / "data" / "dagster"))
    publishers.publish(mirror, source, shared_data)
    result = _materialized(source)
    assert result.success
    [event] = result.asset_materializations_for_node("raw__world_bank_pink_sheet")
    assert event.metadata["input"].value == "live"
    assert "1 files fetched" in str(event.metadata["live/CMO2026-03"].value)
    # An outage: what is here is read, and it is said that nobody answered.
    mirror.fail(source.editions[0].live.addresses[SHEET], always=DOWN)
    monkeypatch.setattr("sources.fetching.fetch_edition.Client", client_without_sleep)
    result = _materialized(source)
    assert result.success
    [event] = result.asset_materializations_for_node("raw__world_bank_pink_sheet")
    assert "could not be asked" in str(event.metadata["live/CMO2026-03"].value)


def test_a_refused_fetch_leaves_the_last_one_as_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The raw asset raises: nothing behind it runs, and what was verified before stays."""
    source = load_source("world_bank_wgi")
    data = tmp_path / "data"
    monkeypatch.setenv("CHOKEPOINT_DATA", str(data))
    monkeypatch.setenv("CHOKEPOINT_INPUT", "live")
    monkeypatch.setenv("DAGSTER_HOME", str(data / "dagster"))
    assert _materialized(source).success
    verified = (data / "raw" / "world_bank_wgi.json").read_bytes()
    dropped = data / "drop" / "world_bank_wgi" / source.editions[0].files[0].name
    dropped.parent.mkdir(parents=True)
    dropped.write_bytes(b"another file under the name")
    result = _materialized(source)
    assert not result.success
    [failure] = result.get_step_failure_events()
    assert "the bytes of a pinned edition changed" in str(failure.event_specific_data)
    assert (data / "raw" / "world_bank_wgi.json").read_bytes() == verified
    assert dropped.exists()


@pytest.mark.shared
def test_a_source_with_an_edition_that_source_yml_lacks_is_fetched_read_and_tidied(
    mirror: Mirror, shared_data: Path, tmp_path: Path
) -> None:
    """What a daemon does with a new edition: pins of its own, everything else the same way."""
    ours = load_source("world_bank_pink_sheet")
    newer = ours.editions[0].model_copy(update={"edition": "CMO2026-03b"})
    source = ours.model_copy(update={"editions": (*ours.editions, newer)})
    publishers.publish(mirror, source, shared_data)
    raw = tmp_path / "raw"
    assert all(done.is_whole for done in fetch_source(source, raw, tmp_path / "drop"))
    published = read_published(reader_of(source.source_id), source, Input.LIVE, raw)
    lake = reader_of(source.source_id).tidy(published, source)
    assert set(lake["commodity_price"]["edition"]) == {"CMO2026-03", "CMO2026-03b"}
