"""Pins: what overrides source.yml, what a build tries, what its end says, and what is put back."""

import os

import pytest
import yaml
from typer.testing import CliRunner

from dagster_project.cli.commands import app
from dagster_project.cli.pin import accept_for_trial, forget, pin_report
from dagster_project.operations import alerts, edition_trials
from dagster_project.settings import Settings
from sources.editions.pin_diff import accepted_diff
from sources.editions.pins import (
    PinStore,
    candidate_folder,
    candidate_root,
    end_trial,
    holds,
    pins_for_refresh,
    pins_of,
    remove_unpinned_candidates,
    with_pins,
)
from sources.reading.catalog import Edition, Source
from sources.reading.errors import SourceError
from sources.reading.input import Input
from tests.editions._pins import SHEET, SOURCE, edition, pin, stopped, was_read


def test_pins_come_back_as_they_were_written(settings: Settings) -> None:
    store = PinStore(settings.state)
    assert store.read() == {}
    made = pin(
        reason="a\nb: c", compared={"rows": {"t": [1, 2]}}, tried=["x"], state="needs_review"
    )
    store.put(SOURCE, made)
    assert store.read() == {SOURCE: [made]}
    assert store.has_seen(SOURCE, made.fingerprint)
    assert not store.has_seen(SOURCE, "another")
    assert yaml.safe_load(store.path.read_text())[SOURCE][0]["edition"]["edition"] == "CMO2026-04"


def test_pins_of_an_earlier_version_are_read(settings: Settings) -> None:
    store, made = PinStore(settings.state), pin(state="needs_review")
    store.put(SOURCE, made)
    text = store.path.read_text()
    store.path.write_text(
        text.replace("state: needs_review", "state: waiting").replace("fingerprint:", "mark:")
    )
    assert "waiting" in store.path.read_text()
    assert store.read() == {SOURCE: [made]}


def test_a_damaged_file_of_pins_is_one_clear_error(settings: Settings) -> None:
    store = PinStore(settings.state)
    store.path.parent.mkdir(parents=True)
    for text in ("a: [b", "a: {b: 1}", f"{SOURCE}: [{{state: current}}]", "[]"):
        store.path.write_text(text)
        if text == "[]":
            assert store.read() == {}
            continue
        with pytest.raises(SourceError, match=r"pins.yml can't be read"):
            store.read()


def test_a_new_edition_stands_in_the_order_of_release(source: Source) -> None:
    ours = [known.edition for known in source.editions]
    assert [e.edition for e in with_pins(source, [pin()]).editions] == [*ours, "CMO2026-04"]
    before = pin("CMO2026-02", "2026-02-03")
    assert [e.edition for e in with_pins(source, [before]).editions] == ["CMO2026-02", *ours]
    assert with_pins(source, []) is source


def test_source_yml_holds_again_once_a_person_pinned_otherwise(source: Source) -> None:
    known = source.editions[-1]
    made = pin(known.edition, str(known.released_on), against=pins_of(source, known.edition))
    assert holds(made, source)
    assert with_pins(source, [made]).editions[-1].files[0].sha256 == "a" * 64
    moved = source.model_copy(
        update={"editions": (edition(known.edition, str(known.released_on), "b" * 64),)}
    )
    assert not holds(made, moved)
    assert with_pins(moved, [made]) == moved


def test_one_edition_is_tried_at_a_time_the_oldest_first(settings: Settings) -> None:
    store = PinStore(settings.state)
    store.put(SOURCE, pin("CMO2026-05", "2026-05-05"))
    store.put("usgs_mcs", pin("MCS2027", "2026-04-02"))
    store.put("usgs_mcs_us", pin("MCS2027", "2026-04-01", state="current"))
    read = pins_for_refresh(store, "build-1")
    names = {source_id: [p.edition.edition for p in pins] for source_id, pins in read.items()}
    assert names == {SOURCE: [], "usgs_mcs": ["MCS2027"], "usgs_mcs_us": ["MCS2027"]}
    end_trial(store, "build-1", (), is_published=True)
    states = {s: [p.state for p in pins] for s, pins in store.read().items()}
    assert states == {SOURCE: ["trial"], "usgs_mcs": ["current"], "usgs_mcs_us": ["current"]}
    assert [p.edition.edition for p in pins_for_refresh(store, "build-2")[SOURCE]] == ["CMO2026-05"]


