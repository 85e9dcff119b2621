with

-- Whole dollars, so that no order of rows decides the last digit.
trades as (

    select
        *,
        sum(cast(value_usd as bigint)) over (
            partition by
                flow, hs4, partner_iso3, period_kind, period_month_count, reference_year
        ) as heading_value_usd
    from {{ ref('fct_us_trade') }}
    where is_current_edition

),

-- Dollars add up over the units of a heading; quantities of different units never do.
amounts as (

    select
        flow,
        hs4,
        hs4_name,
        other_goods,
        partner_iso3,
        'value' as measure,
        'all' as quantity_description,
        'usd' as unit,
        period_kind,
        period_month_count,
        reference_year,
        edition,
        source_id,
        cast(max(heading_value_usd) as double) as amount,
        max(heading_value_usd) as base_value_usd,
        -- Zeros and figures add up to a figure.
        case
            when max(heading_value_usd) is null then 'not_available'
            when max(heading_value_usd) = 0 then 'zero'
            else 'numeric'
        end as amount_status,
        0 as suppressed_record_count
    from trades
    where quantity_kind = 'first'
    group by
        flow, hs4, hs4_name, other_goods, partner_iso3, period_kind, period_month_count,
        reference_year, edition, source_id
    union all by name
    select
        flow,
        hs4,
        hs4_name,
        other_goods,
        partner_iso3,
        quantity_kind || '_quantity' as measure,
        quantity_description,
        quantity_unit as unit,
        period_kind,
        period_month_count,
        reference_year,
        edition,
        source_id,
        quantity as amount,
        -- Second quantities have no value of their own.
        coalesce(cast(value_usd as bigint), heading_value_usd) as base_value_usd,
        quantity_status as amount_status,
        suppressed_record_count
    from trades
    where quantity_unit is not null

),

-- The same months a year before, and of the five years before.
with_bases as (

    select
        *,
        lag(amount) over same_months as amount_year_before,
        lag(base_value_usd) over same_months as base_value_usd_year_before,
        lag(reference_year) over same_months as year_before,
        case
            when
                count(amount) over five_years_before = 5
                then avg(amount) over five_years_before
        end as mean_amount_five_years_before
    from amounts
    window
        same_months as (
            partition by
                flow, hs4, partner_iso3, measure, quantity_description, period_kind,
                period_month_count
            order by reference_year
        ),
        five_years_before as (
            partition by
                flow, hs4, partner_iso3, measure, quantity_description, period_kind,
                period_month_count
            order by reference_year
            range between 5 preceding and 1 preceding
        )

),

minerals as (

    select
        left(hs6, 4) as hs4,
        array_to_string(array_sort(array_agg(distinct mineral_id)), ',') as mineral_ids,
        count(distinct mineral_id) as mineral_count
    from {{ ref('stg_reference__hs_lines') }}
    group by left(hs6, 4)

),

with_reasons as (

    select
        with_bases.*,
        minerals.mineral_ids,
        minerals.mineral_count > 1 or with_bases.other_goods is not null as is_mixed_heading,
        case
            when with_bases.amount_status = 'not_available' then 'period_not_over'
            when with_bases.amount is null then 'quantity_suppressed'
            when
                with_bases.year_before is null
                or with_bases.year_before <> with_bases.reference_year - 1
                then 'no_year_before'
            when with_bases.amount_year_before is null then 'quantity_suppressed_year_before'
            when
                with_bases.base_value_usd_year_before < {{ threshold('us_trade_base_usd') }}
                then 'base_too_small'
            when with_bases.amount_year_before = 0 then 'nothing_a_year_before'
        end as null_reason
    from with_bases
    left join minerals on with_bases.hs4 = minerals.hs4

),

with_change as (

    select
        *,
        case when null_reason is null then amount / amount_year_before - 1 end as change_share
    from with_reasons

),

final as (

    select
        flow,
        hs4,
        hs4_name,
        mineral_ids,
        other_goods,
        is_mixed_heading,
        'USA' as country_iso3,
        partner_iso3,
        measure,
        quantity_description,
        unit,
        period_kind,
        period_month_count,
        reference_year,
        case when measure = 'value' then amount end as value_usd,
        case when measure = 'value' then amount_year_before end as value_usd_year_before,
        case when measure = 'value' then mean_amount_five_years_before end
            as mean_value_usd_five_years_before,
        case when measure <> 'value' then amount end as quantity,
        case when measure <> 'value' then amount_year_before end as quantity_year_before,
        change_share,
        case
            when change_share < {{ threshold('us_trade_stopped_change') }} then 'all_but_stopped'
            when change_share < {{ threshold('us_trade_fell_change') }} then 'fell'
            when change_share is not null then 'continued'
        end as verdict,
        null_reason,
        amount_status as value_status,
        source_id,
        edition
    from with_change

)

{{ contract_columns() }}
order by
    flow, hs4, partner_iso3, measure, quantity_description, period_kind, period_month_count,
    reference_year
