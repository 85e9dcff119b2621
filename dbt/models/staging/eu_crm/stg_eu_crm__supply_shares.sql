with

supply_shares as (

    select * from {{ lake('eu_crm', 'supply_share') }}
    where {{ known_by_as_of() }}

),

renamed as (

    select
        -- where it comes from
        source_id,
        edition,
        released_on,
        source_file,
        source_row_id,
        published_material,
        published_stage,
        published_country,
        published_value,
        published_unit,

        -- what it is
        scope,
        mineral_id,
        material_id,
        material_scope,
        stage,
        geography_kind,
        geography_id,
        country_iso3,
        cast(period_from_year as integer) as period_from_year,
        cast(period_to_year as integer) as period_to_year,

        -- how much, and how far to trust it
        supply_share,
        supply_share_lower,
        supply_share_upper,
        value_status,
        derivation,
        trade_restriction_factor

    from supply_shares

)

select * from renamed
