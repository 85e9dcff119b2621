{#-
    The one home of `as_of`: what was out by then. Staging says it once of every table that an edition or a
    dated event carries, so that no later model sees, counts or ranks what was not out yet.
-#}
{% macro known_by_as_of(dated_by='released_on') -%}
    {{ dated_by }} <= cast('{{ var("as_of") }}' as date)
{%- endmacro %}

{#- The same for a table that names its edition and not the day. -#}
{% macro of_known_editions(source_id) -%}
    edition in (
        select known.edition
        from {{ lake('reference', 'edition') }} as known
        where known.source_id = '{{ source_id }}' and {{ known_by_as_of('known.released_on') }}
    )
{%- endmacro %}
