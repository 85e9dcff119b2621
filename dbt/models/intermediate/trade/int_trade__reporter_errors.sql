{#-
    The errors that a reporter's values and tonnes are weighed by, 1 for a typical one: what BACI's own figures
    imply (`reconcile_reporter_error`, from five thousand lines of BACI's, read off flows of which all three
    figures are known), else what the declarations at hand tell (`relative_error`). A reporter with no record at
    all is typical.

    How far off a country's declarations are to be expected, as exporter and as importer: every discrepancy is
    the year's mean, plus an effect of the line (and of what is measured), of the exporter and of the importer.
    The three are taken out one after the other, over again, three times; by then a further pass moves weights in
    the third digit. An effect of a country is drawn towards 0 as if it had `reconcile_prior_flows` discrepancies more,
    all of the mean: five flows are no record. Half of the mean belongs to either side; the error is told over that
    half, so that a reporter of the mean has 1. It is no smaller than a fifth: nobody is free of error.
-#}
{%- set passes = 3 %}
with

flows as (

    select * from {{ ref('int_trade__paired_declarations') }}
    where is_reconcilable

),

measured as (
    {%- for measure in ['value', 'quantity'] %}
    select
        reference_year,
        exporter_iso3,
        importer_iso3,
        hs6,
        '{{ measure }}' as measure,
        {{ measure }}_discrepancy as discrepancy
    from flows
    where {{ measure }}_discrepancy is not null
    {{ 'union all' if not loop.last }}
    {%- endfor %}

),

discrepancies as (

    select
        *,
        avg(discrepancy) over (partition by reference_year) as mean_discrepancy
    from measured

),

exporters_0 as (

    select distinct
        reference_year,
        exporter_iso3,
        0.0 as effect
    from discrepancies

),

importers_0 as (

    select distinct
        reference_year,
        importer_iso3,
        0.0 as effect
    from discrepancies

),
{% for step in range(1, passes + 1) %}
lines_{{ step }} as {{ held() }} (

    select
        flows.reference_year,
        flows.hs6,
        flows.measure,
        round(
            avg(flows.discrepancy - flows.mean_discrepancy - exporters.effect - importers.effect), 9
        ) as effect
    from discrepancies as flows
    inner join exporters_{{ step - 1 }} as exporters
        on
            flows.reference_year = exporters.reference_year
            and flows.exporter_iso3 = exporters.exporter_iso3
    inner join importers_{{ step - 1 }} as importers
        on
            flows.reference_year = importers.reference_year
            and flows.importer_iso3 = importers.importer_iso3
    group by flows.reference_year, flows.hs6, flows.measure

),

exporters_{{ step }} as {{ held() }} (

    select
        flows.reference_year,
        flows.exporter_iso3,
        count(*) as discrepancies,
        round(
            sum(flows.discrepancy - flows.mean_discrepancy - line.effect - importers.effect)
            / (count(*) + {{ threshold('reconcile_prior_flows') }}),
            9
        ) as effect
    from discrepancies as flows
    inner join lines_{{ step }} as line
        on
            flows.reference_year = line.reference_year
            and flows.hs6 = line.hs6
            and flows.measure = line.measure
    inner join importers_{{ step - 1 }} as importers
        on
            flows.reference_year = importers.reference_year
            and flows.importer_iso3 = importers.importer_iso3
    group by flows.reference_year, flows.exporter_iso3

),

importers_{{ step }} as {{ held() }} (

    select
        flows.reference_year,
        flows.importer_iso3,
        count(*) as discrepancies,
        round(
            sum(flows.discrepancy - flows.mean_discrepancy - line.effect - exporters.effect)
            / (count(*) + {{ threshold('reconcile_prior_flows') }}),
            9
        ) as effect
    from discrepancies as flows
    inner join lines_{{ step }} as line
        on
            flows.reference_year = line.reference_year
            and flows.hs6 = line.hs6
            and flows.measure = line.measure
    inner join exporters_{{ step }} as exporters
        on
            flows.reference_year = exporters.reference_year
            and flows.exporter_iso3 = exporters.exporter_iso3
    group by flows.reference_year, flows.importer_iso3

),
{% endfor %}
means as (

    select distinct
        reference_year,
        round(mean_discrepancy, 9) as mean_discrepancy
    from discrepancies

),

effects as (

    select
        reference_year,
        exporter_iso3 as reporter_iso3,
        'exporter' as side,
        discrepancies,
        effect
    from exporters_{{ passes }}
    union all
    select
        reference_year,
        importer_iso3 as reporter_iso3,
        'importer' as side,
        discrepancies,
        effect
    from importers_{{ passes }}

),

weighed as (

    select
        effects.reference_year,
        effects.reporter_iso3,
        effects.side,
        effects.discrepancies,
        effects.effect,
        -- Where all declarations agree there is nothing to tell one reporter from another by.
        greatest(1 + coalesce(2 * effects.effect / nullif(means.mean_discrepancy, 0), 0), 0.2)
            as relative_error
    from effects
    inner join means on effects.reference_year = means.reference_year

),

reporters as (

    select distinct
        reference_year,
        exporter_iso3 as reporter_iso3,
        'exporter' as side
    from flows
    where exporter_value_usd is not null
    union
    select distinct
        reference_year,
        importer_iso3 as reporter_iso3,
        'importer' as side
    from flows
    where importer_value_usd is not null

),

calibrated as (

    select * from {{ ref('reconcile_reporter_error') }}

)

select
    reporters.reference_year,
    reporters.reporter_iso3,
    reporters.side,
    weighed.discrepancies,
    weighed.effect,
    weighed.relative_error,
    coalesce(of_value.relative_error, weighed.relative_error, 1) as value_error,
    coalesce(of_quantity.relative_error, weighed.relative_error, 1) as quantity_error
from reporters
left join weighed
    on
        reporters.reference_year = weighed.reference_year
        and reporters.reporter_iso3 = weighed.reporter_iso3
        and reporters.side = weighed.side
left join calibrated as of_value
    on
        reporters.reporter_iso3 = of_value.reporter_iso3
        and reporters.side = of_value.side
        and of_value.measure = 'value'
left join calibrated as of_quantity
    on
        reporters.reporter_iso3 = of_quantity.reporter_iso3
        and reporters.side = of_quantity.side
        and of_quantity.measure = 'quantity'