def test_an_edition_that_no_build_read_is_not_proven(settings: Settings) -> None:
    """source.yml went on since it was found; or other bytes were read; or its source is left out."""
    store = PinStore(settings.state)
    store.put(SOURCE, pin(against="what source.yml had once"))
    store.put("un_comtrade", pin("API2023_20261126"))
    assert not any(edition_trials.start_trial(settings, "build-1", is_whole=True).values())
    assert edition_trials.due(settings) == []
    store.put(SOURCE, pin())
    assert [p.edition.edition for p in edition_trials.due(settings)] == ["CMO2026-04"]
    edition_trials.start_trial(settings, "build-2", is_whole=True)
    assert edition_trials.promote(settings, "build-2") == []
    was_read(settings, pin().model_copy(update={"edition": edition("CMO2026-04", "2026-04-02", "b" * 64)}))  # fmt: skip
    assert edition_trials.promote(settings, "build-2") == []
    assert [p.state for p in store.read()[SOURCE]] == ["trial"]
    was_read(settings, pin())
    [(_, proven)] = edition_trials.promote(settings, "build-2")
    assert proven.state == "current"


def test_a_refresh_that_checks_stopped_sends_the_edition_back(settings: Settings) -> None:
    store = PinStore(settings.state)
    store.put(SOURCE, pin())
    edition_trials.start_trial(settings, "build-1", is_whole=True)
    stopped(settings, "build-1")
    [(source_id, ended)] = edition_trials.resolve_trial(settings, "build-1")
    assert (source_id, ended.state) == (SOURCE, "needs_review")
    assert "left its band" in ended.reason
    # The next build reads what was read before.
    assert edition_trials.start_trial(settings, "build-2", is_whole=True) == {SOURCE: []}
    [alert] = alerts.waiting_alerts(settings)
    assert "left its band" in alert.read_text()
    assert edition_trials.resolve_trial(settings, "build-1") == []


def test_a_build_that_died_says_nothing_three_times(settings: Settings) -> None:
    store = PinStore(settings.state)
    store.put(SOURCE, pin())
    for number in range(3):
        [tried] = edition_trials.start_trial(settings, f"build-{number}", is_whole=True)[SOURCE]
        assert tried.state == "trial"
    assert edition_trials.start_trial(settings, "build-3", is_whole=True) == {SOURCE: []}
    [waits] = store.read()[SOURCE]
    assert "3 refreshes with it ended without a release" in waits.reason


def test_a_kill_behind_the_rename_still_proves_it(settings: Settings) -> None:
    PinStore(settings.state).put(SOURCE, pin())
    edition_trials.start_trial(settings, "build-1", is_whole=True)
    current = settings.published / "current"
    current.mkdir(parents=True)
    (current / "release.json").write_text('{"build_id": "build-1"}')
    was_read(settings, pin())
    [proven] = edition_trials.start_trial(settings, "build-2", is_whole=True)[SOURCE]
    assert proven.state == "current"


def test_only_a_whole_refresh_of_live_tries_an_edition(settings: Settings) -> None:
    PinStore(settings.state).put(SOURCE, pin())
    assert edition_trials.start_trial(settings, "build-1", is_whole=False) == {SOURCE: []}
    embedded = Settings(settings.data, Input.EMBEDDED, None)
    assert edition_trials.start_trial(embedded, "build-1", is_whole=True) == {}
    assert PinStore(settings.state).read()[SOURCE][0].tried == []


def test_files_of_forgotten_candidates_go_after_a_week(settings: Settings) -> None:
    store = PinStore(settings.state)
    store.put(SOURCE, pin(state="needs_review", fingerprint="a" * 24))
    folders = [candidate_root(settings.raw, SOURCE, letter * 24) for letter in "abc"]
    for folder in folders:
        folder.mkdir(parents=True)
    for folder in folders[:2]:
        os.utime(folder, (0, 0))
    remove_unpinned_candidates(settings.raw, store)
    # One is named by a pin, one may be at work.
    assert [folder.exists() for folder in folders] == [True, False, True]


def test_a_person_decides_by_name(settings: Settings) -> None:
    store = PinStore(settings.state)
    assert list(pin_report(settings)) == [
        "Nothing is pinned beside source.yml, and nothing needs review."
    ]
    made = pin(state="needs_review", reason="a person decides")
    store.put(SOURCE, made)
    for act in (accept_for_trial, forget):
        with pytest.raises(SourceError, match="no such edition needs review"):
            act(settings, f"{SOURCE}:CMO2020-01")
    with pytest.raises(SourceError, match="files are not here whole"):
        accept_for_trial(settings, f"{SOURCE}:CMO2026-04")
    beside = candidate_folder(settings.raw, SOURCE, made)
    beside.mkdir(parents=True)
    (beside / SHEET).write_bytes(b"new")
    assert "on trial" in accept_for_trial(settings, f"{SOURCE}:CMO2026-04")
    assert [p.state for p in store.read()[SOURCE]] == ["trial"]
    assert (settings.raw / SOURCE / "CMO2026-04" / SHEET).read_bytes() == b"new"
    store.put(SOURCE, made)
    assert "finds it again" in forget(settings, f"{SOURCE}:CMO2026-04")
    assert not store.has_seen(SOURCE, made.fingerprint)


