{#-
    Where trade of the latest year refuses, whoever else says from whom a party buys a mineral that a sector
    needs: China's and the largest origin's share of the best import evidence. By name, and in no mean.
-#}
with

minerals as (

    select distinct mineral_id from {{ ref('stg_reference__end_uses') }}

),

latest as (

    select max(reference_year) as reference_year
    from {{ ref('int_trade__series_by_year') }}
    where is_current_series

),

importers as (

    select distinct party_id as importer_id
    from {{ ref('bridge_bloc_member') }}
    where bloc_id = 'MEETING_2026_01_12'
    union
    select distinct bloc_id as importer_id
    from {{ ref('bridge_bloc_member') }}
    where bloc_id in ('EU27', 'G7', 'MEETING_2026_01_12')

),

known as (

    select
        evidence.mineral_id,
        evidence.stage,
        evidence.importer_id,
        evidence.importer_kind,
        evidence.goods,
        evidence.source_id,
        evidence.edition,
        evidence.series_id,
        evidence.reference_year,
        max(case when evidence.origin_id in ('CHN', 'CHN_HKG') then evidence.share end)
            as china_share,
        max(case when evidence.origin_rank = 1 then evidence.origin_id end) as leader_id,
        max(case when evidence.origin_rank = 1 then evidence.share end) as leader_share,
        max(evidence.quality_flags) as quality_flags,
        max(evidence.null_reason) as null_reason
    from {{ ref('mart_import_evidence') }} as evidence
    inner join latest on evidence.reference_year = latest.reference_year
    inner join importers on evidence.importer_id = importers.importer_id
    inner join minerals on evidence.mineral_id = minerals.mineral_id
    where
        evidence.is_best_evidence
        and evidence.evidence_kind <> 'current_series'
        and evidence.stage in ('mine', 'refined')
    group by
        evidence.mineral_id, evidence.stage, evidence.importer_id, evidence.importer_kind,
        evidence.goods, evidence.source_id, evidence.edition, evidence.series_id,
        evidence.reference_year

)

select
    mineral_id,
    stage,
    importer_id,
    importer_kind,
    'import_evidence' as measure,
    mineral_id as figure_mineral_id,
    source_id,
    edition,
    goods as form,
    cast(null as varchar) as basis,
    reference_year,
    series_id,
    false as is_headline_source,
    china_share,
    leader_id,
    leader_share,
    cast(null as double) as coverage_share,
    cast(null as double) as import_value_usd,
    quality_flags,
    case when leader_share is null then null_reason end as null_reason,
    case when china_share is null then 'china_not_named' end as china_null_reason
from known
