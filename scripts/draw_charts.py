"""Draw the charts of the README from the current release: `.venv/bin/python scripts/draw_charts.py`.

A chart shows the rows of one query of a mart and computes nothing. A test draws them again and compares.
"""

import os
from pathlib import Path
from typing import Any

import altair as alt
import duckdb
import polars as pl
import vl_convert

ROOT = Path(__file__).resolve().parents[1]
IMAGES = ROOT / "docs" / "images"
RELEASE = "published/current/critical_minerals.duckdb"
NAMES = {
    "CAN": "Canada",
    "DEU": "Germany",
    "FRA": "France",
    "GBR": "United Kingdom",
    "ITA": "Italy",
    "JPN": "Japan",
    "USA": "United States",
}
COLOURS = ["#8c6d31", "#636363", "#3182bd", "#9467bd", "#d62728", "#31a354", "#1f3b73"]
QUERY = """
    select importer_id, reference_year, value_share, quantity_share
    from marts.mart_import_dependency
    where series_level = 'mineral_stage' and mineral_id = 'rare_earths' and stage = 'refined'
        and origin_id = 'CHN' and is_current_series
        and importer_id in ('CAN', 'DEU', 'FRA', 'GBR', 'ITA', 'JPN', 'USA')
    order by importer_id, reference_year
"""


def rare_earths(release: duckdb.DuckDBPyConnection) -> str:
    """China's share of G7 members' imports of rare earths by year, by value and by tonnes, as SVG."""
    rows = release.sql(QUERY).pl().with_columns(country=pl.col("importer_id").replace(NAMES))
    panels = [
        _panel(rows, "value_share", "by value"),
        _panel(rows, "quantity_share", "by tonnes of oxide content (no tonnes before 2000)"),
    ]
    chart = (
        alt.hconcat(*panels)
        .properties(
            title=alt.TitleParams(
                "Rare earths: what China sells of what they import",
                subtitle="Metals and compounds (HS 280530, 284610, 284690), declared origin China. "
                "Data: CEPII, BACI release 202601.",
                anchor="start",
            ),
            background="white",
        )
        .configure_view(stroke=None)
        .configure_axis(grid=True, gridColor="#eeeeee", domain=False)
        .configure_legend(orient="right", title=None, symbolStrokeWidth=4)
    )
    return str(vl_convert.vegalite_to_svg(chart.to_json()))


def _panel(rows: pl.DataFrame, column: str, title: str) -> Any:
    wide = alt.condition("datum.importer_id == 'JPN'", alt.value(3.5), alt.value(1.5))
    lines = (
        alt.Chart(rows.filter(pl.col(column).is_not_null()))
        .mark_line()
        .encode(
            x=alt.X(
                "reference_year:Q",
                title=None,
                axis=alt.Axis(format="d", tickCount=6),
                scale=alt.Scale(domain=[1995, 2024], nice=False),
            ),
            y=alt.Y(
                f"{column}:Q",
                title=None,
                axis=alt.Axis(format="%"),
                scale=alt.Scale(domain=[0, 1]),
            ),
            color=alt.Color(
                "country:N", scale=alt.Scale(domain=sorted(NAMES.values()), range=COLOURS)
            ),
            strokeWidth=wide,
        )
    )
    embargo = pl.DataFrame({"reference_year": [2010], "label": ["2010: China cuts supply"]})
    rule = (
        alt.Chart(embargo)
        .mark_rule(color="#999999", strokeDash=[4, 3])
        .encode(x="reference_year:Q")
    )
    label = (
        alt.Chart(embargo)
        .mark_text(align="left", dx=4, color="#666666", fontSize=10)
        .encode(x="reference_year:Q", y=alt.value(8), text="label:N")
    )
    return alt.layer(lines, rule, label).properties(width=380, height=300, title=title)


CHARTS = {"rare_earths_from_china.svg": rare_earths}


def main() -> None:
    """Write every chart into docs/images."""
    data = Path(os.environ.get("CHOKEPOINT_DATA", ROOT / "data"))
    with duckdb.connect(str(data / RELEASE), read_only=True) as release:
        for name, draw in CHARTS.items():
            (IMAGES / name).write_text(draw(release) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
