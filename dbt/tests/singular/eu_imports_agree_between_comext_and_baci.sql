{{ config(severity='warn', meta={'dagster': {'ref': {'name': 'fct_trade'}}}) }}
{#-
    What the EU's 27 buy from outside on whole lines, of the flows that Eurostat and BACI both have. In each year the
    median of the lines, Eurostat over BACI, lies between 0.7 and 1.4: else a file is halved, doubled or in another
    currency. A line of ten flows or more that is three times apart was misread, or its reason stands in the seed.
    Flows that one of them lacks are no sign: Eurostat's extract has the normal procedure alone, members keep some
    secret, and BACI has exporters' word too.
-#}
{%- set most_apart_of_the_median = 1.4 -%}
{%- set most_apart_of_a_line = 3 -%}
{%- set fewest_flows_of_a_line = 10 -%}
with

members as (

    select country_iso3
    from {{ ref('bridge_bloc_member') }}
    where bloc_id = 'EU27'

),

whole_lines as (

    select distinct
        hs6,
        reference_year
    from {{ ref('stg_eurostat_comext__imports') }}
    where line_coverage = 'whole'

),

flows as (

    select
        trade.hs6,
        trade.reference_year,
        sum(case when trade.series_id = 'comext_cn8' then trade.value_usd end) as comext_value_usd,
        sum(case when trade.series_id = 'hs92' then trade.value_usd end) as baci_value_usd
    from {{ ref('fct_trade') }} as trade
    inner join whole_lines
        on trade.hs6 = whole_lines.hs6 and trade.reference_year = whole_lines.reference_year
    inner join members as buyer on trade.importer_id = buyer.country_iso3
    left join members as seller on trade.exporter_id = seller.country_iso3
    where
        trade.is_current_edition
        and trade.series_id in ('comext_cn8', 'hs92')
        and seller.country_iso3 is null
    group by trade.hs6, trade.reference_year, trade.importer_id, trade.exporter_id

),

lines as (

    select
        hs6,
        reference_year,
        count(*) as flow_count,
        sum(comext_value_usd) as comext_value_usd,
        sum(baci_value_usd) as baci_value_usd,
        sum(comext_value_usd) / sum(baci_value_usd) as comext_to_baci
    from flows
    where comext_value_usd is not null and baci_value_usd is not null
    group by hs6, reference_year

),

apart as (

    select
        hs6,
        reference_year,
        comext_value_usd,
        baci_value_usd,
        comext_to_baci
    from lines
    where
        flow_count >= {{ fewest_flows_of_a_line }}
        and abs(ln(comext_to_baci)) > ln({{ most_apart_of_a_line }})
    union all
    select
        cast(null as string) as hs6,
        reference_year,
        sum(comext_value_usd) as comext_value_usd,
        sum(baci_value_usd) as baci_value_usd,
        median(comext_to_baci) as comext_to_baci
    from lines
    group by reference_year
    having abs(ln(median(comext_to_baci))) > ln({{ most_apart_of_the_median }})

)

select apart.*
from apart
left join {{ ref('trade_accepted_total') }} as accepted
    on
        apart.hs6 = accepted.hs6
        and accepted.series_id = 'comext_cn8'
        and apart.reference_year between accepted.first_year and accepted.last_year
where accepted.hs6 is null
