{#-
    Shares of contained tonnes in pools of several lines, had the factors been those of a corner: one factor for
    all cargo under a key, whoever ships it.
-#}
with

imports as (

    select * from {{ ref('int_trade__imports_by_origin') }}
    where not is_inside and contained_g is not null

),

totals as (

    select * from {{ ref('int_trade__importer_totals') }}
    where contained_g > 0

),

pools as (

    select * from {{ ref('int_trade__series_attributes') }}
    where series_level = 'mineral_stage' and line_count > 1

),

corners as (

    select * from {{ ref('int_trade__pool_factor_corners') }}

),

weighed as (

    select
        imports.series_number,
        imports.reference_year,
        imports.importer_number,
        imports.origin_number,
        {%- for side in ['imports', 'totals'] %}
        (
            coalesce({{ side }}.fixed_g, 0)
            {%- for number in range(1, 5) %}
            + coalesce({{ side }}.ranged_{{ number }}_kg, 0) * 1000 * corners.factor_{{ number }}
            {%- endfor %}
        ) as {{ side }}_g,
        {%- endfor %}
        corners.corner
    from imports
    inner join pools on imports.series_number = pools.series_number
    inner join totals
        on
            imports.series_number = totals.series_number
            and imports.reference_year = totals.reference_year
            and imports.importer_number = totals.importer_number
    inner join corners on imports.series_number = corners.pool_number

)

select
    series_number,
    reference_year,
    importer_number,
    origin_number,
    corner,
    imports_g / totals_g as quantity_share
from weighed
where totals_g > 0
