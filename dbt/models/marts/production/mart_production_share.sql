with

production_shares as (

    select * from {{ ref('int_production__shares') }}
    where statistic = 'production'

),

final as (

    select
        *,
        {{ quality_flags({
            'converted_by_others': "derivation = 'converted'",
            'edition_break': "is_edition_break",
            'exclusion_not_told': "exclusion_status = 'withheld_not_told'",
            'share_of_parts': "is_total_below_parts",
            'suspected_double_count': "is_suspected_double_count",
        }) }} as quality_flags,
        case
            when production_share is not null then null
            when quantity_tonnes is null then 'figure_' || value_status
            when world_total_tonnes is null
                then 'world_total_' || coalesce(world_total_status, 'not_listed')
            else 'world_total_zero'
        end as null_reason
    from production_shares

)

{{ contract_columns() }}
order by
    mineral_id, stage, form, basis, reference_year, source_id, edition, country_iso3
