"""A month of trade beside the month held before it, worked out by hand."""

import polars as pl
import pytest

from sources.editions.comparison import key_of
from sources.reading.lake_schemas import MonthTrade
from sources.reading.month_checks import months_are_alike

LINES = [f"{number:06d}0000" for number in range(260200, 260216)]


def month(year: int, number: int, *, times: float = 1, pulled: str = "20260702") -> pl.DataFrame:
    """Sixteen lines of 1,000 dollars each: 600 from China, 400 from Chile."""
    return pl.DataFrame(
        [
            {
                "edition": f"M{year}{number:02d}_{pulled}",
                "reporter_iso3": "USA",
                "partner_iso3": partner,
                "flow": "import",
                "hs_code": line,
                "reference_year": year,
                "reference_month": number,
                "value": value * times,
            }
            for line in LINES
            for partner, value in (("CHN", 600.0), ("CHL", 400.0))
        ]
    )


def test_columns_are_those_of_the_table() -> None:
    assert set(month(2025, 4).columns) == {"edition", "value", *key_of(MonthTrade)}


APRIL = month(2025, 4)
CHINA = pl.col("partner_iso3") == "CHN"


@pytest.mark.parametrize(
    ("may", "severity", "said"),
    [
        (month(2025, 5, times=2), "", ""),
        # By hand: 4-fold is beyond 3; in thousands 1,000-fold.
        (month(2025, 5, times=4), "warn", "middle of the lines 4"),
        (month(2025, 5, times=0.001), "stop", "middle of the lines 1e+03"),
        # 1 of 16 lines is 0.0625, 3 are 0.1875; China is 0.6 of all, Chile 0.4.
        (month(2025, 5).filter(pl.col("hs_code") != LINES[0]), "", ""),
        (month(2025, 5).filter(~pl.col("hs_code").is_in(LINES[:3])), "warn", "lines that lack 0.188"),
        (month(2025, 5).filter(~CHINA), "stop", "partners that lack 0.6 (USA import CHN)"),
        (month(2025, 5).filter(CHINA), "warn", "partners that lack 0.4 (USA import CHL)"),
        # Another reporter's month, and one of more than a year later, have nothing beside them.
        (month(2025, 5, times=1000).with_columns(reporter_iso3=pl.lit("DEU")), "", ""),
        (month(2026, 5, times=1000), "", ""),
        (month(2026, 4, times=1000), "stop", "M202604_20260702"),
    ],
)  # fmt: skip
def test_a_month_beside_the_one_before(may: pl.DataFrame, severity: str, said: str) -> None:
    outcome = months_are_alike(pl.concat([APRIL, may]))
    assert outcome.passed == (not severity)
    assert outcome.passed or (outcome.severity == severity and said in outcome.got)


def test_the_newest_pull_of_a_month_is_judged() -> None:
    wrong, mended = month(2025, 5, times=1000), month(2025, 5, pulled="20260802")
    assert not months_are_alike(pl.concat([APRIL, wrong])).passed
    assert months_are_alike(pl.concat([APRIL, wrong, mended])).passed


def test_one_month_alone_has_nothing_beside_it() -> None:
    assert months_are_alike(APRIL).passed
    assert months_are_alike(APRIL.clear()).passed
