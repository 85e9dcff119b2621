with

us_trades as (

    select * from {{ ref('stg_usitc_dataweb__us_trades') }}

),

-- Dollars and their first quantity are one row; a second quantity is a row of its own.
paired as (

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

chosen as (

    select
        *,
        {{ edition_age([
            'flow', 'hs4', 'partner_iso3', 'quantity_kind', 'quantity_description',
            'period_kind', 'period_months', 'reference_year'
        ]) }} = 1 as is_current_edition
    from paired

),

final as (

    select
        cast(coalesce(value_row_id, quantity_row_id) as varchar) as source_row_id,
        cast(source_id as varchar) as source_id,
        cast(edition as varchar) as edition,
        cast(released_on as date) as released_on,
        cast(is_current_edition as boolean) as is_current_edition,
        cast(flow as varchar) as flow,
        cast(hs4 as varchar) as hs4,
        cast(heading_name as varchar) as hs4_name,
        cast(other_goods as varchar) as other_goods,
        cast('USA' as varchar) as country_iso3,
        cast(partner_iso3 as varchar) as partner_iso3,
        cast(quantity_kind as varchar) as quantity_kind,
        cast(quantity_description as varchar) as quantity_description,
        cast(period_kind as varchar) as period_kind,
        cast(period_months as integer) as period_month_count,
        cast(reference_year as integer) as reference_year,
        cast(value_usd as double) as value_usd,
        cast(coalesce(value_status, 'included_elsewhere') as varchar) as value_status,
        cast(quantity as double) as quantity,
        cast(quantity_lower as double) as quantity_lower,
        cast(quantity_unit as varchar) as quantity_unit,
        cast(quantity_status as varchar) as quantity_status,
        cast(suppressed_record_count as integer) as suppressed_record_count,
        cast(is_estimated as boolean) as is_estimated,
        cast(derivation as varchar) as derivation,
        cast(source_file as varchar) as source_file
    from chosen

)

{{ contract_columns() }}
order by
    flow, hs4, partner_iso3, quantity_kind, quantity_description, period_kind, reference_year,
    edition
