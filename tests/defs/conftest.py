"""The definitions and their copy of the refreshed folder, once a worker: loading them costs seconds."""

from pathlib import Path

import pytest

from tests.defs._workspace import Workspace, workspace_of


@pytest.fixture(scope="session")
def loaded(few: Path, tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """As the last test left it: `restore()` it where a test rests on its content."""
    return workspace_of(few, tmp_path_factory.mktemp("definitions") / "data")
