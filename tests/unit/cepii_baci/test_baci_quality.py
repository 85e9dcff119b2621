"""The source's own checks: answered with yes on the snapshot, with no on a changed table."""

from collections.abc import Callable

import polars as pl
import pytest

from sources.cepii_baci.checks import (
    CHECKS,
    expected_lines,
    expected_lines_are_there,
    line_totals_are_kept,
    rows_add_up,
)
from sources.reading.checks import Outcome

Tables = dict[str, pl.DataFrame]


def test_every_question_is_answered_with_yes(embedded: Tables) -> None:
    for check in CHECKS:
        outcome = check.run(embedded)
        assert outcome.passed, (check.name, outcome.offenders)
        assert outcome.severity == "stop"


def _one_more(column: str) -> Callable[[pl.DataFrame], pl.DataFrame]:
    first = pl.int_range(pl.len()) == 0
    return lambda frame: frame.with_columns(
        pl.when(first).then(pl.col(column) + 1).otherwise(column).cast(frame.schema[column])
    )


@pytest.mark.parametrize(
    ("ask", "table", "change"),
    [
        (rows_add_up, "file_account", _one_more("rows_in")),
        (rows_add_up, "file_account", _one_more("rows_kept")),
        (rows_add_up, "file_account", lambda frame: frame[1:]),
        (rows_add_up, "line_account", lambda frame: frame[1:]),
        (rows_add_up, "line_account", _one_more("rows")),
        (line_totals_are_kept, "trade", _one_more("value_usd")),
        (line_totals_are_kept, "trade", lambda frame: frame[1:]),
        (line_totals_are_kept, "trade", lambda frame: frame.filter(pl.col("hs6") != "283691")),
        (line_totals_are_kept, "line_account", lambda frame: frame.filter(~pl.col("is_used"))),
        (
            expected_lines_are_there,
            "trade",
            lambda frame: frame.filter(
                ~((pl.col("hs6") == "260600") & (pl.col("reference_year") == 1996))
            ),
        ),
    ],
)
def test_a_changed_table_stops(
    embedded: Tables,
    ask: Callable[[Tables], Outcome],
    table: str,
    change: Callable[[pl.DataFrame], pl.DataFrame],
) -> None:
    outcome = ask({**embedded, table: change(embedded[table])})
    assert not outcome.passed
    assert outcome.severity == "stop"
    assert outcome.offenders


def test_value_moved_between_two_flows_of_a_line_keeps_its_total(embedded: Tables) -> None:
    """The check is about totals: what it does not see is said here."""
    first = pl.int_range(pl.len())
    moved = embedded["trade"].with_columns(
        pl.col("value_usd") + (first == 0).cast(pl.Int64) - (first == 1).cast(pl.Int64)
    )
    assert line_totals_are_kept({**embedded, "trade": moved}).passed


def test_what_is_expected_is_our_list() -> None:
    expected = expected_lines()
    # 44 lines for thirty years, one of them to 2016 only; 29 of which 16 are read from HS 2017 first.
    assert expected.filter(series_id="hs92").height == 43 * 30 + 22
    assert expected.filter(series_id="hs17_2024")["reference_year"].unique().to_list() == [2024]
