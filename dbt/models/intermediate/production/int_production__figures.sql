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
{% for source, statistic in sources %}
select
    *,
    '{{ statistic }}' as statistic
from {{ ref(source) }}
{{ 'union all' if not loop.last }}
{% endfor %}
