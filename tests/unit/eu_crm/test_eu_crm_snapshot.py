"""The embedded snapshot is the study's files, read; its bytes are pinned."""

from pathlib import Path

import polars as pl
import pytest
from eu_crm_files import SOURCE

from sources.reading.input import Input
from sources.reading.published import verify_bytes

Tables = dict[str, pl.DataFrame]


@pytest.mark.shared
def test_the_real_files_are_the_pinned_ones(shared_data: Path) -> None:
    digests = verify_bytes(SOURCE, Input.FILES, shared_data)
    # sha256sum of the five files, in the order of source.yml, first sixteen digits.
    assert digests == {
        "EUCRM2023": (
            "7d06ae6b154933f5,b0c89120d99204ba,7dbcb284a429647e,6875e3b49a407b32,305935504c024eb9"
        )
    }
