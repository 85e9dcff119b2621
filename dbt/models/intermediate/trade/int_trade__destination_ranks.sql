{#-
    Whom an exporter sells a stage to, and in which place. What is sold is what the destination buys: it stands in
    `int_trade__origin_set_rows`.
-#}
with

{{ sold_imports() }},

exporter_years as (select * from {{ ref('int_trade__exporter_years') }}),
importer_years as (select * from {{ ref('int_trade__importer_years') }})

select
    exporter_years.exporter_year_number,
    sold.importer_number as destination_number,
    case
        when not sold.is_bloc_importer
            then
                rank() over (
                    partition by exporter_years.exporter_year_number, sold.is_bloc_importer
                    order by sold.value_usd desc
                )
    end as destination_rank,
    importer_years.origin_set_number
from sold
inner join exporter_years
    on
        sold.series_year_number = exporter_years.series_year_number
        and sold.origin_number = exporter_years.exporter_number
inner join importer_years
    on {{ same_key('sold', 'importer_years', ['series_year_number', 'importer_number']) }}
where sold.series_level = 'mineral_stage'
order by exporter_years.exporter_year_number, destination_number
