"""Whom the atlas names as the largest seller, by tonnes: never one that sold less than another is known to have sold."""

import duckdb
import polars as pl
import pytest

from dagster_project.publishing.atlas.queries import OF_IMPORTER

pytestmark = pytest.mark.slow


def test_no_other_country_sold_more_tonnes_than_the_leader_by_tonnes(
    release: duckdb.DuckDBPyConnection,
) -> None:
    """Where a country with no share has more known tonnes than any that has one, the page names it, and no other.

    Slovenia's refined rare earths to Bosnia and Herzegovina in 2024: 2 of the 4 lines have tonnes, the largest of all.
    """
    asked = release.execute(OF_IMPORTER["question"]).pl()
    release.register("asked", asked)
    wrong, unweighed = release.execute(
        """
        with
        sold as (
            select asked.*, mart.origin_id, mart.quantity_share,
                if(mart.quantity_basis = 'gross', mart.quantity_tonnes_gross, mart.quantity_tonnes_contained) as tonnes
            from asked
            inner join marts.mart_import_dependency as mart
                on asked.importer_id = mart.importer_id and asked.mineral_id = mart.mineral_id
                and asked.stage = mart.stage and asked.reference_year = mart.reference_year
                and asked.series_level = mart.series_level and asked.hs6 is not distinct from mart.hs6
            where mart.is_current_series and mart.origin_kind = 'country' and mart.null_reason is null
        ),
        most as (
            select distinct on (importer_id, series_level, hs6, mineral_id, stage, reference_year) *
            from sold
            where tonnes > 0
            order by importer_id, series_level, hs6, mineral_id, stage, reference_year, tonnes desc, quantity_share desc nulls last, origin_id
        ),
        told as (
            select distinct importer_id, series_level, hs6, mineral_id, stage, reference_year
            from sold
            where quantity_share is not null
        )
        select
            count(*) filter (
                if(quantity_share is null, origin_id, null) is distinct from unweighed_leader_id
            ),
            count(unweighed_leader_id)
        from most
        semi join told
            on most.importer_id = told.importer_id and most.series_level = told.series_level
            and most.hs6 is not distinct from told.hs6 and most.mineral_id = told.mineral_id
            and most.stage = told.stage and most.reference_year = told.reference_year
        """
    ).fetchall()[0]
    release.unregister("asked")
    assert wrong == 0
    named = asked.filter(pl.col("unweighed_leader_id").is_not_null())
    assert len(named) == unweighed
    assert ("BIH", "rare_earths", "refined", 2024, "SVN") in named.select(
        "importer_id", "mineral_id", "stage", "reference_year", "unweighed_leader_id"
    ).rows()
