"""Every source says whom to credit, has a page of its own, and is embedded only if it may be.

And no mapping says that a mineral of ours is none of ours.
"""

import csv
import re
from pathlib import Path

import polars as pl
import pytest
from house import ROOT, shown

from sources.reading.catalog import Source
from sources.reading.lake_schemas import MonthTrade
from sources.registry import all_sources, reader_of


def test_snapshots_are_allowed() -> None:
    found = [
        shown(source.snapshot)
        for source in all_sources()
        if not source.redistributable and source.snapshot.exists()
    ]
    assert not found, f"the licence forbids redistribution: {found}"


@pytest.mark.parametrize("source", all_sources(), ids=lambda source: source.source_id)
def test_source_says_whom_to_credit(source: Source) -> None:
    """CREDITS.md of a release is made of it, and NOTICE.md leads to it."""
    said = (source.publisher, source.credit_line, source.licence.title)
    assert all(text.strip() for text in said)
    assert source.licence.url.startswith("https://"), "the terms, on the publisher's own site"


@pytest.mark.parametrize("source", all_sources(), ids=lambda source: source.source_id)
def test_source_has_its_page(source: Source) -> None:
    assert (source.folder / "README.md").is_file(), (
        f"sources/{source.source_id}/README.md: what the figures mean, what they leave out, traps, "
        "click-path to the next edition"
    )


@pytest.mark.parametrize("source", all_sources(), ids=lambda source: source.source_id)
def test_source_says_what_its_figures_are_like(source: Source) -> None:
    """Of every table with figures of editions that are held; of months only pulls have any."""
    lake = reader_of(source.source_id).lake if source.editions else {}
    with_figures = {
        table
        for table, schema in lake.items()
        if schema is not MonthTrade
        and "edition" in schema.column_names()
        and pl.Float64 in schema.create_empty().dtypes
    }
    lacking = with_figures - {figure.table for figure in source.figures}
    assert not lacking, f"sources/{source.source_id}/source.yml, part figures: {sorted(lacking)}"


# What mappings and lists give as their reason where a label is no mineral of reference/minerals.csv.
NONE_OF_OURS = re.compile(
    r"not among the minerals of reference/|outside (reference/minerals|the warehouse)"
)
LABELLED = [
    *sorted((ROOT / "sources").glob("*/mappings/*.csv")),
    *sorted((ROOT / "sources/reference").glob("*.csv")),
]


def denied(path: Path, names: set[str]) -> list[str]:
    """Rows that give that reason although a cell of theirs is a mineral's name."""
    with path.open(encoding="utf-8", newline="") as handle:
        return [
            f"{path.name}, row {number}: {cell}"
            for number, cells in enumerate(csv.reader(handle), start=1)
            if any(map(NONE_OF_OURS.search, cells))
            for cell in cells
            if cell.lower() in names
        ]


def mineral_names() -> set[str]:
    with (ROOT / "sources/reference/minerals.csv").open(encoding="utf-8", newline="") as handle:
        rows = list(csv.DictReader(handle))
    ids = {row["mineral_id"] for row in rows}
    return (
        ids
        | {name.replace("_", " ") for name in ids}
        | {row["mineral_name"].lower() for row in rows}
    )


def test_no_row_says_that_a_mineral_of_ours_is_none() -> None:
    found = [fault for path in LABELLED for fault in denied(path, mineral_names())]
    assert not found, f"fill these rows or give the true reason (add-a-mineral.md, step 4): {found}"


def test_mineral_rule_bites(tmp_path: Path) -> None:
    path = tmp_path / "some.csv"
    path.write_text(
        "label,mineral_id,reason\n"
        "Silver,,not among the minerals of reference/minerals.csv\n"
        "Silver,,world figures only so far\n"
        "Silver (price),,metal outside reference/minerals.csv\n"
        "SILVER,,precious metal outside the warehouse\n"
    )
    assert denied(path, {"silver"}) == ["some.csv, row 2: Silver", "some.csv, row 5: SILVER"]
    assert not denied(path, {"gold"})
    assert {"silicon", "rare earths", "rare_earths"} <= mineral_names()
