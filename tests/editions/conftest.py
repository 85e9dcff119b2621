"""The publishers' mirror, and a `source.yml` of USGS that does not know its book of 2026 yet."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from dagster_project.settings import Settings
from sources.reading import catalog
from sources.reading.catalog import Source, load_source
from sources.reading.input import Input
from sources.registry import all_sources
from tests.editions._pins import SOURCE as PINNED
from tests.editions.held_back import SOURCE, hold_back
from tests.mirror import census, comext, comtrade, publishers
from tests.mirror.server import Mirror, running


@pytest.fixture
def live(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Mirror]:
    """An empty data folder, input `live`, and the mirror; this process reaches and trusts it."""
    data = tmp_path / "data"
    monkeypatch.setenv("CHOKEPOINT_DATA", str(data))
    monkeypatch.setenv("CHOKEPOINT_INPUT", "live")
    monkeypatch.setenv("DAGSTER_HOME", str(data / "dagster"))
    monkeypatch.delenv("CHOKEPOINT_ALERT_URL", raising=False)
    live = list(all_sources())
    hosts = {*publishers.hosts_of(live), comtrade.HOST, census.HOST, comext.HOST}
    with running(hosts, tmp_path) as (mirror, environment):
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        yield mirror


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """An empty data folder of the input `live`."""
    return Settings(tmp_path, Input.LIVE, None)


@pytest.fixture
def source() -> Source:
    """The source whose pins `_pins.py` makes up."""
    return load_source(PINNED)


@pytest.fixture
def held_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Sources whose `usgs_mcs` lacks MCS2026; its mappings know the labels, as after a person's look."""
    root = tmp_path / "sources"
    root.mkdir()
    for folder in sorted(path.parent for path in catalog.SOURCES_ROOT.glob("*/source.yml")):
        if folder.name != SOURCE:
            (root / folder.name).symlink_to(folder)
    shutil.copytree(catalog.SOURCES_ROOT / SOURCE, root / SOURCE)
    hold_back(root / SOURCE / "source.yml")
    monkeypatch.setattr(catalog, "SOURCES_ROOT", root)
    load_source.cache_clear()
    all_sources.cache_clear()
    yield root
    monkeypatch.undo()
    load_source.cache_clear()
    all_sources.cache_clear()
