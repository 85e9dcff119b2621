"""Who sells for dollars alone has no share of 0 by tonnes: asked of every mart that tells both."""

import duckdb
import pytest

pytestmark = pytest.mark.slow

# Mart, what a row by tonnes and its row by value have in common, which rows are which, and their shares.
IN_TWO_ROWS = [
    (
        "mart_diversification",
        "importer_id, base_id, series_level, hs6, mineral_id, stage, origin_id",
        "measure = 'tonnes'",
        "measure = 'value'",
        ["share_base", "share_now", "share_latest"],
    ),
    (
        "mart_dependency_view",
        "importer_id, series_level, hs6, mineral_id, stage, reference_year, origin_id, denominator",
        "measure <> 'value'",
        "measure = 'value'",
        ["declared_origin_share"],
    ),
    (
        "mart_sector_exposure",
        "sector, mineral_id, stage, importer_id, source_id",
        "measure = 'import_tonnes'",
        "measure = 'import_value'",
        ["china_share"],
    ),
    (
        "mart_claim_check",
        "claim_id, as_of_kind, measure, party_id, counterparty_id, mineral_id, stage, source_id, "
        "edition, base_first_year",
        "share_measure = 'tonnes'",
        "share_measure = 'value'",
        ["computed_high", "base_share"],
    ),
]
# Mart, its share by tonnes and its share by value, both in one row.
IN_ONE_ROW = [
    ("mart_import_dependency", "quantity_share", "value_share"),
    ("mart_export_share", "export_quantity_share", "export_share"),
    ("mart_export_share", "destination_quantity_share", "destination_share"),
    ("mart_coalition", "declared_origin_quantity_share", "declared_origin_value_share"),
    ("mart_import_share_disagreement", "other_quantity_share", "other_value_share"),
    ("mart_export_control_exposure", "quantity_share_before_high", "value_share_before_high"),
    ("mart_export_control_exposure", "quantity_share_latest_high", "value_share_latest_high"),
]


@pytest.mark.parametrize(("mart", "tonnes", "value"), IN_ONE_ROW)
def test_no_share_by_tonnes_is_0_beside_dollars(
    release: duckdb.DuckDBPyConnection, mart: str, tonnes: str, value: str
) -> None:
    zeros, told = release.execute(
        f"select count(*) filter (where {tonnes} = 0 and {value} > 0), "
        f"count(*) filter (where {tonnes} > 0 and {value} > 0) from marts.{mart}"
    ).fetchone() or (None, 0)
    assert zeros == 0
    assert told > 0


@pytest.mark.parametrize("case", IN_TWO_ROWS, ids=lambda case: case[0])
def test_no_row_by_tonnes_has_a_0_where_that_by_value_has_none(
    release: duckdb.DuckDBPyConnection, case: tuple[str, str, str, str, list[str]]
) -> None:
    mart, same, by_tonnes, by_value, shares = case
    beside = " and ".join(
        f"weighed.{column} is not distinct from paid.{column}" for column in same.split(", ")
    )
    for share in shares:
        zeros, pairs = release.execute(
            f"select count(*) filter (where weighed.{share} = 0 and paid.{share} > 0), count(*) "
            f"from (select * from marts.{mart} where {by_tonnes}) as weighed "
            f"join (select * from marts.{mart} where {by_value}) as paid on {beside}"
        ).fetchone() or (None, 0)
        assert zeros == 0, share
        assert pairs > 0


def test_a_loss_by_origin_asks_for_tonnes_of_what_is_bought(
    release: duckdb.DuckDBPyConnection,
) -> None:
    """Sri Lanka's silicon of 2024: a third of its value has no tonnes, and China would be 96% of the rest for 0.3% of it."""
    reasons = release.execute(
        """
        with
        bought as (
            select distinct importer_id, mineral_id, stage, reference_year
            from marts.mart_import_dependency
            where series_level = 'mineral_stage' and is_current_series and quantity_coverage_share < 0.8
        )
        select
            disruption.loss_share is null, disruption.consumption_tonnes is null, count(*),
            count(*) filter (
                disruption.importer_id = 'LKA' and disruption.mineral_id = 'silicon'
                and disruption.null_reason = 'tonnage_partly_published'
            )
        from marts.mart_disruption as disruption
        inner join bought using (importer_id, mineral_id, stage, reference_year)
        where disruption.origin_view <> 'declared_origin'
        group by all
        """
    ).fetchall()
    assert [row[:2] for row in reasons] == [(True, True)]
    assert reasons[0][2] > 50
    assert reasons[0][3] > 0


def test_the_most_dependent_importer_has_a_share_of_its_imports(
    release: duckdb.DuckDBPyConnection,
) -> None:
    """The one of import dependency, and never one that import dependency does not tell.

    Nickel's ore has a factor for each origin; import dependency weighs it as shipped.
    """
    wrong, told = release.execute(
        """
        with
        bought as (
            select importer_id, origin_id, mineral_id, stage, reference_year, share, measure
            from marts.mart_import_dependency,
                (values ('value'), (quantity_basis)) as weighed (measure),
                (select case measure when 'value' then value_share else quantity_share end as share)
            where series_level = 'mineral_stage' and is_current_series
        )
        select count(*) filter (
            bought.share is null
            or (
                abs(network.most_dependent_importer_share - bought.share) > 1e-8
                and (network.mineral_id, network.stage) <> ('nickel', 'mine')
            )
        ), count(*)
        from marts.mart_trade_network as network
        inner join bought
            on network.most_dependent_importer_id = bought.importer_id
            and network.country_iso3 = bought.origin_id and network.mineral_id = bought.mineral_id
            and network.stage = bought.stage and network.reference_year = bought.reference_year
            and (network.measure = 'value') = (bought.measure = 'value')
        """
    ).fetchall()[0]
    assert wrong == 0
    assert told > 2000
