"""After three kills, each at another stage, one refresh publishes: whole, new, and beside the old release.

What is asked between the kills stands in `_kills.py`; what the release says as of that day is asked in
`tests/golden/test_as_of.py`.
"""

from pathlib import Path

import pytest

from dagster_project.publishing.releases import releases
from tests.failure._helpers import build_of, leftover_names, settings_of, whole

pytestmark = pytest.mark.slow


def test_killed_at_each_stage_and_published_under_an_open_query(few: Path, earlier: Path) -> None:
    before, settings = settings_of(few), settings_of(earlier)
    old, new = whole(before), whole(settings)
    assert new["content_digest"] != old["content_digest"]
    assert new["release"] != old["release"]
    assert new["build_id"] == build_of(settings)
    assert leftover_names(settings) == []
    kept = [folder.name for folder in releases(before.published)]
    assert [folder.name for folder in releases(settings.published)] == [*kept, new["release"]]
