"""What may not be passed on is read only where somebody asks, and never from the repo."""

from pathlib import Path

import pytest

from dagster_project.settings import SettingsError, load_settings
from sources.reading.catalog import Source, load_source
from sources.reading.input import Input, is_left_out
from sources.reading.published import read_published, verify_bytes
from sources.reference import tidy as reference
from sources.registry import all_sources, reader_of

RESTRICTED = [source for source in all_sources() if not source.redistributable]
OPEN = load_source("usgs_mcs")


def test_comtrade_is_one() -> None:
    assert [source.source_id for source in RESTRICTED] == ["un_comtrade"]


@pytest.mark.parametrize("source", RESTRICTED, ids=lambda source: source.source_id)
@pytest.mark.parametrize(
    ("chosen", "asked", "left_out"),
    [
        (Input.EMBEDDED, False, True),
        (Input.EMBEDDED, True, True),
        (Input.FILES, False, True),
        (Input.FILES, True, False),
    ],
)
def test_it_is_left_out_unless_asked_for(
    source: Source, chosen: Input, asked: bool, left_out: bool
) -> None:
    assert is_left_out(source, chosen, asked) == left_out
    assert not is_left_out(OPEN, chosen, asked)


@pytest.mark.parametrize("source", RESTRICTED, ids=lambda source: source.source_id)
def test_left_out_it_leaves_empty_tables_of_the_right_columns(
    source: Source, tmp_path: Path
) -> None:
    reader = reader_of(source.source_id)
    assert verify_bytes(source, Input.FILES, tmp_path) == {}
    published = read_published(reader_of(source.source_id), source, Input.FILES, tmp_path)
    lake = reader.tidy(published, source)
    assert set(lake) == set(reader.lake)
    for table, frame in lake.items():
        assert frame.is_empty()
        assert frame.schema == reader.lake[table].create_empty().schema


def test_left_out_it_is_not_listed() -> None:
    listed = reference.tidy([s for s in all_sources() if s.source_id != "un_comtrade"])
    assert "un_comtrade" not in set(listed["source"]["source_id"])
    assert "un_comtrade" not in set(listed["edition"]["source_id"])
    assert "un_comtrade" in set(reference.tidy(all_sources())["source"]["source_id"])


@pytest.mark.parametrize(
    ("switch", "chosen", "told"),
    [("yes", "files", "neither 0 nor 1"), ("1", "embedded", "needs publishers' files")],
)
def test_a_switch_that_asks_for_nothing_is_refused(
    monkeypatch: pytest.MonkeyPatch, switch: str, chosen: str, told: str
) -> None:
    monkeypatch.setenv("CHOKEPOINT_INPUT", chosen)
    monkeypatch.setenv("CHOKEPOINT_INCLUDE_RESTRICTED", switch)
    with pytest.raises(SettingsError, match=told):
        load_settings()


def test_the_switch_is_off_by_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CHOKEPOINT_INCLUDE_RESTRICTED", raising=False)
    assert not load_settings().include_restricted
    monkeypatch.setenv("CHOKEPOINT_INPUT", "files")
    monkeypatch.setenv("CHOKEPOINT_INCLUDE_RESTRICTED", "1")
    assert load_settings().include_restricted
