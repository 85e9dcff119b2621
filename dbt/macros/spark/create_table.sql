{#-
    A Python model reads DuckDB relations and gives an Arrow table, on both engines: on Spark what it reads is
    collected, so it must be small. dbt-spark would run it on Databricks alone. All else is dbt-spark's.
-#}
{% macro spark__create_table_as(temporary, relation, compiled_code, language='sql') -%}
{%- if language == 'python' -%}
{{ compiled_code }}

import duckdb

dbt = dbtObj(lambda table: duckdb.from_arrow(spark.table(table).toArrow()))
written = spark.createDataFrame(model(dbt, spark)).write.mode("overwrite").format("parquet")
written.saveAsTable("{{ relation }}")
{%- else -%}
{{ dbt.spark__create_table_as(temporary, relation, compiled_code, language) }}
{%- endif -%}
{%- endmacro %}
