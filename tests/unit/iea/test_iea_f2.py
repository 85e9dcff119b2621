"""FIGURES.md F2, worked out independently from the IEA's files, against the lake table `production`.

`golden/f2_iea.csv` is a transcription of that page; its note says what a China share of 0.0 means. A cell
that differs stands in `golden/exceptions.csv` with the publisher's row and the reason.
"""

import csv
from pathlib import Path

import polars as pl
import pytest

GOLDEN = Path(__file__).resolve().parents[2] / "golden"
MOST_EXCEPTIONS = 1
BASE_YEARS = {"GCMO2024": 2023, "GCMO2025": 2024}


def _read(name: str) -> list[dict[str, str]]:
    with (GOLDEN / name).open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


def _cells() -> list[dict[str, str]]:
    return _read("f2_iea.csv")


def _key(cell: dict[str, str]) -> tuple[str, str, str]:
    return cell["block"], cell["edition"], cell["measure"]


EXCEPTIONS = {
    (row["figure_row"], row["edition"], row["measure"]): row
    for row in _read("exceptions.csv")
    if row["page"] == "F2"
}


def _series(lake: dict[str, pl.DataFrame], cell: dict[str, str]) -> pl.DataFrame:
    keys = ["edition", "mineral_id", "stage", "form"]
    rows = lake["production"].filter(pl.all_horizontal(pl.col(key) == cell[key] for key in keys))
    assert rows["reference_year"].unique().to_list() == [BASE_YEARS[cell["edition"]]]
    return rows


def _got(rows: pl.DataFrame, measure: str) -> str | None:
    world = rows.filter(pl.col("geography_kind") == "world")["quantity_tonnes"].item()
    named = rows.filter(pl.col("geography_kind") == "country")
    shares = named.select("country_iso3", percent=pl.col("quantity_tonnes") / world * 100)
    match measure:
        case "china_share_percent":
            china = shares.filter(pl.col("country_iso3") == "CHN")["percent"]
            return f"{china.item():.1f}" if len(china) else None
        case "top3_percent":
            return f"{shares['percent'].top_k(3).sum():.1f}"
        case "hhi_points":
            return f"{(shares['percent'] ** 2).sum():.0f}"
        case "world_kt":
            return f"{world / 1000:.0f}"
    raise AssertionError(measure)


def test_the_page_is_transcribed_whole() -> None:
    cells = _cells()
    assert len(cells) == 12 * 7
    assert len({cell["block"] for cell in cells}) == 12


@pytest.mark.parametrize("edition", ["GCMO2024", "GCMO2025"])
def test_f2_is_reproduced_to_the_printed_digit(
    iea_lake: dict[str, pl.DataFrame], edition: str
) -> None:
    wrong = []
    for cell in (cell for cell in _cells() if cell["edition"] == edition):
        got = _got(_series(iea_lake, cell), cell["measure"])
        expected: str | None = cell["expected"]
        if _key(cell) in EXCEPTIONS:
            expected = EXCEPTIONS[_key(cell)]["got"]
        elif cell["measure"] == "china_share_percent" and expected == "0.0":
            # "0.0" on the page is China not listed: see the test below.
            expected = None
        if got != expected:
            wrong.append(f"{cell['block']}, {cell['measure']}: expected {expected}, got {got}")
    assert not wrong, "\n".join(wrong)


def test_exceptions_are_few_and_each_quotes_the_publisher() -> None:
    cells = {_key(cell): cell for cell in _cells()}
    assert len(EXCEPTIONS) <= MOST_EXCEPTIONS
    for key, row in EXCEPTIONS.items():
        assert row["expected"] == cells[key]["expected"] != row["got"], key
        assert row["publisher_row"], key
        assert row["reason"], key


def test_china_not_listed_is_no_row_and_no_zero(iea_lake: dict[str, pl.DataFrame]) -> None:
    hidden = [
        cell
        for cell in _cells()
        if cell["measure"] == "china_share_percent" and cell["expected"] == "0.0"
    ]
    assert {(cell["mineral_id"], cell["stage"]) for cell in hidden} == {
        ("cobalt", "mine"),
        ("nickel", "mine"),
    }
    for cell in hidden:
        rows = _series(iea_lake, cell)
        assert rows.filter(pl.col("country_iso3") == "CHN").is_empty()
        assert rows.filter(pl.col("quantity_tonnes") == 0).is_empty()
        # China is inside the rest, which is large enough to hold it and is no country.
        rest = rows.filter(pl.col("geography_kind") == "rest")
        assert rest["country_iso3"].to_list() == [None]
        assert rest["quantity_tonnes"].item() > 0
