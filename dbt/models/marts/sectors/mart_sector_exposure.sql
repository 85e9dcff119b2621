with

end_uses as (select * from {{ ref('stg_reference__end_uses') }}),
assigned as (select * from {{ ref('use_share_sector') }}),

-- The newest edition of the study that has the mineral: the shares of two would add up to two.
editions as (

    select
        *,
        {{ edition_age(['source_id', 'mineral_id']) }} = 1 as is_current_edition
    from {{ ref('stg_eu_crm__use_shares') }}

),

use_shares as (

    select * from editions
    where is_current_edition

),

-- What part of a mineral's use in the EU goes to a sector that needs it. Applications that lie
-- whole in the sector make the weight; those that hold it among others widen it upward. Elements
-- and products that the study assesses one by one make no whole mineral: no weight.
studied_minerals as (

    select
        mineral_id,
        max(case when material_scope = 'whole' then 1 else 0 end) as has_whole,
        max(source_id) as source_id,
        max(edition) as edition
    from use_shares
    group by mineral_id

),

sector_uses as (

    select
        use_shares.mineral_id,
        assigned.sector,
        {{ exact_sum("case when assigned.extent = 'whole' then use_shares.use_share end") }}
            as use_share,
        {{ exact_sum("use_shares.use_share") }} as use_share_upper
    from use_shares
    inner join assigned
        on {{ same_key('use_shares', 'assigned', ['material_id', 'application']) }}
    where use_shares.material_scope = 'whole' and assigned.extent in ('whole', 'part')
    group by use_shares.mineral_id, assigned.sector

),

uses as (

    select
        end_uses.sector,
        end_uses.mineral_id,
        end_uses.relevance,
        end_uses.example as use_example,
        end_uses.source as use_source,
        end_uses.verified as use_verified,
        sector_uses.use_share,
        case when sector_uses.sector is not null then coalesce(sector_uses.use_share, 0) end
            as use_share_lower,
        sector_uses.use_share_upper,
        case when sector_uses.sector is not null then studied_minerals.source_id end
            as weight_source,
        case when sector_uses.sector is not null then studied_minerals.edition end
            as weight_edition,
        case
            when sector_uses.use_share is not null then null
            when studied_minerals.mineral_id is null then 'not_in_study'
            when studied_minerals.has_whole = 0 then 'only_parts_in_study'
            when sector_uses.sector is null then 'no_application_matches'
            else 'only_in_wider_applications'
        end as weight_null_reason
    from end_uses
    left join studied_minerals on end_uses.mineral_id = studied_minerals.mineral_id
    left join sector_uses
        on end_uses.mineral_id = sector_uses.mineral_id and end_uses.sector = sector_uses.sector

),

measured as (select * from {{ ref('int_sectors__exposures') }}),

-- Where trade refuses, whoever else says from whom a party buys: by name, and in no mean.
best_evidence as (

    select
        evidence.mineral_id,
        evidence.stage,
        evidence.importer_id,
        evidence.importer_kind,
        evidence.goods as form,
        evidence.source_id,
        evidence.edition,
        evidence.series_id,
        evidence.reference_year,
        max(case when evidence.origin_id in ('CHN', 'CHN_HKG') then evidence.share end)
            as china_share,
        max(case when evidence.origin_rank = 1 then evidence.origin_id end) as leader_id,
        max(case when evidence.origin_rank = 1 then evidence.share end) as leader_share,
        max(evidence.quality_flags) as quality_flags,
        case
            when max(case when evidence.origin_rank = 1 then evidence.share end) is null
                then max(evidence.null_reason)
        end as null_reason
    from {{ ref('mart_import_evidence') }} as evidence
    inner join measured
        on
            {{ same_key('evidence', 'measured', [
                'mineral_id', 'stage', 'importer_id', 'reference_year',
            ]) }}
            and measured.measure = 'import_value'
    where evidence.is_best_evidence and evidence.evidence_kind <> 'current_series'
    group by
        evidence.mineral_id, evidence.stage, evidence.importer_id, evidence.importer_kind,
        evidence.goods, evidence.source_id, evidence.edition, evidence.series_id,
        evidence.reference_year

),

exposures as (

    select * from measured
    union all by name
    select
        *,
        'import_evidence' as measure,
        mineral_id as figure_mineral_id,
        false as is_headline_source,
        case when china_share is null then 'china_not_named' end as china_null_reason
    from best_evidence

),

by_mineral as (

    select
        uses.*,
        exposures.stage,
        exposures.importer_id,
        exposures.importer_kind,
        exposures.measure,
        exposures.figure_mineral_id,
        exposures.source_id,
        exposures.edition,
        exposures.form,
        exposures.basis,
        exposures.reference_year,
        exposures.series_id,
        exposures.is_headline_source,
        exposures.china_share,
        exposures.leader_id,
        exposures.leader_share,
        exposures.coverage_share,
        exposures.import_value_usd,
        exposures.quality_flags,
        exposures.null_reason,
        case
            when exposures.china_share is null
                then coalesce(exposures.china_null_reason, exposures.null_reason)
        end as china_null_reason
    from uses
    inner join exposures on uses.mineral_id = exposures.mineral_id

),

