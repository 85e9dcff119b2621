"""Releases: the last five stay, an analyst's open one survives its removal, equal content makes none."""

from pathlib import Path

import duckdb
import pytest

from dagster_project.publishing.release import KEPT_RELEASES
from dagster_project.publishing.release_files import DATABASE
from dagster_project.publishing.releases import current_release, releases
from tests.failure._helpers import (
    copied,
    leftover_names,
    mutate,
    publish,
    whole,
    with_other_build_id,
)

pytestmark = pytest.mark.slow


def test_seven_publishes_leave_the_last_five(
    small: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    settings = copied(small, tmp_path_factory.mktemp("seven") / "data")
    first = whole(settings)["release"]
    path = settings.published / first / DATABASE
    with duckdb.connect(str(path), read_only=True) as analyst:
        query = "select * from marts.fct_production order by all"
        expected = analyst.execute(query).fetchall()
        open_result = analyst.execute(query)
        got = open_result.fetchmany(10)
        made: list[str] = []
        for turn in range(7):
            mutate(settings, f"turn {turn}")
            result = publish(settings)
            assert result.is_new
            assert whole(settings)["release"] == result.release
            made.append(result.release)
        assert not path.exists(), "the analyst's release should be gone by now"
        # It is gone from the folder, not from under the open connection.
        got += open_result.fetchall()
        assert got == expected
        assert analyst.execute(query).fetchall() == expected
    kept = [folder.name for folder in releases(settings.published)]
    assert kept == made[-KEPT_RELEASES:]
    assert len(kept) == 5
    assert leftover_names(settings) == []


def test_equal_content_makes_no_release(
    small: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    settings = copied(small, tmp_path_factory.mktemp("equal") / "data")
    first = current_release(settings.published)
    assert first is not None
    with_other_build_id(settings, "another")
    again = publish(settings)
    assert (again.build_id, again.is_new) == ("another", False)
    assert again.release == first["release"]
    assert current_release(settings.published) == first
    assert [folder.name for folder in releases(settings.published)] == [first["release"]]
