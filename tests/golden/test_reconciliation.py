"""Reconciled trade of 2024 against BACI's own values and tonnes of the same lines: the benchmark of issue 6.

The bounds are the issue's, for dollars; tonnes are held to the same. What does not reach them is said so, strictly:
a figure that comes to reach its bound fails here until the mark is taken away.
"""

import random
import shutil
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from benchmarks import calibration
from benchmarks.reconciliation import PAIRED, RECONCILED, built, plain_mean, years_with_reference
from benchmarks.reconciliation_score import (
    HELD_OUT,
    HELD_OUT_SEED,
    SIDES,
    Score,
    reference,
    reference_of_tonnes,
    score,
)

pytestmark = [pytest.mark.shared, pytest.mark.slow]
SHARE_ERROR = 0.006
HHI_CORRELATION = 0.998
LEVEL = 0.03
DOLLARS, TONNES = "value_usd", "quantity_tonnes_gross"
Scores = dict[tuple[str, str, str, str], Score]


@pytest.fixture(scope="module")
def models(
    shared_data: Path, parsed: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[pl.DataFrame, pl.DataFrame]:
    declarations, _ = years_with_reference(shared_data / "un_comtrade")[2024]
    data = tmp_path_factory.mktemp("declared")
    shutil.copytree(parsed / "dbt", data / "dbt")
    paired, flows = built(declarations, data, PAIRED, RECONCILED)
    return paired, flows


@pytest.fixture(scope="module")
def paired(models: tuple[pl.DataFrame, pl.DataFrame]) -> pl.DataFrame:
    return models[0]


@pytest.fixture(scope="module")
def flows(models: tuple[pl.DataFrame, pl.DataFrame]) -> pl.DataFrame:
    return models[1]


@pytest.fixture(scope="module")
def scores(flows: pl.DataFrame, shared_data: Path) -> Scores:
    """By (dollars or tonnes, ours or plain mean, lines, side)."""
    truths = {
        DOLLARS: reference(years_with_reference(shared_data / "un_comtrade")[2024][1]),
        TONNES: reference_of_tonnes(2024),
    }
    return {
        (column, name, group, side): score(judged, truth, chosen, side, column)
        for column, truth in truths.items()
        for lines in [sorted(set(truth["hs6"]) & set(flows["hs6"]))]
        for name, judged in (("ours", flows), ("plain mean", plain_mean(flows)))
        for group, chosen in (
            ("all", lines),
            ("held out", [line for line in lines if line in HELD_OUT]),
        )
        for side in SIDES
    }


def test_the_lines_held_out_are_those_drawn(scores: Scores, shared_data: Path) -> None:
    truth = reference(years_with_reference(shared_data / "un_comtrade")[2024][1])
    lines = sorted(set(truth["hs6"]))
    assert len(lines) == 30
    assert sorted(random.Random(HELD_OUT_SEED).sample(lines, 10)) == list(HELD_OUT)
    assert scores[DOLLARS, "ours", "held out", "exporter"].lines == 10


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("group", ["all", "held out"])
@pytest.mark.parametrize("column", [DOLLARS, TONNES])
def test_shares_are_as_near_as_asked(scores: Scores, column: str, group: str, side: str) -> None:
    ours, mean = (scores[column, name, group, side] for name in ("ours", "plain mean"))
    assert ours.share_error <= SHARE_ERROR
    assert ours.share_error < 0.65 * mean.share_error
    assert abs(ours.level - 1) <= LEVEL


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("group", ["all", "held out"])
def test_concentration_is_as_near_as_asked(scores: Scores, group: str, side: str) -> None:
    assert scores[DOLLARS, "ours", group, side].hhi_correlation >= HHI_CORRELATION


@pytest.mark.xfail(
    reason="28 of 30: of palladium and tantalum BACI takes one side whole, by what a year does not show"
)
def test_the_largest_exporter_is_the_right_one(scores: Scores) -> None:
    assert scores[DOLLARS, "ours", "all", "exporter"].leaders_right >= 29


def test_the_largest_importer_is_the_right_one(scores: Scores) -> None:
    assert scores[DOLLARS, "ours", "all", "importer"].leaders_right >= 28
    assert scores[DOLLARS, "ours", "held out", "importer"].leaders_right >= 9


def test_no_flow_lies_outside_what_was_declared(flows: pl.DataFrame) -> None:
    """Dollars and tonnes between the two declarations; a one-sided flow as declared."""
    both = flows.filter(pl.col("source_side") == "both")
    for column, sides in {
        DOLLARS: ("exporter_value_usd", "importer_value_usd"),
        TONNES: ("exporter_quantity_tonnes", "importer_quantity_tonnes"),
    }.items():
        low, high = pl.min_horizontal(*sides) - 0.01, pl.max_horizontal(*sides) + 0.01
        assert both.filter(~pl.col(column).is_between(low, high)).is_empty()
        alone = flows.filter(pl.col("source_side") != "both")
        assert alone.filter((pl.col(column) - pl.coalesce(*sides)).abs() > 0.01).is_empty()
    assert both.filter(~pl.col("cif_rate").is_between(0, 0.2)).is_empty()
    # Freight on coal is a large part of its value, but where it was never in it.
    coal = both.filter(pl.col("hs6") == "270112", pl.col("cif_rate") < 0.1)
    assert set(coal["importer_iso3"]) == {"CAN", "ZAF"}
    assert set(coal["cif_rate"]) == {0}


def test_the_errors_in_the_repo_are_those_of_the_files(paired: pl.DataFrame) -> None:
    told = calibration.errors(paired, reference_of_tonnes(2024))
    assert_frame_equal(told, pl.read_csv(calibration.SEED), check_dtypes=False)


def test_the_errors_do_not_look_at_the_lines_held_out(paired: pl.DataFrame) -> None:
    truth = reference_of_tonnes(2024)
    spoilt = truth.with_columns(
        pl.when(pl.col("hs6").is_in(HELD_OUT)).then(1).otherwise(pl.col(column)).alias(column)
        for column in (DOLLARS, TONNES)
    )
    assert_frame_equal(calibration.errors(paired, spoilt), calibration.errors(paired, truth))


def test_most_of_what_baci_made_of_two_values_is_their_weighted_mean(
    paired: pl.DataFrame, flows: pl.DataFrame
) -> None:
    """The claim that the errors stand on, where it was not read off: on the lines held out.

    Tonnes of both sides, no side taken whole: half of ours are BACI's to a thousandth, and the plain mean's
    are not.
    """
    beside = (
        flows.filter(pl.col("hs6").is_in(HELD_OUT), pl.col("source_side") == "both")
        .join(reference_of_tonnes(2024), on=calibration.KEY, suffix="_baci")
        .filter(pl.col("quantity_tonnes_gross_baci") > 1)
    )
    off = (pl.col(TONNES) / pl.col("quantity_tonnes_gross_baci")).log().abs() < 0.001
    assert beside.select(off.mean()).item() > 0.5
    assert plain_mean(beside).select(off.mean()).item() < 0.2