-- The study's weights are of use in the EU: they fit what the EU imports, and what the world makes
-- for its users, and nobody else's imports.
fit_for_weights as (

    select
        *,
        use_share > 0 and china_share is not null as is_weighed,
        -- Without a weight all of its use may lie in the sector, or what wider applications hold.
        case when use_share is null then coalesce(use_share_upper, 1) end as unknown_weight,
        coalesce(china_share, 0) as china_share_least,
        coalesce(china_share, 1) as china_share_most,
        mineral_id || ' ' || cast(cast(round(100 * use_share) as integer) as string)
        || '%' as weight_label
    from by_mineral
    where
        is_headline_source
        and (importer_id = 'EU27' or measure = 'production')

),

sector_sums as (

    select
        sector,
        stage,
        importer_id,
        importer_kind,
        measure,
        max(weight_source) as weight_source,
        max(weight_edition) as weight_edition,
        max(reference_year) as reference_year,
        {{ exact_sum("case when is_weighed then use_share * china_share end") }}
        / {{ exact_sum("case when is_weighed then use_share end") }} as china_share,
        {{ exact_sum("case when is_weighed then use_share end") }}
        / {{ exact_sum("coalesce(use_share, unknown_weight)") }} as coverage_share,
        {{ exact_sum("use_share") }} as known_weight,
        {{ exact_sum("use_share * china_share_least") }} as known_least,
        {{ exact_sum("use_share * china_share_most") }} as known_most,
        cast(count(distinct case when is_weighed then mineral_id end) as integer)
            as weighted_mineral_count,
        cast(count(distinct mineral_id) as integer) as mineral_count,
        -- A mean has the flags of the minerals that it weighs.
        {{ flags_of_all('quality_flags', 'is_weighed') }} as mineral_flags,
        cast(
            count(
                distinct case
                    when relevance = 'primary' and not coalesce(is_weighed, false)
                        then mineral_id
                end
            ) as integer
        ) as primary_left_out_count,
        nullif(array_to_string(
            array_sort(array_agg(weight_label) filter (where is_weighed)), ', '
        ), '') as weights,
        nullif(array_to_string(
            array_sort(
                array_agg(mineral_id)
                filter (where relevance = 'primary' and not coalesce(is_weighed, false))
            ), ', '
        ), '') as primary_left_out
    from fit_for_weights
    group by sector, stage, importer_id, importer_kind, measure

),

-- The mean is least where the minerals without a weight that have the least share come in whole,
-- one after the other, and the rest not at all; and most the other way round.
extreme_weights as (

    select
        {%- for end, order in [('least', 'asc'), ('most', 'desc')] %}
        sum(cast(unknown_weight as decimal(38, 12))) over (
            partition by sector, stage, importer_id, measure
            order by china_share_{{ end }} {{ order }}, mineral_id asc
            rows between unbounded preceding and current row
        ) as weight_{{ end }},
        sum(cast(unknown_weight * china_share_{{ end }} as decimal(38, 12))) over (
            partition by sector, stage, importer_id, measure
            order by china_share_{{ end }} {{ order }}, mineral_id asc
            rows between unbounded preceding and current row
        ) as weighed_{{ end }},
        {%- endfor %}
        sector,
        stage,
        importer_id,
        measure
    from fit_for_weights
    where unknown_weight is not null

),

bounds as (

    select
        sector_sums.sector,
        sector_sums.stage,
        sector_sums.importer_id,
        sector_sums.measure,
        least(
            max(sector_sums.known_least / sector_sums.known_weight),
            min(
                (sector_sums.known_least + extreme_weights.weighed_least)
                / (sector_sums.known_weight + extreme_weights.weight_least)
            )
        ) as china_share_low,
        greatest(
            max(sector_sums.known_most / sector_sums.known_weight),
            max(
                (sector_sums.known_most + extreme_weights.weighed_most)
                / (sector_sums.known_weight + extreme_weights.weight_most)
            )
        ) as china_share_high
    from sector_sums
    left join extreme_weights
        on {{ same_key('sector_sums', 'extreme_weights', [
            'sector', 'stage', 'importer_id', 'measure',
        ]) }}
    where sector_sums.weights is not null
    group by sector_sums.sector, sector_sums.stage, sector_sums.importer_id, sector_sums.measure

),

-- A mean over a small part of the weights would be one mineral's share by another name.
with_null_reason as (

    select
        sector_sums.*,
        bounds.china_share_low,
        bounds.china_share_high,
        case
            when sector_sums.weights is null then 'no_mineral_weighted'
            when sector_sums.coverage_share < {{ threshold('sector_weight_minimum') }}
                then 'too_little_weighted'
        end as mean_null_reason
    from sector_sums
    left join bounds
        on {{ same_key('sector_sums', 'bounds', ['sector', 'stage', 'importer_id', 'measure']) }}

),

final as (

    select * from by_mineral
    union all by name
    select
        sector,
        weight_source,
        weight_edition,
        mean_null_reason as weight_null_reason,
        stage,
        importer_id,
        importer_kind,
        measure,
        reference_year,
        true as is_headline_source,
        case when mean_null_reason is null then china_share end as china_share,
        coverage_share,
        {{ quality_flags(
            {'primary_minerals_left_out': 'primary_left_out_count > 0'}, beside='mineral_flags'
        ) }} as quality_flags,
        'leaders_differ' as null_reason,
        mean_null_reason as china_null_reason,
        china_share_low,
        china_share_high,
        weighted_mineral_count,
        mineral_count,
        primary_left_out_count,
        weights,
        primary_left_out
    from with_null_reason

)

{{ contract_columns() }}
order by
    sector, mineral_id nulls first, stage, importer_id, measure, source_id
