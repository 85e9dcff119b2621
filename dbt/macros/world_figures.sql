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

totals as (

    select * from {{ ref('int_production__world_totals') }}

),

final as (

    select
        cast(figures.source_row_id as varchar) as source_row_id,
        cast(figures.source_id as varchar) as source_id,
        cast(figures.edition as varchar) as edition,
        cast(figures.released_on as date) as released_on,
        cast(totals.is_current_edition as boolean) as is_current_edition,
        cast(figures.mineral_id as varchar) as mineral_id,
        cast(figures.stage as varchar) as stage,
        cast(figures.form as varchar) as form,
        cast(figures.basis as varchar) as basis,
        cast(figures.geography_kind as varchar) as geography_kind,
        cast(figures.geography_id as varchar) as geography_id,
        cast(figures.country_iso3 as varchar) as country_iso3,
        cast(figures.reference_year as integer) as reference_year,
        cast(figures.quantity_tonnes as double) as quantity_tonnes,
        cast(figures.quantity_tonnes_lower as double) as quantity_tonnes_lower,
        cast(figures.quantity_tonnes_upper as double) as quantity_tonnes_upper,
        cast(figures.value_status as varchar) as value_status,
        cast(figures.is_estimated as boolean) as is_estimated,
        cast(figures.derivation as varchar) as derivation,
        cast(figures.excluded_producers as varchar) as excluded_producers,
        cast(figures.published_commodity as varchar) as published_commodity,
        cast(figures.published_stage as varchar) as published_stage,
        cast(figures.published_country as varchar) as published_country,
        cast(figures.published_value as varchar) as published_value,
        cast(figures.published_unit as varchar) as published_unit,
        cast(figures.source_file as varchar) as source_file
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
