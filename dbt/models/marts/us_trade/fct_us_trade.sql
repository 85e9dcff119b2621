with

us_trades as (select * from {{ ref('stg_usitc_dataweb__us_trades') }}),

-- Dollars and their first quantity are one row; a second quantity is a row of its own.
quantity_pairs as (

    select
        source_id,
        edition,
        released_on,
        flow,
        hs4,
        heading_name,
        other_goods,
        partner_iso3,
        case
            when measure = 'second_quantity' then 'second' else 'first'
        end as quantity_kind,
        quantity_description,
        quantity_unit,
        period_kind,
        period_months,
        reference_year,
        source_file,
        is_estimated,
        derivation,
        max(value_usd) as value_usd,
        max(quantity) as quantity,
        max(quantity_lower) as quantity_lower,
        max(case when measure = 'value' then value_status end) as value_status,
        max(case when measure <> 'value' then value_status end) as quantity_status,
        max(suppressed_records) as suppressed_record_count,
        max(case when measure = 'value' then source_row_id end) as value_row_id,
        max(case when measure <> 'value' then source_row_id end) as quantity_row_id
    from us_trades
    group by
        source_id, edition, released_on, flow, hs4, heading_name, other_goods, partner_iso3,
        case when measure = 'second_quantity' then 'second' else 'first' end,
        quantity_description, quantity_unit, period_kind, period_months, reference_year,
        source_file, is_estimated, derivation

),

-- A heading is of one edition with all its units: those of two would not add up.
with_current_edition as (

    select
        *,
        {{ edition_age([
            'flow', 'hs4', 'partner_iso3', 'period_kind', 'period_months', 'reference_year'
        ]) }} = 1 as is_current_edition
    from quantity_pairs

),

final as (

    select
        coalesce(value_row_id, quantity_row_id) as source_row_id,
        source_id,
        edition,
        released_on,
        is_current_edition,
        flow,
        hs4,
        heading_name as hs4_name,
        other_goods,
        'USA' as country_iso3,
        partner_iso3,
        quantity_kind,
        quantity_description,
        period_kind,
        period_months as period_month_count,
        reference_year,
        value_usd,
        coalesce(value_status, 'included_elsewhere') as value_status,
        quantity,
        quantity_lower,
        quantity_unit,
        quantity_status,
        suppressed_record_count,
        is_estimated,
        derivation,
        source_file
    from with_current_edition

)

{{ contract_columns(where_known={
    'is_estimated': "coalesce(value_usd, quantity, quantity_lower) is not null",
}) }}
order by
    flow, hs4, partner_iso3, quantity_kind, quantity_description, period_kind,
    period_month_count, reference_year, edition
