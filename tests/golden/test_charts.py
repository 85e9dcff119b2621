"""The charts of the docs are drawn from the release: drawn again, they are the committed ones."""

import duckdb
import pytest

from scripts import draw_charts


@pytest.mark.slow
@pytest.mark.parametrize("name", draw_charts.CHARTS)
def test_chart_shows_the_release(release: duckdb.DuckDBPyConnection, name: str) -> None:
    drawn = draw_charts.CHARTS[name](release) + "\n"
    committed = (draw_charts.IMAGES / name).read_text(encoding="utf-8")
    assert drawn == committed, "draw it anew: .venv/bin/python scripts/draw_charts.py"
