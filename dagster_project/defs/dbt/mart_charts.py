"""Pictures of single marts for Dagster's metadata. The figures are the marts': nothing is computed here."""

from collections.abc import Callable, Mapping

import dagster as dg
import duckdb

from dagster_project.defs.dbt.charts import Move, grid_picture, moves_chart
from dagster_project.publishing.warehouse import rows

MOST_MOVES = 20
MOVED = f"""
    select
        mineral_id, stage, form, country_iso3, reference_year, previous_edition, edition,
        previous_production_share, production_share
    from marts.mart_edition_revision
    where production_share_change is not null and production_share_change <> 0 and country_iso3 is not null
    order by abs(production_share_change) desc, mineral_id, stage, form, country_iso3, reference_year, edition
    limit {MOST_MOVES}
"""
# Of each edition the newest year. Studies with one edition have nothing to compare.
COVERED = """
    select mineral_id, stage, form, basis, edition, coverage_share
    from marts.mart_supplier_concentration
    where source_id in (
        select source_id from marts.mart_supplier_concentration group by source_id
        having count(distinct edition) > 1
    )
    qualify row_number() over (
        partition by source_id, mineral_id, stage, form, basis, edition order by reference_year desc
    ) = 1
    order by source_id, edition, mineral_id, stage, form, basis
"""


def largest_revisions(connection: duckdb.DuckDBPyConnection) -> dg.MarkdownMetadataValue | None:
    """Shares that an edition moved most against the one before; None where none moved."""
    moves = [
        Move(
            f"{row['country_iso3']} {row['mineral_id']} {row['stage']} {row['reference_year']}, "
            f"{row['edition']}",
            row["previous_production_share"],
            row["production_share"],
        )
        for row in rows(connection, MOVED)
    ]
    title = f"The {len(moves)} largest revisions of a production share"
    return moves_chart(moves, title) if moves else None


def coverage_over_editions(
    connection: duckdb.DuckDBPyConnection,
) -> dg.MarkdownMetadataValue | None:
    """What part of the printed world total the named countries make, series by edition."""
    found = rows(connection, COVERED)
    bases: dict[tuple[str, str, str], set[str]] = {}
    for row in found:
        bases.setdefault((row["mineral_id"], row["stage"], row["form"]), set()).add(row["basis"])
    cells: dict[tuple[str, str], float | None] = {}
    for row in found:
        form = (row["mineral_id"], row["stage"], row["form"])
        # One form may be printed on two bases: then the name says which.
        name = " ".join((*form, row["basis"]) if len(bases[form]) > 1 else form)
        cells[name, row["edition"]] = row["coverage_share"]
    series = sorted({name for name, _ in cells})
    editions = list(dict.fromkeys(row["edition"] for row in found))
    title = "Named countries over the printed world total, newest year of each edition"
    return grid_picture(cells, series, editions, title) if cells else None


PICTURES: Mapping[
    str, tuple[str, Callable[[duckdb.DuckDBPyConnection], dg.MarkdownMetadataValue | None]]
] = {
    "mart_edition_revision": ("largest_revisions", largest_revisions),
    "mart_coverage": ("coverage_over_editions", coverage_over_editions),
}


def picture_of(
    connection: duckdb.DuckDBPyConnection, model: str
) -> dict[str, dg.MarkdownMetadataValue]:
    """Metadata entry with the picture of a model; empty where it has none, or lacks what to draw."""
    if model not in PICTURES:
        return {}
    name, draw = PICTURES[model]
    try:
        picture = draw(connection)
    except duckdb.CatalogException:
        # A build of single models may lack the mart that is drawn.
        return {}
    return {name: picture} if picture is not None else {}
