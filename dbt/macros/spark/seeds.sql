{#- Rows of a seed as literals: dbt-spark puts a text with an apostrophe between apostrophes as it is. -#}
{% macro spark__load_csv_rows(model, agate_table) %}
    {%- set types = model.config.column_types -%}
    {%- set statement_text -%}
        insert into {{ this }} values
        {%- for row in agate_table.rows %}
        (
            {%- for name in agate_table.column_names -%}
                {%- set value = row[name] -%}
                {%- set type = types.get(name) or adapter.convert_type(agate_table, loop.index0) -%}
                cast({{ spark_literal(value) }} as {{ type }})
                {{- ', ' if not loop.last }}
            {%- endfor -%}
        ){{ ',' if not loop.last }}
        {%- endfor %}
    {%- endset -%}
    {%- do adapter.add_query(statement_text, abridge_sql_log=True) -%}
    {{ return(statement_text) }}
{% endmacro %}

{#- A text that Spark reads as it stands here: backslash and apostrophe are escaped. -#}
{% macro spark_literal(value) -%}
    {%- if value is none -%}
        null
    {%- else -%}
        '{{ value | string | replace("\\", "\\\\") | replace("'", "\\'") }}'
    {%- endif -%}
{%- endmacro %}

{#- What contracts state is held by tests: Parquet tables have no constraints. -#}
{% macro spark__persist_constraints(relation, model) -%}{%- endmacro %}
