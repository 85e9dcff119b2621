{{ config(meta={'dagster': {'ref': {'name': 'mart_dependency_view'}}}) }}
{#-
    Each view tells where all of it comes from: shares of the origins and what is unresolved make one. The
    unresolved part is counted from its own parts, not as what is missing to one. An origin with tonnes for too few of
    its dollars has no declared share: those of the others may make less than one.
-#}
with

answered as (

    select * from {{ ref('mart_dependency_view') }}
    where null_reason is null

),

added as (

    select
        importer_id,
        mineral_id,
        stage,
        hs6,
        reference_year,
        measure,
        denominator,
        sum(declared_origin_share) as declared_shares,
        bool_or(
            coalesce(quality_flags like '%origin_tonnage_partly_published%', false)
        ) as is_partly_weighed,
        sum(refiner_origin_share) + max(refiner_unresolved_share) as refiner_shares,
        sum(mine_origin_share) + max(mine_unresolved_share) as mine_shares
    from answered
    group by importer_id, mineral_id, stage, hs6, reference_year, measure, denominator

)

select *
from added
where
    declared_shares > 1.000001
    or (declared_shares < 0.999999 and not is_partly_weighed)
    or abs(refiner_shares - 1) > 0.000001
    or abs(mine_shares - 1) > 0.000001
