{#-
    Step of a `with`: what the look-through takes as production, or why there is none, in every year. A year of trade
    after the last that the seed lists goes as that one does, until a row of its own says otherwise; what no publisher
    prints yet stays unknown. `is_answered`: without those that have no production.
-#}
{% macro look_through_cells(is_answered=false) -%}
listed_cells as (

    select
        *,
        max(reference_year) over (partition by mineral_id, stage) as last_listed_year
    from {{ ref('look_through_cell') }}

),

cell_years as (

    select reference_year from {{ ref('int_trade__series_by_year') }}
    union
    select reference_year from {{ ref('look_through_cell') }}

),

cells as (

    select
        listed.mineral_id,
        listed.stage,
        years.reference_year,
        listed.measure,
        listed.production_source_id,
        listed.production_form,
        listed.production_basis,
        listed.total_source_id,
        listed.total_stage,
        listed.total_form,
        listed.total_basis,
        listed.is_wider_than_lines,
        listed.feed_source_id,
        listed.feed_form,
        listed.feed_basis,
        listed.feed_factor_key,
        listed.null_reason,
        listed.refiner_null_reason,
        listed.mine_null_reason
    from listed_cells as listed
    inner join cell_years as years
        on
            listed.reference_year = years.reference_year
            or (
                listed.reference_year = listed.last_listed_year
                and listed.reference_year < years.reference_year
            )
    {% if is_answered %}where listed.null_reason is null{% endif %}

)
{%- endmacro %}

{#-
    Step of a `with`, after `cells`: which row of production is a country's output in each role: a stage's own output
    (`traded`), on another source's total where one is named, and the mined ore that feeds it.
-#}
{% macro look_through_outputs() -%}
output_cells as (

    select
        'traded' as role,
        mineral_id,
        stage,
        reference_year,
        production_source_id as source_id,
        stage as produced_stage,
        production_form as form,
        production_basis as basis,
        total_source_id,
        total_stage,
        total_form,
        total_basis
    from cells
    where production_source_id is not null
    union all by name
    select
        'feed' as role,
        mineral_id,
        stage,
        reference_year,
        feed_source_id as source_id,
        'mine' as produced_stage,
        feed_form as form,
        feed_basis as basis
    from cells
    where feed_source_id is not null

)
{%- endmacro %}
