with

prices as (

    select * from {{ ref('stg_usgs_mcs_us__unit_values') }}
    where released_on <= cast('{{ var("as_of") }}' as date)

),

chosen as (

    select
        *,
        row_number() over (
            partition by source_id, mineral_id, price_label, reference_year
            order by released_on desc
        ) = 1 as is_current_edition
    from prices

),

final as (

    select
        cast(source_row_id as varchar) as source_row_id,
        cast(source_id as varchar) as source_id,
        cast(edition as varchar) as edition,
        cast(released_on as date) as released_on,
        cast(is_current_edition as boolean) as is_current_edition,
        cast(mineral_id as varchar) as mineral_id,
        cast(price_label as varchar) as price_label,
        cast(reference_year as integer) as reference_year,
        cast(currency as varchar) as currency,
        cast(price_value as double) as price_value,
        cast(price_unit as varchar) as price_unit,
        cast(price_basis as varchar) as price_basis,
        cast(value_usd_per_tonne as double) as value_usd_per_tonne,
        cast(value_usd_per_tonne_lower as double) as value_usd_per_tonne_lower,
        cast(value_usd_per_tonne_upper as double) as value_usd_per_tonne_upper,
        cast(value_status as varchar) as value_status,
        cast(is_estimated as boolean) as is_estimated,
        cast(derivation as varchar) as derivation,
        cast(null_reason as varchar) as null_reason,
        cast(published_commodity as varchar) as published_commodity,
        cast(published_measure as varchar) as published_measure,
        cast(published_value as varchar) as published_value,
        cast(published_unit as varchar) as published_unit,
        cast(source_file as varchar) as source_file
    from chosen

)

select * from final
order by
    source_id, edition, mineral_id, price_label, reference_year
