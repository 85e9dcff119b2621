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
    sales.importer_number as destination_number,
    case
        when not sales.is_bloc_importer
            then
                rank() over (
                    partition by exporter_years.exporter_year_number, sales.is_bloc_importer
                    order by sales.value_usd desc
                )
    end as destination_rank,
    importer_years.origin_set_number
from sales
inner join exporter_years
    on
        sales.series_year_number = exporter_years.series_year_number
        and sales.origin_number = exporter_years.exporter_number
inner join importer_years
    on {{ same_key('sales', 'importer_years', ['series_year_number', 'importer_number']) }}
where sales.series_level = 'mineral_stage'
order by exporter_years.exporter_year_number, destination_number
