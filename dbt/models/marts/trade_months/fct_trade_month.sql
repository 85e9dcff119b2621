{#- A pull is of a whole month: its newest pull is current, with all its rows or none of them. -#}
with

trades as (

    select * from {{ ref('stg_us_census__month_trades') }}
    union all by name
    select * from {{ ref('stg_un_comtrade__month_trades') }}
    union all by name
    select * from {{ ref('stg_eurostat_comext_months__month_trades') }}

),

secrets as (

    {{ secrets_published() }}

),

-- A month that customs made secret as a whole has no trade, and is pulled all the same.
pulls as (

    select
        source_id,
        edition,
        released_on,
        reporter_iso3,
        flow,
        reference_year,
        reference_month
    from trades
    union
    select
        source_id,
        edition,
        released_on,
        reporter_iso3,
        'import' as flow,
        reference_year,
        reference_month
    from secrets

),

aged_pulls as (

    select
        *,
        {{ edition_age(
            ['source_id', 'reporter_iso3', 'flow', 'reference_year', 'reference_month']
        ) }} = 1 as is_current_edition
    from pulls

),

rates as (

    select
        reference_year as rate_year,
        currency as rate_currency,
        usd_per_eur
    from {{ ref('stg_eurostat_comext__exchange_rates') }}

),

lines as (

    select
        hs6,
        array_to_string(array_sort(array_agg(distinct mineral_id)), ',') as mineral_ids,
        count(distinct mineral_id) > 1 or bool_or(not is_exclusive) as is_mixed_line
    from {{ ref('stg_reference__hs_lines') }}
    group by hs6

),

final as (

    select
        trades.source_row_id,
        trades.source_id,
        trades.edition,
        trades.released_on,
        aged_pulls.is_current_edition,
        trades.flow,
        trades.reporter_iso3,
        trades.partner_iso3,
        trades.hs_code,
        trades.hs6,
        lines.mineral_ids,
        lines.is_mixed_line,
        trades.reference_year,
        trades.reference_month,
        trades.value,
        trades.currency,
        trades.value * case when trades.currency = 'USD' then 1 else rates.usd_per_eur end
            as value_usd,
        trades.quantity,
        trades.quantity_unit,
        trades.quantity_tonnes_gross,
        trades.quantity_status,
        trades.is_quantity_estimated,
        trades.published_partner,
        trades.published_value,
        trades.derivation,
        trades.source_file
    from trades
    inner join lines on trades.hs6 = lines.hs6
    inner join aged_pulls
        on {{ same_key('trades', 'aged_pulls', [
            'source_id', 'edition', 'reporter_iso3', 'flow', 'reference_year', 'reference_month',
        ]) }}
    left join rates
        on trades.currency = rates.rate_currency and trades.reference_year = rates.rate_year

)

{{ contract_columns() }}
order by
    source_id, reporter_iso3, flow, hs_code, partner_iso3, reference_year, reference_month, edition
