{#-
    The error that a reporter's values and tonnes are weighed by, 1 for a typical one: what BACI's own figures
    imply (`reconcile_reporter_error`, from five thousand lines of BACI's, read off flows of which all three
    figures are known), else what the declarations at hand tell. A reporter with no record at all is typical.
-#}
with

flows as (

    select * from {{ ref('int_trade__paired_declarations') }}

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
    coalesce(of_value.relative_error, weighed.relative_error, 1) as value_error,
    coalesce(of_quantity.relative_error, weighed.relative_error, 1) as quantity_error
from reporters
left join {{ ref('int_trade__reporter_weights') }} as weighed
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
