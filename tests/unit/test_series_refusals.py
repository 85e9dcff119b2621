"""Rows of the closed table of series that say too little, too much, or in words that we don't have."""

import csv
import shutil
from pathlib import Path

import pytest
from publisher_files import SOURCE, assert_error_says

from sources.reading import catalog
from sources.reading.errors import SourceError
from sources.usgs_mcs.series import read_series

REASON = "not among the minerals of reference/minerals.csv"
LITHIUM = {"edition": "MCS2026", "statistic": "production", "published_commodity": "Lithium"}


@pytest.fixture
def table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the table, which the reader now reads."""
    shutil.copytree(SOURCE.folder / "mappings", tmp_path / "usgs_mcs" / "mappings")
    monkeypatch.setattr(catalog, "SOURCES_ROOT", tmp_path)
    return tmp_path / "usgs_mcs" / "mappings" / "world_series.csv"


def _change(table: Path, **cells: str) -> int:
    """Change cells of lithium's row of 2026; returns its line."""
    with table.open(encoding="utf-8", newline="") as handle:
        lines = list(csv.DictReader(handle))
    [at] = [n for n, line in enumerate(lines) if line.items() >= LITHIUM.items()]
    lines[at] |= cells
    with table.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.DictWriter(handle, list(lines[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(lines)
    return at + 2


@pytest.mark.parametrize(
    ("cells", "fault"),
    [
        ({"not_used_reason": REASON}, "is mapped and has a not_used_reason"),
        (
            {"mineral_id": "", "not_used_reason": REASON},
            "is mapped and has a not_used_reason",
        ),
        ({"mineral_id": ""}, "has no not_used_reason and lacks mineral_id"),
        ({"form": "", "basis": ""}, "has no not_used_reason and lacks form, basis"),
        (
            {"mineral_id": "litium"},
            "mineral_id 'litium' is no row of sources/reference/minerals.csv",
        ),
        (
            {"stage": "mined"},
            "stage 'mined' is none of mine, intermediate, refined, high_purity, product, scrap",
        ),
        (
            {"basis": "oxide"},
            "basis 'oxide' is none of contained, gross, oxide_content, oxide_equivalent, "
            "calcined_equivalent, as_reported",
        ),
    ],
)
def test_a_faulty_row_is_refused_by_its_number(
    table: Path, cells: dict[str, str], fault: str
) -> None:
    number = _change(table, **cells)
    with pytest.raises(SourceError) as raised:
        read_series(SOURCE)
    assert_error_says(
        raised,
        source="usgs_mcs",
        problem="the closed table of series has faulty rows",
        where="sources/usgs_mcs/mappings/world_series.csv (heading = row 1)",
        expected="or a not_used_reason alone",
        got="1 rows that are neither",
        next_step="docs/how-to/add-a-mineral.md",
        offenders=[f"row {number} (MCS2026, production, 'Lithium', 'Mine production'): {fault}"],
    )


def test_a_row_without_mineral_and_reason_alone_is_sound(table: Path) -> None:
    _change(table, mineral_id="", stage="", form="", basis="", not_used_reason=REASON)
    assert read_series(SOURCE).height > 0
