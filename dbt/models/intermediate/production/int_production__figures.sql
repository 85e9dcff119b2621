{#-
    Production, capacity and reserves of every source in one shape, told apart by `statistic`: what is
    done with a world table (total, edition, share) has one home. A new source adds a row to the list.
-#}
{% set sources = [
    ('stg_usgs_mcs__production', 'production'),
    ('stg_usgs_mcs__capacities', 'capacity'),
    ('stg_usgs_mcs__reserves', 'reserve'),
    ('stg_iea_critical_minerals__production', 'production'),
    ('stg_usgs_outlook__production', 'production'),
    ('stg_usgs_outlook__capacities', 'capacity'),
] -%}
with

printed_figures as (

    {%- for source, statistic in sources %}
    select
        *,
        '{{ statistic }}' as statistic
    from {{ ref(source) }}
    {{ 'union all' if not loop.last }}
    {%- endfor %}

)

select
    source_id,
    edition,
    released_on,
    statistic,
    source_file,
    file_row,
    source_row_id,
    published_commodity,
    published_stage,
    published_country,
    published_value,
    published_unit,
    mineral_id,
    stage,
    form,
    basis,
    geography_kind,
    geography_id,
    country_iso3,
    reference_year,
    quantity_tonnes,
    quantity_tonnes_lower,
    quantity_tonnes_upper,
    value_status,
    -- A publisher that marks nothing as estimated does not say that nothing is.
    case
        when
            bool_or(is_estimated) over (partition by source_id, edition)
            and coalesce(quantity_tonnes, quantity_tonnes_lower, quantity_tonnes_upper) is not null
            then is_estimated
    end as is_estimated,
    derivation,
    excluded_producers
from printed_figures
