with

production as (

    select * from {{ ref('int_production__unioned') }}
    where statistic = 'production'

),

chosen as (

    select * from {{ ref('int_production__edition_chosen') }}

),

final as (

    select
        cast(production.source_row_id as varchar) as source_row_id,
        cast(production.source_id as varchar) as source_id,
        cast(production.edition as varchar) as edition,
        cast(production.released_on as date) as released_on,
        cast(chosen.edition is not null as boolean) as is_current_edition,
        cast(production.mineral_id as varchar) as mineral_id,
        cast(production.stage as varchar) as stage,
        cast(production.form as varchar) as form,
        cast(production.basis as varchar) as basis,
        cast(production.geography_kind as varchar) as geography_kind,
        cast(production.geography_id as varchar) as geography_id,
        cast(production.country_iso3 as varchar) as country_iso3,
        cast(production.reference_year as integer) as reference_year,
        cast(production.quantity_tonnes as double) as quantity_tonnes,
        cast(production.quantity_tonnes_lower as double) as quantity_tonnes_lower,
        cast(production.quantity_tonnes_upper as double) as quantity_tonnes_upper,
        cast(production.value_status as varchar) as value_status,
        cast(production.is_estimated as boolean) as is_estimated,
        cast(production.derivation as varchar) as derivation,
        cast(production.excluded_producers as varchar) as excluded_producers,
        cast(production.published_commodity as varchar) as published_commodity,
        cast(production.published_stage as varchar) as published_stage,
        cast(production.published_country as varchar) as published_country,
        cast(production.published_value as varchar) as published_value,
        cast(production.published_unit as varchar) as published_unit,
        cast(production.source_file as varchar) as source_file
    from production
    left join chosen
        on
            production.source_id = chosen.source_id
            and production.edition = chosen.edition
            and production.statistic = chosen.statistic
            and production.mineral_id = chosen.mineral_id
            and production.stage = chosen.stage
            and production.form = chosen.form
            and production.basis = chosen.basis
            and production.reference_year = chosen.reference_year

)

select * from final
order by
    source_id, edition, mineral_id, stage, form, basis, reference_year, geography_id
