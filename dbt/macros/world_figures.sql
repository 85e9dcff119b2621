{#-
    World figures of one statistic (production, capacity, reserve) with their passport and the chosen
    edition. The body of `fct_production`, `fct_capacity` and `fct_reserve`, which have one shape.
-#}
{% macro world_figures(statistic) -%}
with

figures as (

    select * from {{ ref('int_production__figures') }}
    where statistic = '{{ statistic }}'

),

totals as (select * from {{ ref('int_production__world_totals') }}),

final as (

    select
        figures.*,
        totals.is_current_edition
    from figures
    inner join totals
        on
            figures.source_id = totals.source_id
            and figures.edition = totals.edition
            and figures.statistic = totals.statistic
            and figures.mineral_id = totals.mineral_id
            and figures.stage = totals.stage
            and figures.form = totals.form
            and figures.basis = totals.basis
            and figures.reference_year = totals.reference_year

)

{{ contract_columns() }}
order by
    source_id, edition, mineral_id, stage, form, basis, reference_year, geography_id
{%- endmacro %}