def test_what_waits_does_not_unpin_what_is_current(settings: Settings) -> None:
    store = PinStore(settings.state)
    store.put(SOURCE, pin(state="current"))
    store.put(SOURCE, pin(state="needs_review", fingerprint="other bytes"))
    assert [p.state for p in store.read()[SOURCE]] == ["current", "needs_review"]


def test_new_bytes_of_a_pinned_edition_are_tried_beside_the_current_ones(
    settings: Settings, source: Source
) -> None:
    store = PinStore(settings.state)
    for build, refused in (("build-1", True), ("build-2", False)):
        store.put(SOURCE, pin(state="current"))
        other = pin(fingerprint="other bytes")
        other.edition = edition("CMO2026-04", "2026-04-02", "b" * 64)
        store.put(SOURCE, other)
        read = edition_trials.start_trial(settings, build, is_whole=True)[SOURCE]
        assert with_pins(source, read).editions[-1].files[0].sha256 == "b" * 64
        if refused:
            stopped(settings, build)
            edition_trials.resolve_trial(settings, build)
            # Refused: what was current is read again.
            again = edition_trials.start_trial(settings, "another", is_whole=True)[SOURCE]
            assert with_pins(source, again).editions[-1].files[0].sha256 == "a" * 64
        else:
            was_read(settings, other)
            edition_trials.promote(settings, build)
            [now] = store.read()[SOURCE]
            assert (now.state, now.edition.files[0].sha256) == ("current", "b" * 64)


def test_what_its_publisher_put_right_waits_no_longer(settings: Settings) -> None:
    store = PinStore(settings.state)
    store.put(SOURCE, pin(state="current"))
    store.put(SOURCE, pin("CMO2026-05", "2026-05-05", state="needs_review"))
    store.put(SOURCE, pin("CMO2026-06", "2026-06-02", state="needs_review"))
    store.forget_unseen(SOURCE, {"fingerprint-CMO2026-06"})
    assert [p.edition.edition for p in store.read()[SOURCE]] == ["CMO2026-04", "CMO2026-06"]
    store.forget_unseen(SOURCE, set())
    assert [p.state for p in store.read()[SOURCE]] == ["current"]


def test_the_command_shows_and_decides(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHOKEPOINT_DATA", str(settings.data))
    monkeypatch.setenv("DAGSTER_HOME", str(settings.dagster_home))
    run = CliRunner()
    shown = run.invoke(app, ["pin"])
    assert (shown.exit_code, shown.stdout) == (
        0,
        "Nothing is pinned beside source.yml, and nothing needs review.\n",
    )
    PinStore(settings.state).put(SOURCE, pin(state="needs_review", reason="a person decides"))
    assert "a person decides" in run.invoke(app, ["pin"]).stdout
    assert run.invoke(app, ["pin", "--take", f"{SOURCE}:CMO2026-04"]).exit_code == 1
    assert run.invoke(app, ["pin", "--again", f"{SOURCE}:CMO2026-04"]).exit_code == 0
    assert "nothing needs review" in run.invoke(app, ["pin"]).stdout
    PinStore(settings.state).put(SOURCE, pin(state="current"))
    accepted = run.invoke(app, ["pin", "--accept"])
    assert accepted.stdout.startswith(f"--- a/sources/{SOURCE}/source.yml\n")
    PinStore(settings.state).path.write_text("no pins: [")
    assert run.invoke(app, ["pin"]).exit_code == 1


def test_only_what_is_current_becomes_a_diff(settings: Settings) -> None:
    assert accepted_diff({SOURCE: [pin(), pin(state="needs_review")]}) == ""
    diff = accepted_diff({SOURCE: [pin(state="current")]})
    added = [line[1:] for line in diff.splitlines() if line.startswith("+") and line[1:4] != "++ "]
    [entry] = yaml.safe_load("\n".join(added))
    assert Edition.model_validate(entry) == pin().edition
    assert not [line for line in diff.splitlines() if line.startswith("-") and line[:3] != "---"]
