"""Pictures in Dagster's metadata show the marts' own figures, and draw what they say."""

import base64
import re

import dagster as dg
import duckdb
import pytest

from dagster_project.defs.dbt.charts import (
    LABEL,
    SCALE,
    BandRow,
    Move,
    band_picture,
    moves_chart,
)
from dagster_project.defs.dbt.mart_charts import (
    PICTURES,
    coverage_over_editions,
    largest_revisions,
    picture_of,
)


def drawing(picture: dg.MarkdownMetadataValue | None) -> str:
    assert picture is not None
    found = re.search(r"data:image/svg\+xml;base64,([A-Za-z0-9+/=]+)\)", picture.value or "")
    assert found
    return base64.b64decode(found[1]).decode("utf-8")


@pytest.mark.slow
def test_largest_revision_is_drawn_first(release: duckdb.DuckDBPyConnection) -> None:
    mineral, country, before, after = release.execute(
        "select mineral_id, country_iso3, previous_production_share, production_share "
        "from marts.mart_edition_revision where country_iso3 is not null "
        "order by abs(production_share_change) desc nulls last limit 1"
    ).fetchall()[0]
    text = drawing(largest_revisions(release))
    assert text.count("→") == 20
    first = text.split("→")[0]
    assert f"{country} {mineral}" in first
    assert f"{before:.1%} →" in text
    assert f"→ {after:.1%}" in text


@pytest.mark.slow
def test_coverage_has_a_cell_for_each_edition(release: duckdb.DuckDBPyConnection) -> None:
    text = drawing(coverage_over_editions(release))
    for edition in ("MCS2023", "MCS2026", "GCMO2024", "GCMO2025"):
        assert f">{edition}</text>" in text
    assert "EUCRM2023" not in text, "one edition is no comparison"
    (cells,) = release.execute(
        "select count(distinct (source_id, edition, mineral_id, stage, form, basis)) "
        "from marts.mart_supplier_concentration where source_id in ('usgs_mcs', 'iea_critical_minerals')"
    ).fetchall()[0]
    assert text.count("<rect") - 1 == cells


def test_a_share_stands_at_its_place() -> None:
    text = drawing(moves_chart([Move("x", 0.25, 0.5)], "t"))
    assert f'cx="{LABEL + SCALE * 0.25:.1f}"' in text
    assert f'cx="{LABEL + SCALE * 0.5:.1f}"' in text
    row = BandRow("y", 0.75, (0.7, 0.8), (0.5, 0.9), "expected")
    assert f'cx="{LABEL + SCALE * 0.75:.1f}"' in drawing(band_picture([row], "t"))


def test_a_model_without_its_mart_has_no_picture() -> None:
    with duckdb.connect() as connection:
        assert all(picture_of(connection, model) == {} for model in (*PICTURES, "mart_other"))
