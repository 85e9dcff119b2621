{#-
    How far two declarations of one flow lie apart, as |ln(importer's / exporter's)|: once by value (FOB against
    FOB), once by tonnes, which no freight blurs. Beyond a factor of `reconcile_discrepancy_ratio` further distance says
    nothing more: it is cut there. A flow of more than `reconcile_unmatched_minimum_usd` of which one side says
    nothing, though it declares others on the line, is the largest disagreement there is.
-#}
with

flows as (

    select * from {{ ref('int_trade__paired_declarations') }}

),

exporting as (

    select distinct
        exporter_iso3,
        hs6,
        reference_year
    from flows
    where exporter_value_usd is not null

),

importing as (

    select distinct
        importer_iso3,
        hs6,
        reference_year
    from flows
    where importer_value_usd is not null

),

unmatched as (

    select flows.*
    from flows
    inner join importing
        on
            flows.importer_iso3 = importing.importer_iso3
            and flows.hs6 = importing.hs6
            and flows.reference_year = importing.reference_year
    where
        flows.source_side = 'exporter'
        and flows.exporter_value_usd > {{ threshold('reconcile_unmatched_minimum_usd') }}
    union all
    select flows.*
    from flows
    inner join exporting
        on
            flows.exporter_iso3 = exporting.exporter_iso3
            and flows.hs6 = exporting.hs6
            and flows.reference_year = exporting.reference_year
    where
        flows.source_side = 'importer'
        and flows.importer_value_usd > {{ threshold('reconcile_unmatched_minimum_usd') }}

)

select
    exporter_iso3,
    importer_iso3,
    hs6,
    reference_year,
    'value' as measure,
    least(
        abs(ln(importer_value_fob_usd / exporter_value_usd)),
        ln({{ threshold('reconcile_discrepancy_ratio') }})
    ) as discrepancy
from flows
where source_side = 'both'
union all
select
    exporter_iso3,
    importer_iso3,
    hs6,
    reference_year,
    'quantity' as measure,
    least(
        abs(ln(importer_quantity_tonnes / exporter_quantity_tonnes)),
        ln({{ threshold('reconcile_discrepancy_ratio') }})
    ) as discrepancy
from flows
where exporter_quantity_tonnes > 0 and importer_quantity_tonnes > 0
union all
select
    exporter_iso3,
    importer_iso3,
    hs6,
    reference_year,
    'value' as measure,
    ln({{ threshold('reconcile_discrepancy_ratio') }}) as discrepancy
from unmatched
