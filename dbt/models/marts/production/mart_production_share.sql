with

shared as (

    select * from {{ ref('int_production__shares') }}
    where statistic = 'production'

),

final as (

    select
        cast(mineral_id as varchar) as mineral_id,
        cast(stage as varchar) as stage,
        cast(form as varchar) as form,
        cast(basis as varchar) as basis,
        cast(country_iso3 as varchar) as country_iso3,
        cast(reference_year as integer) as reference_year,
        cast(source_id as varchar) as source_id,
        cast(edition as varchar) as edition,
        cast(is_current_edition as boolean) as is_current_edition,
        cast(quantity_tonnes as double) as quantity_tonnes,
        cast(production_share as double) as production_share,
        cast(producer_rank as integer) as producer_rank,
        cast(value_status as varchar) as value_status,
        cast(is_estimated as boolean) as is_estimated,
        cast(derivation as varchar) as derivation,
        cast(world_total_tonnes as double) as world_total_tonnes,
        cast(named_total_tonnes as double) as named_total_tonnes,
        cast(coverage_share as double) as coverage_share,
        cast(estimated_share as double) as estimated_share,
        cast(excluded_producers as varchar) as excluded_producers,
        cast(exclusion_status as varchar) as exclusion_status,
        cast(is_edition_break as boolean) as is_edition_break,
        cast(
            nullif(
                concat_ws(
                    ',',
                    case when is_edition_break then 'edition_break' end,
                    case when is_suspected_double_count then 'suspected_double_count' end,
                    case when derivation = 'converted' then 'converted_by_others' end,
                    case
                        when exclusion_status = 'withheld_not_told' then 'exclusion_not_told'
                    end
                ),
                ''
            ) as varchar
        ) as quality_flags,
        cast(
            case
                when production_share is not null then null
                when quantity_tonnes is null then 'figure_' || value_status
                when world_total_tonnes is null
                    then 'world_total_' || coalesce(world_total_status, 'not_listed')
                else 'world_total_zero'
            end as varchar
        ) as null_reason,
        cast(source_row_id as varchar) as source_row_id
    from shared

)

{{ with_names() }}
order by
    mineral_id, stage, form, basis, reference_year, source_id, edition, country_iso3
