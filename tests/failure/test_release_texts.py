"""A release says more than its tables: a corrected example or macro is published too."""

from pathlib import Path

import pytest

from dagster_project.publishing import release
from dagster_project.publishing.release_files import texts_of_release
from tests.failure._helpers import copied, publish, whole

pytestmark = pytest.mark.slow


def test_another_text_is_another_release(
    small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = copied(small, tmp_path / "data")
    before = whole(settings)
    assert not publish(settings).is_new
    example = tmp_path / "first_views.csv"
    example.write_text("corrected", "utf-8")
    texts = [path for path in texts_of_release() if path.name != example.name]
    monkeypatch.setattr(release, "texts_of_release", lambda: [*texts, example])
    made = publish(settings)
    assert made.is_new
    assert made.content_digest == before["content_digest"]
    assert not publish(settings).is_new


def test_macros_first_views_and_old_names_are_texts_of_a_release() -> None:
    names = {path.name for path in texts_of_release()}
    assert {"first_views.csv", "renames.csv", "disruption.sql"} <= names
