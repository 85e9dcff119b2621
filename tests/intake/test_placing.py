"""Files of a candidate on their way onto the shelf and back, and what is known of them meanwhile."""

import hashlib
import os
from pathlib import Path
from typing import cast

import pytest

from dagster_project import trial
from dagster_project.settings import Settings
from sources.catalog import LiveEdition, Source, SourceFile, load_source
from sources.fetch.client import Client
from sources.fetch.download import RemoteFile
from sources.fetch.shelf import Shelf
from sources.inputs import Input
from sources.intake import looking
from sources.intake.pins import Pin, PinStore, candidate_folder, pins_of, place, unplace, with_pins
from tests.intake._pins import SHEET, SOURCE, edition, kept, pin, stopped


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(tmp_path, Input.LIVE, None)


@pytest.fixture
def source() -> Source:
    return load_source(SOURCE)


def test_replaced_bytes_go_onto_the_shelf_and_back(settings: Settings, source: Source) -> None:
    known = source.editions[-1]
    shelf = settings.raw / SOURCE / known.edition / SHEET
    shelf.parent.mkdir(parents=True)
    shelf.write_bytes(b"old")
    new = hashlib.sha256(b"new").hexdigest()
    made = pin().model_copy(update={"edition": edition(known.edition, "2026-03-03", new)})
    beside = candidate_folder(settings.raw, SOURCE, made)
    beside.mkdir(parents=True)
    (beside / SHEET).write_bytes(b"new")
    place(settings.raw, source, made)
    assert shelf.read_bytes() == b"new"
    # Twice, as after a kill between the two.
    unplace(settings.raw, source, made)
    unplace(settings.raw, source, made)
    assert shelf.read_bytes() == b"old"
    assert (beside / SHEET).read_bytes() == b"new"


def replaced(settings: Settings, source: Source) -> Pin:
    """Bytes that a publisher put in place of pinned ones, fetched beside; their pin waits."""
    [name, other] = [SHEET, "other.xlsx"]
    new = edition("CMO2026-03", "2026-03-03", kept(b"new").sha256)
    same = new.files[0].model_copy(update={"path": f"x/{other}", "sha256": kept(b"same").sha256})
    made = pin(mark="replaced", kind="replaced", state="waiting")
    made.edition = new.model_copy(update={"files": (new.files[0], same)})
    PinStore(settings.state).put(SOURCE, made)
    shelf = Shelf(settings.raw, source, source.editions[-1])
    shelf.changed.mkdir(parents=True)
    beside = candidate_folder(settings.raw, SOURCE, made)
    beside.mkdir(parents=True)
    for folder, file, content in (
        (shelf.folder, name, b"old"),
        (shelf.folder, other, b"same"),
        (shelf.changed, name, b"new"),
    ):
        (folder / file).write_bytes(content)
    os.link(shelf.changed / name, beside / name)
    os.link(shelf.folder / other, beside / other)
    shelf.record.files = {name: kept(b"old"), other: kept(b"same")}
    shelf.record.changed = {name: kept(b"new")}
    shelf.save()
    return made


def one_edition(monkeypatch: pytest.MonkeyPatch) -> Source:
    """A source of one edition of two files, as everybody loads it."""
    file = SourceFile(table="t", path="x/other.xlsx", layout="l", sha256=kept(b"same").sha256)
    known = edition("CMO2026-03", "2026-03-03", kept(b"old").sha256)
    known = known.model_copy(
        update={"files": (*known.files, file), "live": LiveEdition(item="an-item")}
    )
    source = load_source(SOURCE).model_copy(update={"editions": (known,)})
    monkeypatch.setattr(trial, "load_source", lambda _: source)
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
    monkeypatch.setattr(looking, "files_of", lambda *_, **__: listed)
    made = replaced(settings, source)
    made.against = pins_of(source, "CMO2026-03")
    [before] = looking._changed_items(cast("Client", None), source, settings.raw)
    folder = settings.raw / SOURCE / "CMO2026-03"
    for number in range(2):
        made.state = "trial"
        trial.put(settings, source, made)
        assert (folder / SHEET).read_bytes() == b"new"
        assert not list(
            looking._changed_items(cast("Client", None), with_pins(source, [made]), settings.raw)
        )
        trial.begin(settings, f"build-{number}", is_whole=True)
        stopped(settings, f"build-{number}")
        [(_, waits)] = trial.settle(settings, f"build-{number}")
        assert waits.state == "waiting"
        assert (folder / SHEET).read_bytes() == b"old"
        # The file that is the same in both is left alone.
        assert (folder / "other.xlsx").read_bytes() == b"same"
        assert list(looking._changed_items(cast("Client", None), source, settings.raw)) == [before]
        record = Shelf(settings.raw, source, known).record
        assert record.changed == {SHEET: kept(b"new")}
        assert (folder / "changed" / SHEET).read_bytes() == b"new"


class Killed(BaseException):
    """In place of a SIGKILL: nothing below catches it."""


@pytest.mark.parametrize("where", ["sources.intake.pins.Shelf.save", "dagster_project.trial.place"])
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
            trial.put(settings, source, made)
    [tried] = trial.begin(settings, "build-1", is_whole=True)[SOURCE]
    assert tried.state == "trial"
    assert (folder / SHEET).read_bytes() == b"new"
    assert Shelf(settings.raw, source, made.edition).record.files[SHEET] == kept(b"new")
    stopped(settings, "build-1")
    trial.settle(settings, "build-1")
    assert (folder / SHEET).read_bytes() == b"old"
    assert Shelf(settings.raw, source, made.edition).record.files[SHEET] == kept(b"old")
