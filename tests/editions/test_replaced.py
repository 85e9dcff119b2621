"""A file replaced under its name: caught, told, compared, and taken only when a person says so."""

import subprocess
import zipfile
from io import BytesIO
from pathlib import Path

import pytest
import yaml

from dagster_project.cli.pin import accept_for_trial, pin_report
from dagster_project.operations import alerts
from dagster_project.settings import load_settings
from sources.editions.candidates import fetch_candidate
from sources.editions.detect import detect_editions
from sources.editions.pin_diff import accepted_diff
from sources.editions.pins import PinStore
from sources.fetching.fetch_edition import fetch_source
from sources.reading.catalog import load_source
from sources.reading.errors import SourceError
from sources.registry import all_sources
from tests.editions._instance import daemon_of, published
from tests.editions.held_back import SOURCE
from tests.mirror import publishers
from tests.mirror.server import Mirror

pytestmark = [pytest.mark.shared, pytest.mark.slow]
COMEXT, FLOW = "eurostat_comext", "DE,CN,81129289,1,2024,7043433"
ITEM, FILE = "677eaf95d34e760b392c4970", "World_Data_Release_MCS_2025.zip"


def packed_anew(path: Path) -> bytes:
    """The same table in other bytes."""
    buffer = BytesIO()
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as new:
        for name in old.namelist():
            new.writestr(name, old.read(name))
    return buffer.getvalue()


def test_a_file_replaced_without_notice_waits_for_a_person(
    live: Mirror, held_back: Path, shared_data: Path
) -> None:
    publishers.publish(live, load_source(SOURCE), shared_data)
    with daemon_of(SOURCE) as daemon:
        settings, store = daemon.settings, PinStore(daemon.settings.state)
        assert daemon.refresh().success
        release = published(settings)
        other = packed_anew(shared_data / "usgs_mcs" / "2025" / "World_Data.zip")
        publishers.add_to_item(live, ITEM, {FILE: other})

        failed = daemon.refresh()
        assert not failed.success
        daemon.tell()
        [alert] = alerts.waiting_alerts(settings)
        assert "the bytes of a pinned edition changed" in alert.read_text()
        assert "What to do: compare the file in `changed/`" in alert.read_text()
        assert published(settings) == release

        [request] = daemon.tick(daemon.looks).run_requests
        assert daemon.run("take_in_edition", request).success
        [pin] = store.read()[SOURCE]
        assert (pin.edition.edition, pin.kind, pin.state) == ("MCS2025", "replaced", "needs_review")
        assert "a person decides" in pin.reason
        # Not one figure is another.
        assert pin.compared["largest_changes"] == []
        assert any("a person decides" in line for line in pin_report(settings))
        assert not daemon.refresh().success

        accept_for_trial(settings, f"{SOURCE}:MCS2025")
        [request] = daemon.tick(daemon.due).run_requests
        assert daemon.run("refresh", request).success
        [pin] = store.read()[SOURCE]
        assert pin.state == "current"
        # The old bytes are kept, since their publisher has them no more.
        folder = settings.raw / SOURCE / "MCS2025"
        assert list(folder.glob("replaced/*/World_Data.zip"))

        # What a machine pinned becomes what a person has read.
        root = held_back
        apply = subprocess.run(
            ["git", "apply", "--directory", "", "-"],
            input=accepted_diff(store.read()),
            cwd=root.parent,
            capture_output=True,
            text=True,
            check=False,
        )
        assert apply.returncode == 0, apply.stderr
        load_source.cache_clear()
        all_sources.cache_clear()
        [edition] = [e for e in load_source(SOURCE).editions if e.edition == "MCS2025"]
        assert edition == pin.edition
        assert accepted_diff(store.read()) == ""
        assert daemon.refresh().success


def test_a_description_of_a_pinned_edition_with_other_bytes_waits_for_a_person(
    live: Mirror, shared_data: Path
) -> None:
    """Dropped as COMEXT2024.yml, it went on trial beside nothing and overrode what is pinned."""
    source, settings = load_source(COMEXT), load_settings()
    [pinned] = source.editions
    [file] = pinned.files
    folder = settings.drop / COMEXT
    folder.mkdir(parents=True)
    described = pinned.model_dump(mode="json", exclude={"live": True, "files": {0: {"sha256"}}})
    (folder / "COMEXT2024.yml").write_text(yaml.safe_dump(described))
    text = (shared_data / file.path).read_text(encoding="utf-8")
    assert text.count(FLOW) == 1
    (folder / file.name).write_text(text.replace(FLOW, f"{FLOW}0"), encoding="utf-8")

    [seen] = detect_editions(source, settings.raw, settings.drop)
    assert (seen.edition, seen.kind) == ("COMEXT2024", "dropped")
    pin = fetch_candidate(source, seen, settings.raw, settings.drop)
    assert (pin.edition.edition, pin.kind, pin.state) == ("COMEXT2024", "replaced", "needs_review")
    # A person who looked takes it, as any other replaced bytes.
    assert "chokepoint pin --take" in alerts.edition_needs_review(COMEXT, pin).do
    assert "COMEXT2024.yml in the drop folder" in pin.reason
    assert "a person decides" in pin.reason
    assert pin.compared["beside"] == "COMEXT2024"
    # The one figure that is another, ten times what is pinned.
    changes = pin.compared["largest_changes"]
    assert isinstance(changes, list)
    [change] = changes
    assert change["after"] == 10 * change["before"]


def test_a_person_keeps_the_old_bytes_by_dropping_them(
    live: Mirror, shared_data: Path, tmp_path: Path
) -> None:
    known = load_source(SOURCE)
    book = tuple(e for e in known.editions if e.edition == "MCS2025")
    source = known.model_copy(update={"editions": book})
    raw, drop = tmp_path / "raw", tmp_path / "drop"
    publishers.publish(live, source, shared_data)
    fetch_source(source, raw, drop)
    other = packed_anew(shared_data / "usgs_mcs" / "2025" / "World_Data.zip")
    publishers.add_to_item(live, ITEM, {FILE: other})
    for _ in range(2):
        with pytest.raises(SourceError, match="the bytes of a pinned edition changed"):
            fetch_source(source, raw, drop)
    (drop / SOURCE).mkdir(parents=True)
    (raw / SOURCE / "MCS2025" / "World_Data.zip").replace(drop / SOURCE / "World_Data.zip")
    for _ in range(2):
        [fetched] = fetch_source(source, raw, drop)
        assert fetched.is_whole
