{{ config(meta={'dagster': {'ref': {'name': 'int_trade__measured_flows'}}}) }}
{#-
    Mass is conserved between stages: per mineral, year, series and edition, dollars and kilograms of all flows are
    those of its pools, of lines that mix several metals, of drifted codes, of goods counted under another
    line, and of series that only some countries are in. A flow that finds no pool, or two, shows here.
-#}
with

series as (select * from {{ ref('int_trade__series') }}),

partial as (

    select distinct series_id
    from series
    where is_partial_partners

),

flows as (

    select
        classified.*,
        case
            when partial.series_id is not null then 'partial_partners'
            when not classified.is_exclusive then 'mixed_line'
            when classified.is_code_drift then 'code_drift'
            when repeated.hs6 is not null then 'double_count'
            else 'pooled'
        end as part
    from {{ ref('int_trade__classified_flows') }} as classified
    left join partial on classified.series_id = partial.series_id
    left join {{ ref('int_trade__double_counts') }} as repeated
        on {{ same_key('classified', 'repeated', flow_key()) }}

),

flowed as (

    select
        mineral_id,
        edition,
        series_id,
        reference_year,
        cast(sum(value_usd) as bigint) as flows_usd,
        cast(sum(case when part = 'mixed_line' then value_usd else 0 end) as bigint)
            as mixed_usd,
        cast(sum(case when part = 'code_drift' then value_usd else 0 end) as bigint)
            as drift_usd,
        cast(sum(case when part = 'double_count' then value_usd else 0 end) as bigint)
            as double_count_usd,
        cast(sum(case when part = 'partial_partners' then value_usd else 0 end) as bigint)
            as partial_usd,
        cast(coalesce(sum(quantity_kg), 0) as bigint) as flows_kg,
        cast(coalesce(sum(case when part <> 'pooled' then quantity_kg end), 0) as bigint)
            as left_out_kg
    from flows
    group by mineral_id, edition, series_id, reference_year

),

pooled as (

    select
        pools.mineral_id,
        pools.edition,
        pools.series_id,
        valued.reference_year,
        cast(sum(valued.value_usd) as bigint) as pooled_usd,
        cast(coalesce(sum(valued.quantity_kg), 0) as bigint) as pooled_kg
    from {{ ref('int_trade__measured_flows') }} as valued
    inner join series as pools on valued.pool_number = pools.series_number
    where not valued.is_code_drift and not valued.is_suspected_double_count
    group by pools.mineral_id, pools.edition, pools.series_id, valued.reference_year

),

joined as (

    select
        flowed.*,
        coalesce(pooled.pooled_usd, 0) as pooled_usd,
        coalesce(pooled.pooled_kg, 0) as pooled_kg
    from flowed
    left join pooled
        on
            {{ same_key('flowed', 'pooled', [
                'mineral_id', 'edition', 'series_id', 'reference_year',
            ]) }}

)

select *
from joined
where
    flows_usd <> pooled_usd + mixed_usd + drift_usd + double_count_usd + partial_usd
    or flows_kg <> pooled_kg + left_out_kg
