{#-
    Whom an exporter sells a stage to, and in which place. What is sold is what the destination buys: it stands in
    `int_trade__origin_set_rows`.
-#}
with

exports as (

    select * from {{ ref('int_trade__exports_by_destination') }}
    where destination_number is not null

),

exporter_years as (

    select * from {{ ref('int_trade__exporter_years') }}

),

importer_years as (

    select * from {{ ref('int_trade__importer_years') }}

)

select
    exporter_years.exporter_year_number,
    exports.destination_number,
    exports.destination_rank,
    importer_years.origin_set_number
from exports
inner join exporter_years
    on
        exports.series_number = exporter_years.series_number
        and exports.reference_year = exporter_years.reference_year
        and exports.exporter_number = exporter_years.exporter_number
inner join importer_years
    on
        exports.series_number = importer_years.series_number
        and exports.reference_year = importer_years.reference_year
        and exports.destination_number = importer_years.importer_number
order by exporter_years.exporter_year_number, exports.destination_number
