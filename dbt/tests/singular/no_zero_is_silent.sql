{{ config(meta={'dagster': {'ref': {'name': 'mart_coverage'}}}) }}
{#-
    No table of the release holds a 0 that nobody can account for: by `zero_evidence` a printed zero, a sum of
    such, a difference of equal figures, an end of a range, a count, an assumption of ours, or nothing recorded
    in a series that holds the rest. Every column of numbers is looked at; one that has no row of evidence may
    hold no 0 at all, so that a new column can't slip by. One row per column with such zeros.
-#}
{%- set tables = [
    'bridge_bloc_member', 'bridge_control_hs_line', 'bridge_critical_list_member',
    'bridge_mineral_host', 'dim_country', 'dim_edition', 'dim_hs_line', 'dim_mineral', 'dim_name',
    'dim_party', 'dim_source', 'dim_stage', 'fct_capacity', 'fct_demand', 'fct_export_control',
    'fct_export_control_slice', 'fct_governance', 'fct_net_import_reliance', 'fct_price',
    'fct_production', 'fct_reserve', 'fct_supply_outlook', 'fct_trade', 'fct_trade_agreement',
    'fct_us_import_source', 'fct_us_trade', 'mart_assumption', 'mart_byproduct_dependence',
    'mart_claim_check', 'mart_coalition', 'mart_coverage', 'mart_dependency_view',
    'mart_disruption', 'mart_diversification',
    'mart_edition_revision', 'mart_export_control_exposure', 'mart_export_share',
    'mart_import_dependency', 'mart_import_evidence', 'mart_import_share_disagreement',
    'mart_n_minus_1', 'mart_net_import_reliance', 'mart_price_change',
    'mart_production_share', 'mart_reserve_share',
    'mart_sector_exposure', 'mart_source_disagreement', 'mart_supplier_concentration',
    'mart_supply_risk', 'mart_us_trade_change'
] -%}
{%- set rules = {} -%}
{%- set asked = [] -%}
{%- for table in tables -%}
    {%- set relation = ref(table) -%}
{%- endfor -%}
{%- set seed = ref('zero_evidence') -%}
{%- if execute -%}
    {%- set schema = ref('mart_coverage').schema -%}
    {%- for found in run_query(
        "select table_name from information_schema.tables where table_schema = '" ~ schema ~ "'"
    ).rows -%}
        {%- if found[0] not in tables -%}
            {%- do exceptions.raise_compiler_error(
                found[0] ~ ': no_zero_is_silent does not look at it; add it to the list of the test'
            ) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- for rule in run_query('select model_name, column_name, evidence from ' ~ seed).rows -%}
        {%- do rules.update({rule[0] ~ '.' ~ rule[1]: rule[2] or 'true'}) -%}
    {%- endfor -%}
    {%- for table in tables -%}
        {%- set numbers = [] -%}
        {%- for column in adapter.get_columns_in_relation(ref(table)) -%}
            {%- if column.is_number() -%}
                {%- do numbers.append(column.name) -%}
            {%- endif -%}
        {%- endfor -%}
        {%- if numbers -%}
            {%- do asked.append([table, numbers]) -%}
        {%- endif -%}
    {%- endfor -%}
{%- endif %}
with

{% for table, numbers in asked %}
of_{{ table }} as (

    select
        {%- for column in numbers %}
        {%- set evidence = rules.get(table ~ '.' ~ column, 'false') %}
        mart.{{ column }} = 0 and not coalesce({{ evidence }}, false) as {{ column }}
        {{- ',' if not loop.last }}
        {%- endfor %}
    from {{ ref(table) }} as mart

),

counted_{{ table }} as materialized (

    select
        {%- for column in numbers %}
        count(case when {{ column }} then 1 end) as {{ column }}
        {{- ',' if not loop.last }}
        {%- endfor %}
    from of_{{ table }}

),

{% endfor %}
found as (

    {% for table, numbers in asked %}
    {%- set last_table = loop.last %}
    {%- for column in numbers %}
    select
        '{{ table }}' as model_name,
        '{{ column }}' as column_name,
        {{ column }} as silent_zero_count
    from counted_{{ table }}
    {{ 'union all' if not (last_table and loop.last) }}
    {%- endfor %}
    {%- endfor %}
    {%- if not asked %}
    select
        cast(null as varchar) as model_name,
        cast(null as varchar) as column_name,
        0 as silent_zero_count
    {%- endif %}

)

select *
from found
where silent_zero_count > 0
