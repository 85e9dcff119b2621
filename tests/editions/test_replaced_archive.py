"""A zip replaced under its name: told while it waits, whatever was fetched meanwhile and wherever a kill falls."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from dagster_project.cli.pin import accept_for_trial
from dagster_project.operations import edition_trials
from dagster_project.settings import Settings, load_settings
from sources.editions import candidates
from sources.editions.candidates import fetch_candidate, with_edition
from sources.editions.detect import Detection, detect_editions
from sources.editions.pins import PinStore
from sources.fetching.fetch_edition import fetch_source
from sources.reading.catalog import Source, load_source
from sources.reading.errors import SourceError
from sources.registry import reader_of
from tests.editions._pins import stopped, was_read
from tests.mirror import publishers
from tests.mirror.server import Mirror

pytestmark = pytest.mark.shared
SOURCE, BOOK, MEMBER = "usgs_mcs", "MCS2023", "mcs2023-cobal_world.csv"
# What its publisher corrected: Canada's mines in 2022, tonnes of cobalt.
PRINTED, CORRECTED = b"4361,3900,", b"4361,3800,"


class Killed(BaseException):
    """In place of a SIGKILL: nothing below catches it."""


@pytest.fixture
def source() -> Source:
    """USGS with the one book whose files come in a zip, two of the 77; nobody looks for new ones."""
    known = load_source(SOURCE)
    assert known.live is not None
    [book] = [edition for edition in known.editions if edition.edition == BOOK]
    assert book.live.archives
    files = tuple(file for file in book.files if file.path.endswith(("cobal_world.csv", "galli_world.csv")))  # fmt: skip
    access = known.live.model_copy(update={"new_editions": None, "seconds_between_requests": 0.0})
    cut_down = book.model_copy(update={"files": files})
    return known.model_copy(update={"editions": (cut_down,), "live": access})


@pytest.fixture
def settings(
    live: Mirror, source: Source, shared_data: Path, monkeypatch: pytest.MonkeyPatch
) -> Settings:
    """The book was fetched; then its publisher replaced the zip, with other bytes of one member."""
    # Reading is not what this is about, and our lists want all 77 files.
    empty = {name: schema.create_empty() for name, schema in reader_of(SOURCE).lake.items()}
    monkeypatch.setattr(candidates, "_read", lambda *_: (empty, empty))
    settings = load_settings()
    publishers.publish(live, source, shared_data)
    fetch_source(source, settings.raw, settings.drop)
    assert detect_editions(source, settings.raw, settings.drop) == []
    pack(live, source, shared_data, settings.data.parent / "packed", CORRECTED)
    return settings


def pack(live: Mirror, source: Source, files: Path, folder: Path, figures: bytes) -> None:
    """Put the zip on the server, with these figures for Canada."""
    folder.mkdir(exist_ok=True)
    [edition] = source.editions
    for file in edition.files:
        shutil.copyfile(files / file.path, folder / Path(file.path).name)
    content = (folder / MEMBER).read_bytes()
    assert content.count(PRINTED) == 1
    (folder / MEMBER).write_bytes(content.replace(PRINTED, figures))
    packed = publishers.zipped(sorted(folder.iterdir()))
    publishers.add_to_item(live, edition.live.item or "", {"world.zip": packed})


def seen(settings: Settings, source: Source) -> list[Detection]:
    """A look of the sensor: what waits and is not seen is forgotten."""
    store = PinStore(settings.state)
    read = source
    for pin in [pin for pin in store.read().get(SOURCE, []) if pin.is_active]:
        read = with_edition(source, pin.edition)
    found = detect_editions(read, settings.raw, settings.drop)
    store.forget_unseen(SOURCE, {detection.fingerprint for detection in found})
    return found


def test_a_replaced_zip_is_seen_until_a_person_decides(
    settings: Settings, source: Source, live: Mirror, shared_data: Path
) -> None:
    [detection] = seen(settings, source)
    assert (detection.kind, detection.edition) == ("replaced", BOOK)
    # A refresh fetches the zip and stops.
    with pytest.raises(SourceError, match="the bytes of a pinned edition changed"):
        fetch_source(source, settings.raw, settings.drop)
    assert seen(settings, source) == [detection]
    # Its taking is killed before anything is noted of it.
    fetch_candidate(source, detection, settings.raw, settings.drop)
    assert seen(settings, source) == [detection]
    made = fetch_candidate(source, detection, settings.raw, settings.drop)
    edition_trials.put(settings, source, made, holder="taking in")
    assert seen(settings, source) == [detection]
    [pin] = PinStore(settings.state).read()[SOURCE]
    assert (pin.state, pin.fingerprint) == ("needs_review", detection.fingerprint)
    # Its publisher puts the old one back: nothing needs review any more once that was fetched.
    pack(live, source, shared_data, settings.data.parent / "packed", PRINTED)
    fetch_source(source, settings.raw, settings.drop)
    assert seen(settings, source) == []
    assert PinStore(settings.state).read() == {}


def test_on_a_fresh_machine_replaced_bytes_are_seen_too(
    settings: Settings, source: Source, live: Mirror, tmp_path: Path
) -> None:
    raw, drop = tmp_path / "fresh", settings.drop
    with pytest.raises(SourceError, match="the bytes of a pinned edition changed"):
        fetch_source(source, raw, drop)
    [detection] = detect_editions(source, raw, drop)
    assert detection.kind == "replaced"


def test_a_kill_between_taking_and_the_end_of_the_trial_forgets_nothing(
    settings: Settings, source: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed before each change of a file, from a person's word to a check that stops."""
    [detection] = seen(settings, source)
    made = fetch_candidate(source, detection, settings.raw, settings.drop)
    edition_trials.put(settings, source, made, holder="taking in")
    store, kept = PinStore(settings.state), settings.data.with_name("kept")
    shutil.copytree(settings.data, kept, symlinks=True)
    folder = settings.raw / SOURCE / BOOK
    old, new = (folder / MEMBER).read_bytes(), (folder / "changed" / MEMBER).read_bytes()

    def tried(build_id: str) -> None:
        edition_trials.start_trial(settings, build_id, is_whole=True)
        assert (folder / MEMBER).read_bytes() == new
        stopped(settings, build_id)
        edition_trials.resolve_trial(settings, build_id)

    kills = 0
    for number in range(100):
        with monkeypatch.context() as fault:
            _kill_before(fault, number)
            try:
                accept_for_trial(settings, f"{SOURCE}:{BOOK}")
                tried("build-1")
                break
            except Killed:
                kills += 1
        found = seen(settings, source)
        [pin] = store.read()[SOURCE]
        if pin.state == "needs_review":
            assert found == [detection], number
            accept_for_trial(settings, f"{SOURCE}:{BOOK}")
        # The build that was killed knew its check already; one that did not is tried again.
        edition_trials.start_trial(settings, "build-2", is_whole=True)
        [pin] = store.read()[SOURCE]
        if pin.state == "needs_review":
            assert seen(settings, source) == [detection], number
            accept_for_trial(settings, f"{SOURCE}:{BOOK}")
        tried("build-3")
        assert (folder / MEMBER).read_bytes() == old, number
        assert seen(settings, source) == [detection], number
        shutil.rmtree(settings.data)
        shutil.copytree(kept, settings.data, symlinks=True)
    assert kills > 8
    # Not stopped, it is current, and nothing is seen of it any more.
    accept_for_trial(settings, f"{SOURCE}:{BOOK}")
    read = edition_trials.start_trial(settings, "build-4", is_whole=True)[SOURCE]
    was_read(settings, read[0], SOURCE)
    [(_, proven)] = edition_trials.promote(settings, "build-4")
    assert proven.state == "current"
    fetch_source(with_edition(source, proven.edition), settings.raw, settings.drop)
    assert seen(settings, source) == []


def _kill_before(fault: pytest.MonkeyPatch, number: int) -> None:
    """The process dies before the change of files with this number."""
    left = [number]

    def dying(change: Callable[..., object]) -> Callable[..., object]:
        def run(*args: object, **more: object) -> object:
            if not left[0]:
                raise Killed
            left[0] -= 1
            return change(*args, **more)

        return run

    for owner, name in ((Path, "replace"), (Path, "unlink"), (shutil, "rmtree")):
        fault.setattr(owner, name, dying(getattr(owner, name)))
