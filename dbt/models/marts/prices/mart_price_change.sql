{#-
    Prices beside controls, in equal windows: the year before and the year after, or the six months before and
    after the month of the first day. Description, no cause.
-#}
{%- set periods = {
    'before':
        'price_steps.period_number < windows.began_in'
        ~ ' and price_steps.period_number >= windows.began_in - windows.window_period_count',
    'at_start': 'price_steps.period_number = windows.began_in',
    'after':
        'price_steps.period_number > windows.began_in'
        ~ ' and price_steps.period_number <= windows.began_in + windows.window_period_count',
    'volatility':
        'price_steps.period_number < windows.began_in'
        ~ ' and price_steps.period_number >= windows.began_in - windows.volatility_period_count',
} -%}
with

{{ first_days_in_force() }},

-- One control of one mineral begins with its first item in force.
controls as (

    select
        listed.event_id,
        listed.imposing_iso3,
        listed.target_id,
        listed.mineral_id,
        coalesce(min(in_force.valid_from), min(listed.announced_on)) as began_on,
        min(in_force.valid_from) is not null as has_effective_date,
        bool_or(listed.extent <> 'technology') as controls_goods
    from {{ ref('fct_export_control') }} as listed
    left join in_force
        on listed.event_id = in_force.event_id and listed.item = in_force.item
    where listed.mineral_id is not null
    group by listed.event_id, listed.imposing_iso3, listed.target_id, listed.mineral_id

),

prices as (

    select
        *,
        case
            when period_kind = 'year' then reference_year
            else reference_year * 12 + reference_month
        end as period_number,
        ln(value_usd_per_tonne) as log_price
    from {{ ref('fct_price') }}
    where is_current_edition and month_count is null

),

price_steps as (

    select
        *,
        log_price - lag(log_price) over (
            partition by source_id, mineral_id, price_label, price_basis, period_kind
            order by period_number
        ) as log_step,
        is_estimated
        or lag(is_estimated) over (
            partition by source_id, mineral_id, price_label, price_basis, period_kind
            order by period_number
        ) as is_step_estimated
    from prices

),

series as (

    select distinct
        source_id,
        mineral_id,
        price_label,
        price_basis,
        period_kind
    from prices

),

-- Which price series there are for a control's mineral, and where its windows lie.
windows as (

    select
        controls.*,
        series.source_id,
        series.price_label,
        series.price_basis,
        series.period_kind,
        case when series.period_kind = 'year' then 1 else 6 end as window_period_count,
        case when series.period_kind = 'year' then 5 else 24 end as volatility_period_count,
        case
            when series.period_kind = 'year' then extract(year from controls.began_on)
            else extract(year from controls.began_on) * 12 + extract(month from controls.began_on)
        end as began_in
    from controls
    -- A price is that of a good.
    left join series on controls.mineral_id = series.mineral_id and controls.controls_goods

),

window_sums as (

    select
        windows.event_id,
        windows.imposing_iso3,
        windows.target_id,
        windows.mineral_id,
        windows.began_on,
        windows.has_effective_date,
        windows.controls_goods,
        windows.source_id,
        windows.price_label,
        windows.price_basis,
        windows.period_kind,
        windows.window_period_count,
        windows.volatility_period_count,
        max(price_steps.edition) as edition,
        {%- for window in ['before', 'after'] %}
        {{ exact_sum(
            'case when ' ~ periods[window] ~ ' then price_steps.value_usd_per_tonne end'
        ) }} as sum_{{ window }},
        count(case when {{ periods[window] }} then price_steps.value_usd_per_tonne end)
            as count_{{ window }},
        {%- endfor %}
        max(case when {{ periods['at_start'] }} then price_steps.value_usd_per_tonne end)
            as price_at_start,
        round(
            stddev_samp(case when {{ periods['volatility'] }} then price_steps.log_step end), 12
        ) as volatility,
        count(case when {{ periods['volatility'] }} then price_steps.log_step end) as step_count,
        {%- for figure in ['before', 'at_start', 'after'] %}
        bool_or(case when {{ periods[figure] }} then price_steps.is_estimated end)
            as is_{{ figure }}_estimated,
        {%- endfor %}
        bool_or(case when {{ periods['volatility'] }} then price_steps.is_step_estimated end)
            as is_volatility_estimated,
        count(price_steps.value_usd_per_tonne) as price_count
    from windows
    left join price_steps
        on
            {{ same_key('windows', 'price_steps', [
                'source_id', 'mineral_id', 'price_label', 'price_basis', 'period_kind',
            ]) }}
    group by
        windows.event_id, windows.imposing_iso3, windows.target_id, windows.mineral_id,
        windows.began_on, windows.has_effective_date, windows.controls_goods, windows.source_id,
        windows.price_label, windows.price_basis, windows.period_kind,
        windows.window_period_count, windows.volatility_period_count

),

window_averages as (

    select
        *,
        case
            when count_before = window_period_count then sum_before / window_period_count
        end as price_before,
        case
            when count_after = window_period_count then sum_after / window_period_count
        end as price_after,
        case when step_count = volatility_period_count then volatility end as volatility_before
    from window_sums

),

final as (

    select
        *,
        began_on as control_began_on,
        price_before as value_usd_per_tonne_before,
        price_at_start as value_usd_per_tonne_at_start,
        price_after as value_usd_per_tonne_after,
        price_after / price_before - 1 as change_share,
        volatility_before as price_volatility_before,
        {%- for figure, price in {
            'before': 'price_before', 'at_start': 'price_at_start', 'after': 'price_after',
            'volatility': 'volatility_before',
        }.items() %}
        case when {{ price }} is not null then is_{{ figure }}_estimated end
            as is_price_{{ figure }}_estimated,
        {%- endfor %}
        case
            when not controls_goods then 'only_technology_controlled'
            when source_id is null then 'no_price_is_held'
            when price_count = 0 then 'no_price_in_dollars_a_tonne'
            when price_before is null then 'months_or_years_before_are_missing'
            when price_after is null then 'months_or_years_after_are_missing'
        end as null_reason
    from window_averages

)

{{ contract_columns() }}
order by event_id, mineral_id, source_id nulls first, price_label, period_kind
