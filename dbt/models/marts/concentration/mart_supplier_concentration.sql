with

concentrations as (

    select * from {{ ref('int_concentration__producer_hhi') }}

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
        cast(production_hhi_upper as double) as production_hhi_upper,
        cast(production_hhi_over_parts as double) as production_hhi_over_parts,
        cast(leader_country_iso3 as varchar) as leader_country_iso3,
        cast(leader_share as double) as leader_share,
        cast(leader_count as integer) as leader_count,
        cast(top3_share as double) as top3_share,
        cast(china_share as double) as china_share,
        cast(china_null_reason as varchar) as china_null_reason,
        cast(effective_suppliers as double) as effective_suppliers,
        cast(coverage_share as double) as coverage_share,
        cast(estimated_share as double) as estimated_share,
        cast(world_total_tonnes as double) as world_total_tonnes,
        cast(named_producer_count as integer) as named_producer_count,
        cast(withheld_producer_count as integer) as withheld_producer_count,
        cast(excluded_producers as varchar) as excluded_producers,
        cast(exclusion_status as varchar) as exclusion_status,
        cast(is_edition_break as boolean) as is_edition_break,
        cast(null_reason as varchar) as null_reason
    from concentrations

)

{{ contract_columns() }}
order by mineral_id, stage, form, basis, reference_year, source_id, edition
