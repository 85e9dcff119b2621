{#- The only way to the lake: a source table, whatever engine reads the Parquet behind it. -#}
{% macro lake(source_name, table_name) -%}
    {{ return(adapter.dispatch('lake', 'chokepoint')(source_name, table_name)) }}
{%- endmacro %}

{% macro default__lake(source_name, table_name) -%}
    {{ return(source(source_name, table_name)) }}
{%- endmacro %}

{#- Spark reads the file by its path: that of the sources in dbt_project.yml, of which dbt-duckdb fills in the names. -#}
{% macro spark__lake(source_name, table_name) -%}
    {%- do source(source_name, table_name) -%}
    {%- if execute -%}
        {%- set id = ['source', project_name, source_name, table_name] | join('.') -%}
        {%- set read = graph.sources[id].config.external_location -%}
        {%- set read = read | replace('{schema}', source_name) | replace('{name}', table_name) -%}
        {%- set read = read | replace("read_parquet('", 'parquet.`') | replace("')", '`') -%}
        {{ return(read | replace('s3://', 's3a://')) }}
    {%- endif -%}
{%- endmacro %}
