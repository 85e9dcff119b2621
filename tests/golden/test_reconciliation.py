"""Reconciled trade of 2024 against BACI's own values of the same lines: the yardstick of issue 6.

The bounds are the issue's. What does not reach them is said so, strictly: a figure that comes to reach its
bound fails here until the mark is taken away.
"""

import random
from pathlib import Path

import polars as pl
import pytest

from benchmarks.reconciliation import plain_mean, reconciled, yardsticks
from benchmarks.yardstick import HELD_OUT, HELD_OUT_SEED, SIDES, Score, reference, score

pytestmark = [pytest.mark.shared, pytest.mark.slow]
SHARE_ERROR = 0.006
HHI_CORRELATION = 0.998
LEVEL = 0.03
Scores = dict[tuple[str, str, str], Score]


@pytest.fixture(scope="module")
def flows(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> pl.DataFrame:
    declarations, _ = yardsticks(shared_data / "un_comtrade")[2024]
    return reconciled(declarations, tmp_path_factory.mktemp("reconciled"))


@pytest.fixture(scope="module")
def scores(flows: pl.DataFrame, shared_data: Path) -> Scores:
    """By (ours or plain mean, lines, side)."""
    truth = reference(yardsticks(shared_data / "un_comtrade")[2024][1])
    lines = sorted(set(truth["hs6"]) & set(flows["hs6"]))
    held: list[str] = [*HELD_OUT]
    return {
        (name, group, side): score(judged, truth, chosen, side)
        for name, judged in (("ours", flows), ("plain mean", plain_mean(flows)))
        for group, chosen in (("all", lines), ("held out", held))
        for side in SIDES
    }


def test_the_lines_held_out_are_those_drawn(scores: Scores, shared_data: Path) -> None:
    truth = reference(yardsticks(shared_data / "un_comtrade")[2024][1])
    lines = sorted(set(truth["hs6"]))
    assert len(lines) == 30
    assert sorted(random.Random(HELD_OUT_SEED).sample(lines, 10)) == list(HELD_OUT)
    assert scores["ours", "held out", "exporter"].lines == 10


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("group", ["all", "held out"])
def test_shares_and_concentration_are_as_near_as_asked(
    scores: Scores, group: str, side: str
) -> None:
    ours, mean = scores["ours", group, side], scores["plain mean", group, side]
    assert ours.share_error <= SHARE_ERROR
    assert ours.hhi_correlation >= HHI_CORRELATION
    assert ours.share_error < mean.share_error
    assert ours.hhi_correlation > mean.hhi_correlation


def test_the_level_is_as_near_as_asked(scores: Scores) -> None:
    assert abs(scores["ours", "all", "exporter"].level - 1) <= LEVEL


@pytest.mark.xfail(
    reason="0.968 on the lines held out: freight is taken off where BACI leaves it in"
)
def test_the_level_of_the_lines_held_out_is_as_near_as_asked(scores: Scores) -> None:
    assert abs(scores["ours", "held out", "exporter"].level - 1) <= LEVEL


@pytest.mark.xfail(
    reason="27 of 30, as the plain mean: BACI's own choice of one side is not in one year's data"
)
def test_the_largest_exporter_is_the_right_one(scores: Scores) -> None:
    assert scores["ours", "all", "exporter"].leaders_right >= 29


@pytest.mark.xfail(
    reason="25 of 30, the plain mean 26: importers of nearly the same size change places"
)
def test_the_largest_importer_is_the_right_one(scores: Scores) -> None:
    assert scores["ours", "all", "importer"].leaders_right >= 28


def test_no_flow_lies_outside_what_was_declared(flows: pl.DataFrame) -> None:
    """Between the two declarations, the importer's less its freight; a one-sided flow as declared."""
    importer = pl.col("importer_value_usd") / (1 + pl.col("cif_rate").fill_null(0))
    both = flows.filter(pl.col("source_side") == "both").with_columns(importer=importer)
    low = pl.min_horizontal("exporter_value_usd", "importer") - 0.01
    high = pl.max_horizontal("exporter_value_usd", "importer") + 0.01
    assert both.filter(~pl.col("value_usd").is_between(low, high)).is_empty()
    one = flows.filter(pl.col("source_side") != "both").with_columns(
        declared=pl.coalesce("exporter_value_usd", "importer_value_usd")
    )
    assert one.filter((pl.col("value_usd") - pl.col("declared")).abs() > 0.01).is_empty()
    assert both.filter(~pl.col("cif_rate").is_between(0, 0.2)).is_empty()
    # Freight on coal is a large part of its value.
    assert both.filter(pl.col("hs6") == "270112", pl.col("cif_rate") < 0.1).is_empty()
