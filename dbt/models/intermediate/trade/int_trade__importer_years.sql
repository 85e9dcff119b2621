{#-
    Importers by series and year, and which set of origins is theirs. A pool of one line mostly has the very rows
    of the line: they are kept once, under the first number that has them.
-#}
with

imports as (

    select * from {{ ref('int_trade__imports_by_origin') }}

),

series_years as (

    select * from {{ ref('int_trade__series_by_year') }}

),

stages as (

    select * from {{ ref('stg_reference__stages') }}

),

hashed as (

    select
        imports.importer_number,
        imports.series_number,
        imports.reference_year,
        sum(
            cast(
                hash(
                    imports.origin_number, imports.value_usd, imports.quantity_kg,
                    imports.contained_g, imports.contained_low_g, imports.contained_high_g,
                    imports.outlier_kg, imports.value_weighed_usd, imports.origin_rank,
                    imports.is_inside, imports.is_code_drift, imports.has_double_count,
                    coalesce(imports.first_stage_order <> imports.last_stage_order, false),
                    nullif(stages.stage, series_years.stage)
                ) as hugeint
            )
        ) as rows_hash
    from imports
    inner join series_years
        on
            imports.series_number = series_years.series_number
            and imports.reference_year = series_years.reference_year
    left join stages
        on
            imports.first_stage_order = stages.stage_order
            and imports.last_stage_order = stages.stage_order
    group by imports.importer_number, imports.series_number, imports.reference_year

),

numbered as (

    select
        hashed.*,
        series_years.series_year_number,
        cast(
            row_number() over (
                order by hashed.importer_number, series_years.series_year_number
            ) as integer
        ) as importer_year_number,
        -- What is shared by metal has more to a row than its imports.
        case
            when series_years.quantity_basis = 'contained' then series_years.series_year_number
        end as own_number
    from hashed
    inner join series_years
        on
            hashed.series_number = series_years.series_number
            and hashed.reference_year = series_years.reference_year

)

select
    importer_year_number,
    importer_number,
    series_year_number,
    series_number,
    reference_year,
    min(importer_year_number) over (
        partition by importer_number, reference_year, own_number, rows_hash
    ) as origin_set_number
from numbered
order by importer_year_number
