{#-
    Steps of a `with`: the US consumption that secondary supply and stocks are divided by, and which kind it is. One row
    per edition, place of print, mineral, form and year. A figure stands before a token; among figures apparent
    consumption first.
-#}
{% macro us_consumptions() -%}
ordered_consumptions as (

    select
        *,
        row_number() over (
            partition by source_id, edition, published_in, mineral_id, form, reference_year
            order by
                (coalesce(quantity_tonnes, quantity_tonnes_upper) is not null) desc,
                case statistic
                    when 'apparent_consumption' then 1
                    when 'estimated_consumption' then 2
                    else 3
                end asc
        ) as consumption_order
    from {{ ref('fct_us_supply') }}
    where
        statistic in ('apparent_consumption', 'estimated_consumption', 'reported_consumption')

),

consumptions as (

    select
        source_id,
        edition,
        published_in,
        mineral_id,
        form,
        reference_year,
        replace(statistic, '_consumption', '') as consumption_basis,
        quantity_tonnes as consumption_tonnes,
        coalesce(quantity_tonnes_lower, quantity_tonnes) as consumption_tonnes_lower,
        coalesce(quantity_tonnes_upper, quantity_tonnes) as consumption_tonnes_upper,
        value_status as consumption_status,
        is_estimated as is_consumption_estimated,
        source_row_id as consumption_source_row_id,
        {{ edition_age(['source_id', 'published_in', 'mineral_id', 'form', 'reference_year']) }} = 1
            as is_current_edition
    from ordered_consumptions
    where consumption_order = 1

)
{%- endmacro %}
