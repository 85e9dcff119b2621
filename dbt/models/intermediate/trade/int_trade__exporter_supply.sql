{#-
    What a country ships of a mineral beside what it can have: its output, the largest figure that any
    publisher printed of any stage, and what it bought in the same series. Contained metal of all lines with tonnes. Output in gross weight is more than what is contained:
    it makes the exports look small, never large. Without a printed output above 0 nothing is told: a publisher
    that does not know a producer prints 0 as well.
-#}
with

flows as (

    select * from {{ ref('int_trade__goods_flows') }}
    where contained_tonnes > 0

),

printed as (

    select
        mineral_id,
        country_iso3,
        reference_year,
        {{ exact_sum('quantity_tonnes') }} as output_tonnes
    from {{ ref('int_production__figures') }}
    where statistic = 'production' and country_iso3 is not null and quantity_tonnes is not null
    group by mineral_id, country_iso3, reference_year, source_id, edition, stage, basis

),

outputs as (

    select
        mineral_id,
        country_iso3,
        reference_year,
        max(output_tonnes) as output_tonnes
    from printed
    group by mineral_id, country_iso3, reference_year

),

shipped as (

    select
        edition,
        series_id,
        mineral_id,
        exporter_iso3 as country_iso3,
        reference_year,
        {{ exact_sum('contained_tonnes') }} as exported_tonnes
    from flows
    group by edition, series_id, mineral_id, exporter_iso3, reference_year

),

bought as (

    select
        edition,
        series_id,
        mineral_id,
        importer_iso3 as country_iso3,
        reference_year,
        {{ exact_sum('contained_tonnes') }} as imported_tonnes
    from flows
    group by edition, series_id, mineral_id, importer_iso3, reference_year

),

traded as (

    select
        coalesce(shipped.edition, bought.edition) as edition,
        coalesce(shipped.series_id, bought.series_id) as series_id,
        coalesce(shipped.mineral_id, bought.mineral_id) as mineral_id,
        coalesce(shipped.country_iso3, bought.country_iso3) as country_iso3,
        coalesce(shipped.reference_year, bought.reference_year) as reference_year,
        coalesce(shipped.exported_tonnes, 0) as exported_tonnes,
        coalesce(bought.imported_tonnes, 0) as imported_tonnes
    from shipped
    full outer join bought
        on
            shipped.edition = bought.edition
            and shipped.series_id = bought.series_id
            and shipped.mineral_id = bought.mineral_id
            and shipped.country_iso3 = bought.country_iso3
            and shipped.reference_year = bought.reference_year

)

select
    traded.edition,
    traded.series_id,
    traded.mineral_id,
    traded.country_iso3,
    traded.reference_year,
    traded.exported_tonnes,
    traded.imported_tonnes,
    outputs.output_tonnes,
    case
        when outputs.output_tonnes > 0
            then traded.exported_tonnes / (outputs.output_tonnes + traded.imported_tonnes)
    end as exports_over_supply
from traded
left join outputs
    on
        traded.mineral_id = outputs.mineral_id
        and traded.country_iso3 = outputs.country_iso3
        and traded.reference_year = outputs.reference_year
