{#-
    What a country ships of a mineral beside what it can have: its output, the largest figure of any stage that a
    publisher of `source_priority` printed, and what it bought in the same series. Grams of contained metal of all
    lines with tonnes. Output in gross weight is more than what is contained: it makes the exports look small, never
    large. Without a printed output above 0 nothing is told: a publisher that does not know a producer prints 0 as
    well.
-#}
with

flows as (

    select * from {{ ref('int_trade__classified_flows') }}
    where is_supply_of_metal and contained_g > 0

),

priorities as (

    select * from {{ ref('source_priority') }}
    where statistic = 'production'

),

printed as (

    select
        figures.mineral_id,
        figures.country_iso3,
        figures.reference_year,
        {{ exact_sum('figures.quantity_tonnes') }} * 1000000 as output_g
    from {{ ref('int_production__figures') }} as figures
    inner join priorities on figures.source_id = priorities.source_id
    where
        figures.statistic = 'production'
        and figures.country_iso3 is not null
        and figures.quantity_tonnes is not null
    group by
        figures.mineral_id, figures.country_iso3, figures.reference_year, figures.source_id,
        figures.edition, figures.stage, figures.basis

),

outputs as (

    select
        mineral_id,
        country_iso3,
        reference_year,
        max(output_g) as output_g
    from printed
    group by mineral_id, country_iso3, reference_year

),

sides as (

    select
        edition,
        series_id,
        mineral_id,
        exporter_iso3 as country_iso3,
        reference_year,
        contained_g as exported_g,
        0 as imported_g
    from flows
    union all
    select
        edition,
        series_id,
        mineral_id,
        importer_iso3 as country_iso3,
        reference_year,
        0 as exported_g,
        contained_g as imported_g
    from flows

),

traded as (

    select
        edition,
        series_id,
        mineral_id,
        country_iso3,
        reference_year,
        cast(sum(exported_g) as bigint) as exported_g,
        cast(sum(imported_g) as bigint) as imported_g
    from sides
    group by edition, series_id, mineral_id, country_iso3, reference_year

)

select
    traded.edition,
    traded.series_id,
    traded.mineral_id,
    traded.country_iso3,
    traded.reference_year,
    traded.exported_g,
    traded.imported_g,
    outputs.output_g,
    case
        when outputs.output_g > 0
            then traded.exported_g / (outputs.output_g + traded.imported_g)
    end as exports_over_supply
from traded
left join outputs
    on
        traded.mineral_id = outputs.mineral_id
        and traded.country_iso3 = outputs.country_iso3
        and traded.reference_year = outputs.reference_year
