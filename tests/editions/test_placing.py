"""Files of a candidate on their way into place and back, and what is known of them meanwhile."""

import hashlib
import os
import threading
from typing import cast

import pytest
from typer.testing import CliRunner

from dagster_project.cli.commands import app
from dagster_project.operations import edition_trials
from dagster_project.operations.lock import refresh_lock
from dagster_project.settings import Settings
from sources.editions import detect
from sources.editions.pins import (
    Pin,
    PinStore,
    candidate_folder,
    pins_of,
    place,
    restore_replaced,
    with_pins,
)
from sources.fetching.client import Client
from sources.fetching.download import RemoteFile
from sources.fetching.edition_store import EditionStore
from sources.reading.catalog import LiveEdition, Source, SourceFile, load_source
from tests.editions._pins import SHEET, SOURCE, edition, kept, pin, stopped


def test_replaced_bytes_go_into_place_and_back(settings: Settings, source: Source) -> None:
    known = source.editions[-1]
    store = settings.raw / SOURCE / known.edition / SHEET
    store.parent.mkdir(parents=True)
    store.write_bytes(b"old")
    new = hashlib.sha256(b"new").hexdigest()
    made = pin().model_copy(update={"edition": edition(known.edition, "2026-03-03", new)})
    beside = candidate_folder(settings.raw, SOURCE, made)
    beside.mkdir(parents=True)
    (beside / SHEET).write_bytes(b"new")
    place(settings.raw, source, made)
    assert store.read_bytes() == b"new"
    # Twice, as after a kill between the two.
    restore_replaced(settings.raw, source, made)
    restore_replaced(settings.raw, source, made)
    assert store.read_bytes() == b"old"
    assert (beside / SHEET).read_bytes() == b"new"


def replaced(settings: Settings, source: Source) -> Pin:
    """Bytes that a publisher put in place of pinned ones, fetched beside; their pin waits."""
    [name, other] = [SHEET, "other.xlsx"]
    new = edition("CMO2026-03", "2026-03-03", kept(b"new").sha256)
    same = new.files[0].model_copy(update={"path": f"x/{other}", "sha256": kept(b"same").sha256})
    made = pin(fingerprint="replaced", kind="replaced", state="needs_review")
    made.edition = new.model_copy(update={"files": (new.files[0], same)})
    PinStore(settings.state).put(SOURCE, made)
    store = EditionStore(settings.raw, source, source.editions[-1])
    store.changed.mkdir(parents=True)
    beside = candidate_folder(settings.raw, SOURCE, made)
    beside.mkdir(parents=True)
    for folder, file, content in (
        (store.folder, name, b"old"),
        (store.folder, other, b"same"),
        (store.changed, name, b"new"),
    ):
        (folder / file).write_bytes(content)
    os.link(store.changed / name, beside / name)
    os.link(store.folder / other, beside / other)
    store.record.files = {name: kept(b"old"), other: kept(b"same")}
    store.record.changed = {name: kept(b"new")}
    store.save()
    return made


def one_edition(monkeypatch: pytest.MonkeyPatch) -> Source:
    """A source of one edition of two files, as everybody loads it."""
    file = SourceFile(table="t", path="x/other.xlsx", layout="l", sha256=kept(b"same").sha256)
    known = edition("CMO2026-03", "2026-03-03", kept(b"old").sha256)
    known = known.model_copy(
        update={"files": (*known.files, file), "live": LiveEdition(item="an-item")}
    )
    source = load_source(SOURCE).model_copy(update={"editions": (known,)})
    monkeypatch.setattr(edition_trials, "load_source", lambda _: source)
    return source


