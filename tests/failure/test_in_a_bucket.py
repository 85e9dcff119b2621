"""A refresh copies its release to where it is to be published too.

That its lake may lie in a bucket, and the release be served from there: `tests/integration/test_live_daemon.py`.
"""

import json
from pathlib import Path

import pytest

from dagster_project.operations.watch import problems
from dagster_project.publishing.export import served
from dagster_project.publishing.releases import current_release
from dagster_project.settings import load_settings
from tests.copied_repository import refresh_copy
from tests.failure._helpers import copied
from tests.s3_server import reaching

pytestmark = pytest.mark.slow


def test_a_refresh_with_nothing_to_do_copies_what_is_not_served(few: Path, tmp_path: Path) -> None:
    """As after a refresh whose copy failed."""
    settings = copied(few, tmp_path / "data")
    place = tmp_path / "public"
    refresh_copy(few.parent / "repo", settings.data, CHOKEPOINT_PUBLISH_TO=str(place))
    latest = served(str(place))
    assert latest is not None
    assert latest["content_digest"] == (current_release(settings.published) or {})["content_digest"]
    pointer = place / "latest" / "release.json"
    pointer.write_text(json.dumps({**latest, "release": "2020.1.1"}), encoding="utf-8")
    with reaching({}, CHOKEPOINT_DATA=str(settings.data), CHOKEPOINT_PUBLISH_TO=str(place)):
        (told,) = problems(load_settings(), is_automated=False)
        assert f"{place} serves 2020.1.1, and {latest['release']} is current" in told
