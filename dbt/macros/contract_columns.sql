{#-
    Last step of a mart: of `final` the columns of the mart's contract, each in its type, and beside each id of a
    country, bloc or mineral its name. Columns, types and names are said once, in the contract: `importer_name`
    names `importer_id`, `country_name` `country_iso3`; those that `final` has already are `named`. A null id has a
    null name. dbt shows a unit test no contract: it sees `final` as it is, without names;
    tests/golden/test_names.py compares all of them with the list. See docs/decisions/0019-names-beside-ids.md.
    `where_known` has conditions of columns, which are null elsewhere; a unit test does not see it either, and
    tests/golden/test_booleans.py does.
-#}
{%- macro contract_columns(named=[], where_known={}) -%}
    {%- set casts = [] -%}
    {%- set joins = [] -%}
    {%- if model.resource_type == 'model' -%}
        {%- set list = ref('stg_reference__names') -%}
        {%- for name, column in model.columns.items() -%}
            {%- set ids = [name[:-5] ~ '_id', name[:-5] ~ '_iso3'] | select('in', model.columns) | list -%}
            {%- if name.endswith('_name') and name not in ['bloc_name'] + named and ids -%}
                {%- do casts.append('cast(' ~ name ~ 's.name as string) as ' ~ name) -%}
                {%- do joins.append(
                    'left join ' ~ list ~ ' as ' ~ name ~ 's on final.' ~ ids[0] ~ ' = ' ~ name ~ 's.named_id'
                ) -%}
            {%- elif name in where_known -%}
                {%- do casts.append(
                    'cast(case when ' ~ where_known[name] ~ ' then final.' ~ name ~ ' end as ' ~ column.data_type
                    ~ ') as ' ~ name
                ) -%}
            {%- else -%}
                {%- do casts.append('cast(final.' ~ name ~ ' as ' ~ column.data_type ~ ') as ' ~ name) -%}
            {%- endif -%}
        {%- endfor -%}
    {%- endif -%}
    select
        {{ casts | join(',\n        ') or 'final.*' }}
    from final
    {{ joins | join('\n    ') }}
{%- endmacro %}
