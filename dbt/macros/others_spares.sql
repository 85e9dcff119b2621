{#-
    Steps of a `with`, the last of them `others`: what all others could make besides, where one country stops. One row per
    series and year of the first publisher and country that it names, one (`OTHER`) for any country that it does not, and
    one where nobody stops (`NOBODY`). What is certain of "rest" does not count without a country that may be in it,
    having no capacity of its own.
-#}
{% macro others_spares() -%}
{%- set key = ['mineral_id', 'stage', 'form', 'basis', 'reference_year'] -%}
spares as (

    select
        *,
        coalesce(country_iso3, 'REST') as place_id
    from {{ ref('int_production__spare_capacities') }}
    where is_first_publisher and geography_kind in ('country', 'rest')

),

left_out as (

    select
        {%- for column in key %}
        {{ column }},
        {%- endfor %}
        country_iso3,
        capacity_tonnes is null as may_be_rest
    from spares
    where geography_kind = 'country'
    union all
    select distinct
        {%- for column in key %}
        {{ column }},
        {%- endfor %}
        others.country_iso3,
        others.may_be_rest
    from spares
    cross join (values ('OTHER', true), ('NOBODY', false)) as others (country_iso3, may_be_rest)

),

others as (

    select
        {%- for column in key %}
        left_out.{{ column }},
        {%- endfor %}
        left_out.country_iso3,
        max(spares.source_id) as source_id,
        max(spares.capacity_edition) as capacity_edition,
        bool_or(spares.is_first_series) as is_first_series,
        {{ spare_at_least('spares.spare_tonnes_lower', 'not left_out.may_be_rest') }}
            as spare_tonnes_lower,
        {{ spare_at_most('spares.spare_tonnes_upper') }} as spare_tonnes_upper,
        {{ spare_estimated_share('spares.spare_tonnes_lower', 'not left_out.may_be_rest') }}
            as estimated_share,
        {{ spare_excluded('spares.place_id') }} as excluded_producers
    from left_out
    inner join spares
        on
            left_out.country_iso3 <> spares.place_id
            {%- for column in key %}
            and left_out.{{ column }} = spares.{{ column }}
            {%- endfor %}
    group by
        {%- for column in key %}
        left_out.{{ column }},
        {%- endfor %}
        left_out.country_iso3

)
{%- endmacro %}
