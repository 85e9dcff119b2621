{#-
    The newest year of rows of `int_trade__series_by_year` in which a series answers that holds everybody's imports; only
    where none does, the newest of a series of one bloc. Eurostat's year is out months before BACI's: asked of
    it, nobody outside the EU would have an answer.
-#}
{% macro newest_trade_year() -%}
coalesce(max(case when importer_bloc_id is null then reference_year end), max(reference_year))
{%- endmacro %}