def test_replaced_bytes_that_a_check_stopped_are_still_seen(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Taken, stopped, back: the look that found them finds them again, so that they go on waiting."""
    source = one_edition(monkeypatch)
    [known] = source.editions
    listed = {
        file.lower(): RemoteFile(file, "https://x", md5=kept(content).md5)
        for file, content in ((SHEET, b"new"), ("other.xlsx", b"same"))
    }
    monkeypatch.setattr(detect, "files_of", lambda *_, **__: listed)
    made = replaced(settings, source)
    made.against = pins_of(source, "CMO2026-03")
    [before] = detect._changed_items(cast("Client", None), source, settings.raw)
    folder = settings.raw / SOURCE / "CMO2026-03"
    for number in range(2):
        made.state = "trial"
        edition_trials.put(settings, source, made, holder="taking in")
        assert (folder / SHEET).read_bytes() == b"new"
        assert not list(
            detect._changed_items(cast("Client", None), with_pins(source, [made]), settings.raw)
        )
        edition_trials.start_trial(settings, f"build-{number}", is_whole=True)
        stopped(settings, f"build-{number}")
        [(_, waits)] = edition_trials.resolve_trial(settings, f"build-{number}")
        assert waits.state == "needs_review"
        assert (folder / SHEET).read_bytes() == b"old"
        # The file that is the same in both is left alone.
        assert (folder / "other.xlsx").read_bytes() == b"same"
        assert list(detect._changed_items(cast("Client", None), source, settings.raw)) == [before]
        record = EditionStore(settings.raw, source, known).record
        assert record.changed == {SHEET: kept(b"new")}
        assert (folder / "changed" / SHEET).read_bytes() == b"new"


class Killed(BaseException):
    """In place of a SIGKILL: nothing below catches it."""


@pytest.mark.parametrize(
    "where",
    ["sources.editions.pins.EditionStore.save", "dagster_project.operations.edition_trials.place"],
)
def test_a_kill_while_replaced_bytes_are_taken_is_made_good(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    source = one_edition(monkeypatch)
    made = replaced(settings, source)
    made.state, made.against = "trial", pins_of(source, "CMO2026-03")
    folder = settings.raw / SOURCE / "CMO2026-03"

    def kill(*_: object) -> None:
        raise Killed

    with monkeypatch.context() as fault:
        fault.setattr(where, kill)
        with pytest.raises(Killed):
            edition_trials.put(settings, source, made, holder="taking in")
    [tried] = edition_trials.start_trial(settings, "build-1", is_whole=True)[SOURCE]
    assert tried.state == "trial"
    assert (folder / SHEET).read_bytes() == b"new"
    assert EditionStore(settings.raw, source, made.edition).record.files[SHEET] == kept(b"new")
    stopped(settings, "build-1")
    edition_trials.resolve_trial(settings, "build-1")
    assert (folder / SHEET).read_bytes() == b"old"
    assert EditionStore(settings.raw, source, made.edition).record.files[SHEET] == kept(b"old")


def contents(settings: Settings) -> dict[str, bytes]:
    """Every file that a refresh reads, and the pins."""
    files = [path for path in settings.data.rglob("*") if path.is_file()]
    return {str(path): path.read_bytes() for path in files if {"raw", "state"} & {*path.parts}}


def test_nothing_is_taken_up_under_a_running_refresh(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = one_edition(monkeypatch)
    monkeypatch.setattr("dagster_project.cli.pin.load_source", lambda _: source)
    for name, value in (("DATA", settings.data), ("INPUT", "live")):
        monkeypatch.setenv(f"CHOKEPOINT_{name}", str(value))
    monkeypatch.setenv("DAGSTER_HOME", str(settings.dagster_home))
    made = replaced(settings, source)
    made.against = pins_of(source, "CMO2026-03")
    PinStore(settings.state).put(SOURCE, made)
    before = contents(settings)
    take = ["pin", "--take", f"{SOURCE}:CMO2026-03"]
    with refresh_lock(settings.lock, "the-refresh"):
        refused = CliRunner().invoke(app, take)
        told = " ".join(refused.stderr.split())
        assert refused.exit_code == 3
        assert "another refresh is running (run the-refresh" in told
        assert "try again" in told
        assert "Traceback" not in told
        # Showing, and a diff, move nothing.
        for shows in ([], ["--accept"]):
            assert CliRunner().invoke(app, ["pin", *shows]).exit_code == 0
        assert contents(settings) == before
    assert CliRunner().invoke(app, take).exit_code == 0
    [taken] = PinStore(settings.state).read()[SOURCE]
    assert taken.state == "trial"
    assert (settings.raw / SOURCE / "CMO2026-03" / SHEET).read_bytes() == b"new"


def test_what_the_daemon_took_in_waits_for_a_running_refresh(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = one_edition(monkeypatch)
    made = replaced(settings, source)
    made.state, made.against = "trial", pins_of(source, "CMO2026-03")
    before, begun = contents(settings), threading.Event()

    def put() -> None:
        begun.set()
        edition_trials.put(settings, source, made, holder="taking in", wait_seconds=60)

    thread = threading.Thread(target=put)
    with refresh_lock(settings.lock, "the-refresh"):
        thread.start()
        begun.wait()
        thread.join(0.5)
        assert thread.is_alive()
        assert contents(settings) == before
    thread.join()
    assert (settings.raw / SOURCE / "CMO2026-03" / SHEET).read_bytes() == b"new"


def test_what_is_found_over_an_edition_on_trial_stands_beside_the_pinned_bytes(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its publisher replaced the bytes again: those on trial don't stay in place without a pin."""
    source = one_edition(monkeypatch)
    made = replaced(settings, source)
    made.state, made.against = "trial", pins_of(source, "CMO2026-03")
    edition_trials.put(settings, source, made, holder="taking in")
    store = settings.raw / SOURCE / "CMO2026-03" / SHEET
    assert store.read_bytes() == b"new"
    later = made.model_copy(update={"fingerprint": "replaced again", "state": "needs_review"})
    edition_trials.put(settings, source, later, holder="taking in")
    assert [pin.fingerprint for pin in PinStore(settings.state).read()[SOURCE]] == [
        "replaced again"
    ]
    assert store.read_bytes() == b"old"


def test_a_late_word_of_an_earlier_build_takes_nothing_from_under_a_running_one(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two builds died, the third runs; only then does the daemon tell of the second."""
    source = one_edition(monkeypatch)
    made = replaced(settings, source)
    made.state, made.against = "trial", pins_of(source, "CMO2026-03")
    edition_trials.put(settings, source, made, holder="taking in")
    for number in range(3):
        edition_trials.start_trial(settings, f"build-{number}", is_whole=True)
    assert edition_trials.resolve_trial(settings, "build-1") == []
    assert (settings.raw / SOURCE / "CMO2026-03" / SHEET).read_bytes() == b"new"
    [(_, waits)] = edition_trials.resolve_trial(settings, "build-2")
    assert waits.state == "needs_review"
