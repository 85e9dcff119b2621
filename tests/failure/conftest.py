"""The small data folder of the failure tests, made once."""

from pathlib import Path

import pytest

from tests.conftest import made_once
from tests.failure._helpers import make_small


@pytest.fixture(scope="session")
def small(few: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Data folder with a cut-down warehouse and one release of it: copy it, never change it."""
    return made_once(tmp_path_factory, "small", lambda folder: make_small(few, folder))
