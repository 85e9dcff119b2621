with

production as (

    select * from {{ lake('iea_critical_minerals', 'production') }}

),

renamed as (

    select
        -- where it comes from
        source_id,
        edition,
        released_on,
        source_file,
        source_row_id,
        published_commodity,
        published_stage,
        published_country,
        published_value,
        published_unit,

        -- what it is
        mineral_id,
        stage,
        form,
        basis,
        geography_kind,
        geography_id,
        country_iso3,
        cast(reference_year as integer) as reference_year,

        -- how much, and how far to trust it
        quantity_tonnes,
        quantity_tonnes_lower,
        quantity_tonnes_upper,
        value_status,
        is_estimated,
        derivation,
        excluded_producers

    from production

)

select * from renamed
