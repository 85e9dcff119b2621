{#-
    Steps of a `with` that has `parties` and `pools`, the last of them `imports`: imports weighed by how unstable their
    origins are, in kilograms as shipped and in grams of metal. One row per importer, pool of lines that answers for
    its mineral and stage, and year with world production. A flow inside the importing bloc is part of its imports and
    weighs nothing. Origins without an estimate of governance are summed apart.
-#}
{% macro weighted_imports() -%}
origin_imports as (

    select * from {{ ref('int_trade__imports_by_origin') }}
    where not is_bloc_origin

),

governance as (

    select * from {{ ref('fct_governance') }}
    where is_current_edition and indicator = 'political_stability'

),

production_years as (

    select distinct reference_year
    from {{ ref('int_production__shares') }}
    where is_headline and is_current_edition and quantity_tonnes is not null

),

instability as (

    select
        parties.party_number,
        governance.edition,
        governance.reference_year,
        governance.political_instability
    from governance
    inner join parties on governance.country_iso3 = parties.party_id
    where governance.political_instability is not null

),

imports_with_instability as (

    select
        origin_imports.*,
        instability.edition as governance_edition,
        case
            when origin_imports.is_inside then 0
            else instability.political_instability
        end as instability
    from origin_imports
    inner join pools
        on {{ same_key('origin_imports', 'pools', ['series_number', 'reference_year']) }}
    inner join production_years
        on origin_imports.reference_year = production_years.reference_year
    left join instability
        on
            origin_imports.origin_number = instability.party_number
            and origin_imports.reference_year = instability.reference_year

),

imports as (

    select
        series_number,
        cast(reference_year as integer) as reference_year,
        importer_number,
        max(governance_edition) as governance_edition,
        cast(sum(value_usd) as bigint) as value_usd,
        cast(sum(value_weighed_usd) as bigint) as value_gross_usd,
        cast(sum(value_contained_usd) as bigint) as value_contained_usd,
        cast(sum(outlier_kg) as bigint) as outlier_kg,
        cast(sum(quantity_kg) as bigint) as quantity_kg,
        cast(sum(case when is_inside then quantity_kg else 0 end) as bigint) as inside_kg,
        {{ exact_sum('instability * quantity_kg') }} as weighed_kg,
        cast(sum(case when instability is null then quantity_kg else 0 end) as bigint)
            as without_governance_kg,
        cast(sum(contained_g) as bigint) as contained_g,
        cast(sum(case when is_inside then contained_g else 0 end) as bigint) as inside_g,
        {{ exact_sum('instability * contained_g') }} as weighed_g,
        cast(sum(case when instability is null then contained_g else 0 end) as bigint)
            as without_governance_g
    from imports_with_instability
    group by series_number, reference_year, importer_number

)
{%- endmacro %}
