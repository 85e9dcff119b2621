"""A refresh with its lake in a bucket publishes what one with its lake on disk does, and copies it to the bucket."""

import json
import shutil
from pathlib import Path

import pytest

from dagster_project.cli.share import served_by
from dagster_project.operations.watch import problems
from dagster_project.publishing.export import served
from dagster_project.publishing.releases import current_release
from dagster_project.settings import load_settings
from sources.reading.bucket import BucketPath
from tests.conftest import run_command
from tests.copied_repository import REFRESH, refresh_copy
from tests.failure._helpers import copied
from tests.s3_server import SECRET, reaching, serving_bucket

pytestmark = pytest.mark.slow
LAKE, PUBLIC = "s3://minerals/lake", "s3://minerals/public"


def test_the_release_is_that_of_a_lake_on_disk_and_is_served(few: Path, tmp_path: Path) -> None:
    """A whole refresh: every table of the lake, every check and the gate read and write the bucket."""
    settings = copied(few, tmp_path / "data")
    before = current_release(settings.published)
    assert before is not None
    on_disk = {
        str(path.relative_to(settings.lake_folder)): json.loads(path.read_bytes())
        for path in settings.lake_folder.glob("*/*.json")
    }
    shutil.rmtree(settings.lake_folder)
    with (
        serving_bucket() as bucket,
        reaching(
            bucket,
            CHOKEPOINT_DATA=str(settings.data),
            CHOKEPOINT_LAKE=LAKE,
            CHOKEPOINT_PUBLISH_TO=PUBLIC,
        ),
    ):
        more = {**bucket, "CHOKEPOINT_LAKE": LAKE, "CHOKEPOINT_PUBLISH_TO": PUBLIC}
        forced = REFRESH.replace('["refresh"]', '["refresh", "--force"]')
        refresh_copy(few.parent / "repo", settings.data, forced, **more)
        # Of another content it would be a release of its own.
        after = current_release(settings.published)
        assert after == before
        there = {
            path.key.removeprefix("lake/"): json.loads(path.read_bytes())
            for path in BucketPath("minerals", "lake").glob("*/*.json")
        }
        assert there.keys() == on_disk.keys()
        for name, sidecar in there.items():
            assert sidecar["content_digest"] == on_disk[name]["content_digest"], name
        assert not settings.lake_folder.exists()
        latest = served(PUBLIC)
        assert latest is not None
        assert (latest["release"], latest["path"]) == (before["release"], f"v{before['release']}/")
        assert served_by(PUBLIC) == before["release"]
        assert problems(load_settings(), is_automated=False) == []
        shown = run_command("status", data=settings.data, timeout=480, **more)
        assert f"{PUBLIC}: {before['release']}" in shown.stdout
        assert "usgs_mcs MCS2026" in shown.stdout
    for path in settings.data.rglob("*"):
        if path.is_file() and not path.is_symlink():
            assert SECRET.encode() not in path.read_bytes(), path


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
