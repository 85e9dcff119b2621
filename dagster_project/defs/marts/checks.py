"""Checks of the marts that show a picture, or look at every table. Figures and verdicts of bands and leaders are dbt's."""

from typing import Any

import dagster as dg
import duckdb

from dagster_project.defs.dbt.charts import BandRow, band_picture
from dagster_project.operations.check_reports import check_result
from dagster_project.publishing.warehouse import node_builds, reading, rows
from dagster_project.resources import Workspace
from dagster_project.settings import DBT_PROJECT
from sources.reading.checks import Outcome

SHARES = dg.AssetKey(["marts", "mart_production_share"])
BANDS = dg.AssetKey(["intermediate", "int_production__band_results"])
ROWS_IN_PICTURE = 30
MOST_NAMED = 5
BAND_NODE = "model.chokepoint.int_production__band_results"
MET = """
    select
        band_id, mineral_id, stage, form, country_iso3, source_id, edition, reference_year,
        production_share, expected_low, expected_high, plausible_low, plausible_high,
        distance_from_expected, verdict, band_kind, reason
    from intermediate.int_production__band_results
    order by
        abs(coalesce(distance_from_expected, 1)) desc, margin_in_expected, band_id, reference_year
"""


def _band_row(row: dict[str, Any]) -> BandRow:
    year = row["reference_year"] or "no year"
    return BandRow(
        f"{row['country_iso3']} {row['mineral_id']} {row['stage']} {year}",
        row["production_share"],
        (row["expected_low"], row["expected_high"]),
        (row["plausible_low"], row["plausible_high"]),
        row["verdict"],
    )


@dg.asset_check(
    asset=SHARES,
    additional_deps=[BANDS],
    name="refining_share_within_band",
    blocking=True,
    description=(
        "Each production share that has a band lies in it: outside the plausible band stops, outside "
        "the expected band, or without a figure, warns. Bands: dbt/seeds/production_share_band.csv."
    ),
)
def refining_share_within_band(workspace: Workspace) -> dg.AssetCheckResult:
    """Shows the bands met, worst first; the verdicts are computed in dbt."""
    with reading(workspace.settings) as connection:
        met = rows(connection, MET)
        build_id = node_builds(connection)[BAND_NODE][0]
    off = [row for row in met if row["verdict"] != "expected"]
    stops = any(row["verdict"] == "outside_plausible" for row in met)
    worst = float(max((abs(row["distance_from_expected"] or 0) for row in met), default=0))
    counts = {
        verdict: sum(row["verdict"] == verdict for row in met)
        for verdict in ("expected", "outside_expected", "outside_plausible", "no_figure")
    }
    shown = met[:ROWS_IN_PICTURE]
    title = f"Production shares in their bands: the {len(shown)} nearest to an edge, of {len(met)}"
    picture = band_picture([_band_row(row) for row in shown], title)
    outcome = Outcome(
        bool(met) and not off,
        "stop" if stops or not met else "warn",
        "every share inside its expected band",
        ", ".join(f"{count} {verdict}" for verdict, count in counts.items())
        if met
        else "no band at all",
        {"worst_distance_points": worst * 100, "bands_met": float(len(met))},
        off,
    )
    name = "refining_share_within_band"
    return check_result(workspace.settings, build_id, SHARES, name, outcome, bands=picture)


LEADERS = dg.AssetKey(["intermediate", "int_concentration__producer_hhi"])
CONCENTRATION = dg.AssetKey(["marts", "mart_supplier_concentration"])
LEADER_NODE = "model.chokepoint.int_concentration__producer_hhi"
COMPARED = """
    select
        source_id, edition, previous_edition, mineral_id, stage, form, reference_year,
        previous_leader_iso3, leader_country_iso3, previous_leader_share, previous_leader_share_now,
        leader_share, previous_leader_loss, leader_verdict
    from intermediate.int_concentration__producer_hhi
    where leader_verdict is not null
    order by previous_leader_loss desc
"""


