"""Every source is credited in NOTICE.md, has a page of its own, and is embedded only if it may be."""

import re

import pytest
from house import ROOT, shown

from sources.catalog import Source, all_sources


def test_snapshots_are_allowed() -> None:
    found = [
        shown(source.snapshot)
        for source in all_sources()
        if not source.redistributable and source.snapshot.exists()
    ]
    assert not found, f"the licence forbids redistribution: {found}"


def _notice_rows() -> dict[str, str]:
    rows: dict[str, str] = {}
    for line in (ROOT / "NOTICE.md").read_text(encoding="utf-8").splitlines():
        if found := re.match(r"\|\s*`(\w+)`\s*\|", line):
            rows[found.group(1)] = line
    return rows


@pytest.mark.parametrize("source", all_sources(), ids=lambda source: source.source_id)
def test_notice_credits_the_source(source: Source) -> None:
    row = _notice_rows().get(source.source_id)
    assert row, f"NOTICE.md lacks a row for `{source.source_id}`"
    wanted = {
        "credit line": source.credit_line,
        "licence page": source.licence.url,
        "publisher": source.publisher,
    }
    missing = [f"{what}: {text}" for what, text in wanted.items() if text not in row]
    assert not missing, f"NOTICE.md, `{source.source_id}`: {missing}"


@pytest.mark.parametrize("source", all_sources(), ids=lambda source: source.source_id)
def test_source_has_its_page(source: Source) -> None:
    assert (source.folder / "README.md").is_file(), (
        f"sources/{source.source_id}/README.md: what the figures mean, what they leave out, traps, "
        "click-path to the next edition"
    )
