with

reserves as (

    select * from {{ ref('int_production__unioned') }}
    where statistic = 'reserve'

),

chosen as (

    select * from {{ ref('int_production__edition_chosen') }}

),

final as (

    select
        cast(reserves.source_row_id as varchar) as source_row_id,
        cast(reserves.source_id as varchar) as source_id,
        cast(reserves.edition as varchar) as edition,
        cast(reserves.released_on as date) as released_on,
        cast(chosen.edition is not null as boolean) as is_current_edition,
        cast(reserves.mineral_id as varchar) as mineral_id,
        cast(reserves.stage as varchar) as stage,
        cast(reserves.form as varchar) as form,
        cast(reserves.basis as varchar) as basis,
        cast(reserves.geography_kind as varchar) as geography_kind,
        cast(reserves.geography_id as varchar) as geography_id,
        cast(reserves.country_iso3 as varchar) as country_iso3,
        cast(reserves.reference_year as integer) as reference_year,
        cast(reserves.quantity_tonnes as double) as quantity_tonnes,
        cast(reserves.quantity_tonnes_lower as double) as quantity_tonnes_lower,
        cast(reserves.quantity_tonnes_upper as double) as quantity_tonnes_upper,
        cast(reserves.value_status as varchar) as value_status,
        cast(reserves.is_estimated as boolean) as is_estimated,
        cast(reserves.derivation as varchar) as derivation,
        cast(reserves.excluded_producers as varchar) as excluded_producers,
        cast(reserves.published_commodity as varchar) as published_commodity,
        cast(reserves.published_stage as varchar) as published_stage,
        cast(reserves.published_country as varchar) as published_country,
        cast(reserves.published_value as varchar) as published_value,
        cast(reserves.published_unit as varchar) as published_unit,
        cast(reserves.source_file as varchar) as source_file
    from reserves
    left join chosen
        on
            reserves.source_id = chosen.source_id
            and reserves.edition = chosen.edition
            and reserves.statistic = chosen.statistic
            and reserves.mineral_id = chosen.mineral_id
            and reserves.stage = chosen.stage
            and reserves.form = chosen.form
            and reserves.basis = chosen.basis
            and reserves.reference_year = chosen.reference_year

)

select * from final
order by
    source_id, edition, mineral_id, stage, form, basis, reference_year, geography_id