@dg.asset_check(
    asset=CONCENTRATION,
    additional_deps=[LEADERS],
    name="largest_producer_is_the_known_one",
    blocking=True,
    description=(
        "The largest producer of each series is that of the edition before; ties count as unchanged. A "
        "change warns; it stops where the old leader lost more than ten points and no dated row of "
        "dbt/seeds/accepted_leader_change.csv accepts it."
    ),
)
def largest_producer_is_the_known_one(workspace: Workspace) -> dg.AssetCheckResult:
    """Shows the leaders that changed; the verdicts are computed in dbt."""
    with reading(workspace.settings) as connection:
        compared = rows(connection, COMPARED)
        build_id = node_builds(connection)[LEADER_NODE][0]
    off = [row for row in compared if row["leader_verdict"] not in ("unchanged", "accepted")]
    worst = float(max((row["previous_leader_loss"] for row in off), default=0))
    outcome = Outcome(
        not off,
        "stop" if any(row["leader_verdict"] == "changed_with_loss" for row in off) else "warn",
        "the leader of the edition before, or an accepted change",
        f"{len(off)} of {len(compared)} series have another leader",
        {"worst_loss_points": worst * 100, "series_compared": float(len(compared))},
        off,
    )
    name = "largest_producer_is_the_known_one"
    return check_result(workspace.settings, build_id, CONCENTRATION, name, outcome)


COVERAGE = dg.AssetKey(["marts", "mart_coverage"])
COVERAGE_NODE = "model.chokepoint.mart_coverage"
MARTS = [
    dg.AssetKey(["marts", path.stem])
    for path in sorted(DBT_PROJECT.glob("models/marts/*/*.sql"))
    if path.stem != "mart_coverage"
]
NUMBERS = """
    select columns.table_name, columns.column_name,
        case when seeded.model_name is null then 'false' else coalesce(seeded.evidence, 'true') end
            as evidence
    from duckdb_columns() as columns
    left join seeds.zero_evidence as seeded
        on columns.table_name = seeded.model_name and columns.column_name = seeded.column_name
    where columns.schema_name = 'marts' and columns.numeric_precision is not null
    order by columns.table_name, columns.column_index
"""


def silent_zeros(connection: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    """Columns of the release's numbers with a 0 that `zero_evidence` does not account for, one row each."""
    counts: dict[str, list[str]] = {}
    for table, column, evidence in connection.execute(NUMBERS).fetchall():
        counts.setdefault(table, []).append(
            f"count(case when mart.{column} = 0 and not coalesce({evidence}, false) then 1 end) "
            f"as {column}"
        )
    return [
        {"model_name": table, "column_name": column, "silent_zero_count": count}
        for table, selected in counts.items()
        for row in rows(connection, f"select {', '.join(selected)} from marts.{table} as mart")
        for column, count in row.items()
        if count
    ]


def _named(columns: list[dict[str, Any]]) -> str:
    named = [f"{row['model_name']}.{row['column_name']}" for row in columns[:MOST_NAMED]]
    return ", ".join(named) + (" …" if len(columns) > MOST_NAMED else "")


@dg.asset_check(
    asset=COVERAGE,
    additional_deps=MARTS,
    name="no_zero_is_silent",
    blocking=True,
    description=(
        "No table of the release holds a 0 that nobody can account for: by dbt/seeds/zero_evidence.csv a "
        "printed zero, a sum of such, a difference of equal figures, an end of a range, a count, an "
        "assumption of ours, or nothing recorded in a series that holds the rest. A column of numbers "
        "without a row there may hold no 0 at all, so that a new column can't slip by."
    ),
)
def no_zero_is_silent(workspace: Workspace) -> dg.AssetCheckResult:
    """Looks at every column of numbers; a dbt test would need a list of all tables to run after them."""
    with reading(workspace.settings) as connection:
        found = silent_zeros(connection)
        build_id = node_builds(connection)[COVERAGE_NODE][0]
    outcome = Outcome(
        not found,
        "stop",
        "every 0 has the evidence that its column needs",
        f"{len(found)} columns have zeros without evidence: {_named(found)}",
        {"silent_zeros": float(sum(row["silent_zero_count"] for row in found))},
        found,
    )
    return check_result(workspace.settings, build_id, COVERAGE, "no_zero_is_silent", outcome)
