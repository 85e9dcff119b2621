{#-
    What a tonne of a line costs, two ways, in exporters' dollars.

    `agreed_unit_value`: the median of flows whose two declarations lie within `reconcile_same_cargo_ratio` of each
    other in dollars and in tonnes: nobody doubts those. Null with fewer than `reconcile_same_cargo_minimum_flows`
    of them, and on a line put together of several, where a tonne of gallium and one of germanium have no price
    in common.

    `median_unit_value`: the quantity-weighted median of every declaration, of either side.
-#}
with

flows as (

    select * from {{ ref('int_trade__paired_declarations') }}
    where is_reconcilable

),

put_together as (

    select distinct counted_under_hs6 as hs6
    from {{ ref('reconcile_merged_line') }}

),

agreed as (

    select
        hs6,
        reference_year,
        median(exporter_value_usd / exporter_quantity_tonnes) as agreed_unit_value
    from flows
    where
        least(
            exporter_value_usd, importer_value_usd,
            exporter_quantity_tonnes, importer_quantity_tonnes
        ) > 0
        and abs(ln(importer_value_usd / exporter_value_usd))
        < ln({{ threshold('reconcile_same_cargo_ratio') }})
        and abs(ln(importer_quantity_tonnes / exporter_quantity_tonnes))
        < ln({{ threshold('reconcile_same_cargo_ratio') }})
        and hs6 not in (select put_together.hs6 from put_together)
    group by hs6, reference_year
    having count(*) >= {{ threshold('reconcile_same_cargo_minimum_flows') }}

),

large as (

    select
        hs6,
        reference_year,
        exporter_quantity_tonnes as quantity_tonnes,
        exporter_value_usd / exporter_quantity_tonnes as unit_value
    from flows
    where exporter_quantity_tonnes > {{ threshold('unit_value_minimum_tonnes') }}
    union all
    select
        hs6,
        reference_year,
        importer_quantity_tonnes as quantity_tonnes,
        importer_value_usd / importer_quantity_tonnes as unit_value
    from flows
    where importer_quantity_tonnes > {{ threshold('unit_value_minimum_tonnes') }}

),

{{ weighted_medians('large', ['hs6', 'reference_year'], 'unit_value', 'quantity_tonnes') }}

select
    coalesce(medians.hs6, agreed.hs6) as hs6,
    coalesce(medians.reference_year, agreed.reference_year) as reference_year,
    agreed.agreed_unit_value,
    medians.median_unit_value
from medians
full outer join agreed
    on medians.hs6 = agreed.hs6 and medians.reference_year = agreed.reference_year
