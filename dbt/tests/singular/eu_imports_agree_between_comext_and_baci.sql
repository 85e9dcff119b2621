{{ config(severity='warn', meta={'dagster': {'ref': {'name': 'fct_trade'}}}) }}
{#-
    What the EU's 27 buy of a whole line from outside, as Eurostat and as BACI have it. In each year the median of
    Eurostat over BACI lies between 0.67 and 1.5: else a file is halved, doubled or in another currency. A single
    line more than five times apart is misread, or its reason stands in the seed. Eurostat's extract has the normal
    procedure alone, with freight; BACI has exporters' word too.
-#}
{%- set most_apart_of_a_line = 5 -%}
{%- set most_apart_of_the_median = 1.5 -%}
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

bought as (

    select
        flows.hs6,
        flows.reference_year,
        sum(case when flows.series_id = 'comext_cn8' then flows.value_usd end) as comext_value_usd,
        sum(case when flows.series_id = 'hs92' then flows.value_usd end) as baci_value_usd
    from {{ ref('fct_trade') }} as flows
    inner join whole_lines
        on flows.hs6 = whole_lines.hs6 and flows.reference_year = whole_lines.reference_year
    inner join members as buyer on flows.importer_id = buyer.country_iso3
    left join members as seller on flows.exporter_id = seller.country_iso3
    where
        flows.is_current_edition
        and flows.series_id in ('comext_cn8', 'hs92')
        and seller.country_iso3 is null
    group by flows.hs6, flows.reference_year

),

compared as (

    select
        *,
        comext_value_usd / baci_value_usd as comext_to_baci
    from bought
    where comext_value_usd is not null and baci_value_usd is not null

),

found as (

    select
        hs6,
        reference_year,
        comext_value_usd,
        baci_value_usd,
        comext_to_baci
    from compared
    where abs(ln(comext_to_baci)) > ln({{ most_apart_of_a_line }})
    union all
    select
        cast(null as string) as hs6,
        reference_year,
        sum(comext_value_usd) as comext_value_usd,
        sum(baci_value_usd) as baci_value_usd,
        median(comext_to_baci) as comext_to_baci
    from compared
    group by reference_year
    having abs(ln(median(comext_to_baci))) > ln({{ most_apart_of_the_median }})

)

select found.*
from found
left join {{ ref('trade_accepted_total') }} as accepted
    on
        found.hs6 = accepted.hs6
        and accepted.series_id = 'comext_cn8'
        and found.reference_year between accepted.first_year and accepted.last_year
where accepted.hs6 is null
