"""Killed at any instant, `current` is the old release or the new one, whole; and publishing goes on.

Fifty SIGKILLs of a process that only publishes: at each named fault point, with and without a release
before, and the rest at random instants of the work.
"""

import random
import shutil
import signal
import statistics
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from dagster_project.publishing.releases import current_release, releases
from dagster_project.settings import Settings
from tests.failure._helpers import (
    Publisher,
    copied,
    fault_points,
    leftover_names,
    mutate,
    publish,
    warehouse_digest,
    whole,
)

pytestmark = pytest.mark.slow

KILLS = 50
# Of the random ones, before publishing goes on unaided.
KILLS_BETWEEN = 3
SEED = 20_261_124
POINTS = fault_points()
# Reached only where releases are kept already.
LATER_ONLY = {"during_prune"}
FIRST_POINTS = [name for name in POINTS if name not in LATER_ONLY]


@pytest.fixture(scope="module")
def published(small: Path, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A small warehouse with as many releases as are kept: the next publish also removes one."""
    settings = copied(small, tmp_path_factory.mktemp("kills") / "data")
    while len(releases(settings.published)) < 5:
        mutate(settings, f"before {len(releases(settings.published))}")
        publish(settings)
    return settings


@pytest.fixture(scope="module")
def unpublished(small: Path, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return copied(small, tmp_path_factory.mktemp("first") / "data")


@pytest.fixture(scope="module")
def publisher(published: Settings) -> Iterator[Publisher]:
    publisher = Publisher(published)
    yield publisher
    publisher.close()


@pytest.fixture(scope="module")
def first_publisher(unpublished: Settings) -> Iterator[Publisher]:
    publisher = Publisher(unpublished)
    yield publisher
    publisher.close()


def _left(settings: Settings, old: str | None, new: str) -> str:
    """Content that is current after a kill, whole: the old or the new; empty where there was none before."""
    if (settings.published / "current").exists():
        found = whole(settings)["content_digest"]
        assert found in {old, new}
        return found
    assert old is None, "there was a release, and now there is none"
    return ""


def _finishes_unaided(settings: Settings, new: str) -> None:
    """Publishing works unaided, and clears away what kills left."""
    assert publish(settings).content_digest == new
    assert (current_release(settings.published) or {})["content_digest"] == new
    assert leftover_names(settings) == []


def _survived(settings: Settings, old: str | None, new: str) -> str:
    """Look at what a kill left, and publish. Returns what was current in between."""
    found = _left(settings, old, new)
    _finishes_unaided(settings, new)
    return "new" if found == new else "old" if found else "none"


@pytest.mark.parametrize("point", POINTS)
def test_killed_at_a_fault_point_the_release_is_whole(
    published: Settings, publisher: Publisher, point: str
) -> None:
    old = warehouse_digest(published)
    new = mutate(published, f"killed {point}")
    publisher.start(kill_at=point)
    assert publisher.end() == -signal.SIGKILL, f"never came to {point}: {publisher.said()}"
    found = _survived(published, old, new)
    whole(published)
    assert found == ("new" if point in {"after_swap", "during_prune"} else "old")


@pytest.mark.parametrize("point", FIRST_POINTS)
def test_first_publish_killed_leaves_nothing_or_a_release(
    unpublished: Settings, first_publisher: Publisher, point: str
) -> None:
    shutil.rmtree(unpublished.published)
    new = mutate(unpublished, f"first {point}")
    first_publisher.start(kill_at=point)
    assert first_publisher.end() == -signal.SIGKILL, first_publisher.said()
    found = _survived(unpublished, None, new)
    whole(unpublished)
    assert found == ("new" if point == "after_swap" else "none")


def test_killed_at_random_instants_the_release_is_whole(
    published: Settings, publisher: Publisher, record_property: Callable[[str, object], None]
) -> None:
    wanted = KILLS - len(POINTS) - len(FIRST_POINTS)
    chance = random.Random(SEED)
    durations: list[float] = []
    for index in range(3):
        mutate(published, f"measured {index}")
        started = time.monotonic()
        publisher.start()
        assert publisher.end() == 0, publisher.said()
        durations.append(time.monotonic() - started)
    span = statistics.median(durations)
    old = whole(published)["content_digest"]
    found: list[str] = []
    new = old
    tries = 0
    while len(found) < wanted:
        tries += 1
        assert tries < 3 * wanted, "publishing ends before it is killed, again and again"
        new = mutate(published, f"random {tries}")
        if publisher.killed_after(chance.uniform(0, span)):
            left = _left(published, old, new)
            found.append("new" if left == new else "old")
            # Dirt of some kills comes together before it is cleared away.
            if len(found) % KILLS_BETWEEN == 0:
                _finishes_unaided(published, new)
                left = new
            old = left
        else:
            # The machine is quieter than when the span was measured.
            span *= 0.9
            old = new
    _finishes_unaided(published, new)
    whole(published)
    record_property("seed", SEED)
    record_property("span", round(span, 3))
    record_property("tries", tries)
    record_property("current_was", {name: found.count(name) for name in ("old", "new")})
    assert len(found) + len(POINTS) + len(FIRST_POINTS) >= KILLS
    assert "old" in found
