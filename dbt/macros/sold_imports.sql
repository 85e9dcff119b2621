{#-
    Step of a `with`: imports as what their origins sell to the world, in the series that answers for the year. A bloc's
    exports are those that leave it.
-#}
{% macro sold_imports() -%}
-- Eurostat knows only what the EU's members buy: nobody's exports. What importers alone declare tells
-- what they buy, not what is sold to the world.
sales as (

    select
        imports.*,
        series_years.series_year_number,
        series_years.series_level,
        series_years.stage
    from {{ ref('int_trade__imports_by_origin') }} as imports
    inner join {{ ref('int_trade__series_by_year') }} as series_years
        on
            imports.series_number = series_years.series_number
            and imports.reference_year = series_years.reference_year
    left join {{ ref('int_trade__bloc_members_by_year') }} as own
        on
            imports.origin_number = own.bloc_number
            and imports.importer_number = own.member_number
            and imports.reference_year = own.reference_year
    where
        series_years.is_current_series
        and series_years.has_world_exports
        and not imports.is_code_drift
        and own.bloc_number is null
        -- A buying bloc may share members with a selling one: what stays inside is not sold.
        and not (imports.is_bloc_importer and imports.is_bloc_origin)

)
{%- endmacro %}
