{#-
    Rows of imports whose line another series of the publisher contradicts. A pool is contradicted where one of
    its lines is.
-#}
with

contradicted as (

    select * from {{ ref('int_trade__series_conflicts') }}

),

series as (

    select * from {{ ref('int_trade__series_attributes') }}

),

-- Lines of each pool, with those that have goods of its stage under their code.
pooled_lines as (

    select distinct
        pool_number,
        line_number
    from {{ ref('int_trade__measured_flows') }}
    where is_current_edition and pool_number is not null

)

select distinct
    series.series_number,
    contradicted.reference_year,
    contradicted.importer_number,
    contradicted.origin_number
from contradicted
inner join series on contradicted.hs6 = series.hs6
union
select distinct
    pooled_lines.pool_number as series_number,
    contradicted.reference_year,
    contradicted.importer_number,
    contradicted.origin_number
from contradicted
inner join series on contradicted.hs6 = series.hs6
inner join pooled_lines on series.series_number = pooled_lines.line_number
