"""A country printed in two rows is one figure, as far as both are known."""

import polars as pl
import pytest

from sources.reading.catalog import load_source
from sources.reading.parts import REASON, with_parts_added

SOURCE = load_source("usgs_outlook")
WELLS = "United States (extracted from natural gas)"
STORE = "United States (from Cliffside Field)"
# Text, status, tonnes, lower, upper.
SIX = ("6", "numeric", 6.0, None, None)
TWO = ("2", "numeric", 2.0, None, None)
# Of MCS 2023, in tonnes: as bare floats their sum is 12859.199999999999.
OF_WELLS = ("69", "numeric", 11674.8, None, None)
OF_STORE = ("7", "numeric", 1184.4, None, None)
NONE = ("0", "zero", 0.0, None, None)
LITTLE = ("<1", "bounded", None, 0.0, 1.0)
WITHHELD = ("W", "withheld", None, None, None)


def _frame(**rows: tuple) -> pl.DataFrame:
    names = {"wells": WELLS, "store": STORE, "qatar": "Qatar"}
    return pl.DataFrame(
        [(2024, names[name], *row, name == "store") for name, row in rows.items()],
        schema={
            "reference_year": pl.Int32,
            "published_country": pl.String,
            "published_value": pl.String,
            "value_status": pl.String,
            "quantity_tonnes": pl.Float64,
            "quantity_tonnes_lower": pl.Float64,
            "quantity_tonnes_upper": pl.Float64,
            "is_estimated": pl.Boolean,
        },
        orient="row",
    )


@pytest.mark.parametrize(
    ("wells", "store", "figure"),
    [
        (SIX, TWO, ("6 + 2", "numeric", 8.0, None, None)),
        (OF_WELLS, OF_STORE, ("69 + 7", "numeric", 12859.2, None, None)),
        (SIX, NONE, ("6 + 0", "numeric", 6.0, None, None)),
        (SIX, LITTLE, ("6 + <1", "bounded", None, 6.0, 7.0)),
        (LITTLE, TWO, ("<1 + 2", "bounded", None, 2.0, 3.0)),
        (SIX, WITHHELD, ("6 + W", "withheld", None, None, None)),
        (WITHHELD, TWO, ("W + 2", "withheld", None, None, None)),
    ],
    ids=[
        "known",
        "to_the_gram",
        "with_zero",
        "with_bound",
        "of_bound",
        "with_withheld",
        "of_withheld",
    ],
)
def test_the_sum_is_as_known_as_its_parts(wells: tuple, store: tuple, figure: tuple) -> None:
    frame = _frame(qatar=TWO, wells=wells, store=store)
    whole, parts = with_parts_added(frame, SOURCE, ["reference_year"])
    assert whole.columns == frame.columns
    assert set(whole.rows()) == {
        (2024, "Qatar", *TWO, False),
        (2024, "United States", *figure, True),
    }
    assert parts.select("published_country", "not_used_reason").rows() == [(STORE, REASON)]
