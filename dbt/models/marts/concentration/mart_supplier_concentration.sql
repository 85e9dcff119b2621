with

shared as (

    select * from {{ ref('int_production__shares') }}
    where statistic = 'production'

),

summed as (

    select
        mineral_id,
        stage,
        form,
        basis,
        reference_year,
        source_id,
        edition,
        is_current_edition,
        is_edition_break,
        world_total_tonnes,
        world_total_status,
        coverage_share,
        estimated_share,
        excluded_producers,
        exclusion_status,
        withheld_producer_count,
        {{ exact_sum('production_share * production_share') }} as hhi_named,
        {{ exact_sum('share_of_parts * share_of_parts') }} as production_hhi_over_parts,
        {{ exact_sum('production_share') }} as named_share,
        min(case when production_share > 0 then production_share end)
            as smallest_share,
        max(case when producer_order = 1 then country_iso3 end) as leader_country_iso3,
        max(case when producer_order = 1 then production_share end) as leader_share,
        cast(count(case when producer_rank = 1 then 1 end) as integer) as leader_count,
        {{ exact_sum('case when producer_order <= 3 then production_share end') }}
            as top3_share,
        max(case when country_iso3 = 'CHN' then production_share end) as china_share,
        max(case when country_iso3 = 'CHN' then value_status end) as china_status,
        cast(count(size_of_producer) as integer) as named_producer_count
    from shared
    group by
        mineral_id,
        stage,
        form,
        basis,
        reference_year,
        source_id,
        edition,
        is_current_edition,
        is_edition_break,
        world_total_tonnes,
        world_total_status,
        coverage_share,
        estimated_share,
        excluded_producers,
        exclusion_status,
        withheld_producer_count

),

bounded as (

    select
        *,
        -- A rounded total may be smaller than its parts: an index above 1 means 1. No `least` or
        -- `greatest` here: they skip nulls, and an unknown index would come out as a monopoly.
        case when hhi_named > 1 then 1 else hhi_named end as production_hhi_lower,
        case when named_share > 1 then 0 else 1 - named_share end as residual_share,
        case
            when 1 - named_share < smallest_share then 1 - named_share
            else smallest_share
        end as residual_lump_share
    from summed

),

final as (

    select
        cast(mineral_id as varchar) as mineral_id,
        cast(stage as varchar) as stage,
        cast(form as varchar) as form,
        cast(basis as varchar) as basis,
        cast(reference_year as integer) as reference_year,
        cast(source_id as varchar) as source_id,
        cast(edition as varchar) as edition,
        cast(is_current_edition as boolean) as is_current_edition,
        cast(production_hhi_lower as double) as production_hhi_lower,
        cast(
            case
                when production_hhi_lower + residual_share * residual_lump_share > 1 then 1
                else production_hhi_lower + residual_share * residual_lump_share
            end as double
        ) as production_hhi_upper,
        cast(production_hhi_over_parts as double) as production_hhi_over_parts,
        cast(case when leader_share is not null then leader_country_iso3 end as varchar)
            as leader_country_iso3,
        cast(leader_share as double) as leader_share,
        cast(case when leader_share is not null then leader_count end as integer)
            as leader_count,
        cast(top3_share as double) as top3_share,
        cast(china_share as double) as china_share,
        cast(
            case
                when china_share is not null then null
                when china_status in ('numeric', 'zero')
                    then 'world_total_' || coalesce(world_total_status, 'not_listed')
                else coalesce(china_status, 'not_listed')
            end as varchar
        ) as china_null_reason,
        cast(1 / nullif(production_hhi_lower, 0) as double) as effective_suppliers,
        cast(coverage_share as double) as coverage_share,
        cast(estimated_share as double) as estimated_share,
        cast(world_total_tonnes as double) as world_total_tonnes,
        cast(named_producer_count as integer) as named_producer_count,
        cast(withheld_producer_count as integer) as withheld_producer_count,
        cast(excluded_producers as varchar) as excluded_producers,
        cast(exclusion_status as varchar) as exclusion_status,
        cast(is_edition_break as boolean) as is_edition_break,
        cast(
            case
                when production_hhi_lower is not null then null
                when world_total_tonnes is null
                    then 'world_total_' || coalesce(world_total_status, 'not_listed')
                else 'no_producer_has_a_figure'
            end as varchar
        ) as null_reason
    from bounded

)

select * from final
order by mineral_id, stage, form, basis, reference_year, source_id, edition
