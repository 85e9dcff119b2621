"""Reporters' errors read off a reconciliation whose errors are known, since it is made here.

Figures are whole dollars, as BACI's: what is read off is good to a hundredth.
"""

import itertools

import polars as pl
import pytest

from benchmarks.calibration import KEY, MEASURES, SIDES, log_weight_odds, relative_errors

ERRORS = {
    "exporter": {"AAA": 0.25, "BBB": 0.5, "CCC": 1.0, "DDD": 2.0, "EEE": 4.0},
    "importer": {"FFF": 0.2, "GGG": 0.8, "HHH": 1.0, "III": 1.25, "JJJ": 5.0},
}
LINES = 6
VALUE = MEASURES[0]


def made(*, one_sided_lines: int = 0, revised: float = 1.0) -> pl.DataFrame:
    """Two declarations and a weighted mean of every pair on every line.

    On the first lines the importer's was taken whole. CCC's declarations were `revised` times as large when
    the mean was made; it has flows of its own word alone.
    """
    rows = []
    for (i, (x, sigma)), (j, (m, tau)), line in itertools.product(
        enumerate(ERRORS["exporter"].items()),
        enumerate(ERRORS["importer"].items()),
        range(LINES),
    ):
        exporter = 1_000_000.0 * (1 + i + line)
        importer = exporter * (3.0 if (i + j + line) % 2 else 0.4) * (1 + j / 10)
        then = exporter * (revised if x == "CCC" else 1)
        weight = tau**2 / (sigma**2 + tau**2)
        value = importer if line < one_sided_lines else weight * then + (1 - weight) * importer
        rows.append((x, m, f"{line:06}", "both", exporter, importer, round(value)))
    for line in range(LINES):
        rows.append(("CCC", "ZZZ", f"{line:06}", "exporter", 1e6, None, round(1e6 * revised)))
    return pl.DataFrame(
        rows,
        schema=[*KEY, "source_side", VALUE.exporter, VALUE.importer, VALUE.baci],
        orient="row",
    )


@pytest.mark.parametrize(
    "flows",
    [made(), made(one_sided_lines=2), made(revised=0.97)],
    ids=["all are means", "a third taken whole", "revised since"],
)
def test_known_errors_are_read_off(flows: pl.DataFrame) -> None:
    found = relative_errors(log_weight_odds(flows, VALUE))
    for side in SIDES:
        of_side = dict(
            found.filter(pl.col("side") == side)
            .select("reporter_iso3", "relative_error")
            .iter_rows()
        )
        assert of_side == pytest.approx(ERRORS[side], rel=0.01)


def test_two_flows_are_no_record() -> None:
    flows = made().filter(~((pl.col("exporter_iso3") == "EEE") & (pl.col("hs6") > "000000")))
    few = flows.filter(
        ~((pl.col("exporter_iso3") == "EEE") & pl.col("importer_iso3").is_in(["FFF", "GGG", "HHH"]))
    )
    assert few.filter(pl.col("exporter_iso3") == "EEE").height == 2
    found = relative_errors(log_weight_odds(few, VALUE))
    assert "EEE" not in found["reporter_iso3"].to_list()
    assert found.height == 9
