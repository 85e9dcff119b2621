with

unit_values as (select * from {{ ref('stg_usgs_mcs_us__unit_values') }}),
months as (select * from {{ ref('stg_world_bank_pink_sheet__prices') }}),

-- A token is no number.
monthly as (

    select
        *,
        'month' as period_kind,
        price_month as period_starts_on,
        cast(case when value_status = 'numeric' then published_value end as double) as price_value,
        price_usd_per_tonne as value_usd_per_tonne,
        case
            when price_usd_per_tonne is null then 'not available to the publisher'
        end as null_reason
    from months

),

-- The cells that a year is made of stand one below the other in the publisher's sheet.
years as (

    select
        source_id,
        edition,
        released_on,
        source_file,
        mineral_id,
        form,
        reference_year,
        published_commodity,
        published_unit,
        edition || ':' || source_file || ':' || cast(min(file_row) as string) || '-'
        || cast(max(file_row) as string) || ':' || cast(min(file_column) as string)
            as source_row_id,
        count(price_usd_per_tonne) as month_count,
        {{ exact_sum('price_value') }} / 12 as mean_price,
        {{ exact_sum('price_usd_per_tonne') }} / 12 as mean_usd_per_tonne
    from monthly
    group by
        source_id, edition, released_on, source_file, mineral_id, form, reference_year,
        published_commodity, published_unit

),

-- Means of calendar years, of all twelve months or none.
yearly as (

    select
        *,
        'year' as period_kind,
        make_date(reference_year, 1, 1) as period_starts_on,
        false as is_estimated,
        'converted' as derivation,
        case when month_count = 12 then mean_price end as price_value,
        case when month_count = 12 then mean_usd_per_tonne end as value_usd_per_tonne,
        case when month_count = 12 then 'numeric' else 'not_available' end as value_status,
        case when month_count < 12 then 'fewer than twelve months have a price' end as null_reason
    from years

),

monthly_and_yearly as (

    select * from monthly
    union all by name
    select * from yearly

),

prices as (

    select
        *,
        'year' as period_kind,
        make_date(reference_year, 1, 1) as period_starts_on
    from unit_values
    union all by name
    select
        *,
        form as price_label,
        'USD' as currency,
        case published_unit
            when '($/mt)' then 'usd_per_tonne'
            when '($/troy oz)' then 'usd_per_troy_oz'
        end as price_unit,
        'gross_weight' as price_basis
    from monthly_and_yearly

),

final as (

    select
        *,
        {{ edition_age(
            ['source_id', 'mineral_id', 'price_label', 'period_kind', 'period_starts_on']
        ) }} = 1 as is_current_edition
    from prices

)

{{ contract_columns(where_known={
    'is_estimated': "value_usd_per_tonne is not null",
}) }}
order by
    source_id, edition, mineral_id, price_label, period_kind, period_starts_on
