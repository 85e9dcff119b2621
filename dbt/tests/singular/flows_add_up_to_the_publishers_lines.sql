{{ config(meta={'dagster': {'ref': {'name': 'fct_trade'}}}) }}
{#-
    Nothing is lost or doubled between the publisher's file and the fact: rows and dollars of every series,
    line and year are those that the reader counted, of every line that is ours. A join that finds two rows
    or none shows here.
-#}
with

counted as (

    select
        accounts.edition,
        accounts.series_id,
        accounts.hs6,
        accounts.reference_year,
        accounts.rows as flow_count,
        accounts.value_usd
    from {{ ref('stg_cepii_baci__line_accounts') }} as accounts
    where accounts.is_used

),

built as (

    select
        edition,
        series_id,
        hs6,
        reference_year,
        count(*) as flow_count,
        cast(sum(value_usd) as bigint) as value_usd
    from {{ ref('fct_trade') }}
    where source_id = 'cepii_baci'
    group by edition, series_id, hs6, reference_year

)

select
    coalesce(counted.series_id, built.series_id) as series_id,
    coalesce(counted.hs6, built.hs6) as hs6,
    coalesce(counted.reference_year, built.reference_year) as reference_year,
    counted.flow_count as flows_counted,
    built.flow_count,
    counted.value_usd as value_counted_usd,
    built.value_usd
from counted
full outer join built
    on {{ same_key('counted', 'built', ['edition', 'series_id', 'hs6', 'reference_year']) }}
where
    counted.flow_count is distinct from built.flow_count
    or counted.value_usd is distinct from built.value_usd
