{#-
    Last step of a mart: the rows of `final` and, beside each id of a country, bloc or mineral, its name. Which
    names a mart has is said once, in its contract: `importer_name` names `importer_id`, `country_name`
    `country_iso3`; those that `final` has already are `named`. A null id has a null name. Unit tests are of figures and leave the names out;
    tests/golden/test_names.py compares all of them with the list. See docs/decisions/0019-names-beside-ids.md.
-#}
{%- macro with_names(named=[]) -%}
    {%- set ids = {} -%}
    {%- if model.resource_type == 'model' -%}
        {%- set names = ref('int_reference__names') -%}
        {%- for column in model.columns if column.endswith('_name') and column not in ['bloc_name'] + named -%}
            {%- for id in [column[:-5] ~ '_id', column[:-5] ~ '_iso3'] if id in model.columns -%}
                {%- do ids.update({column: id}) -%}
            {%- endfor -%}
        {%- endfor -%}
    {%- endif -%}
    select
        final.*
        {%- for column in ids %},
        cast({{ column }}s.name as varchar) as {{ column }}
        {%- endfor %}
    from final
    {%- for column, id in ids.items() %}
    left join {{ names }} as {{ column }}s on final.{{ id }} = {{ column }}s.named_id
    {%- endfor %}
{%- endmacro %}
