{#-
    Steps of `mart_coalition`: the supplier's share of what each party buys by who made it and by who mined it,
    from `numbered`. A maker that the source names and that nothing is traced to has 0, one that it does not name
    has none.
-#}
{% macro supplier_views() -%}
-- Where the source of a graph has no figure of the supplier, its part is not known, and no 0.
named_suppliers as (

    select
        graphs.graph_number,
        {%- for view in ['refiner', 'mine'] %}
        coalesce(bool_or({{ view }}_made.is_named), false) as is_{{ view }}_named,
        {%- endfor %}
        max(supplier.party_number) as supplier_number
    from {{ ref('int_look_through__graphs') }} as graphs
    inner join numbered as supplier on supplier.party_id = '{{ threshold('coalition_supplier') }}'
    left join {{ ref('int_look_through__node_balances') }} as refiner_made
        on
            graphs.graph_number = refiner_made.graph_number
            and supplier.party_number = refiner_made.party_number
    left join {{ ref('int_look_through__node_balances') }} as mine_made
        on
            case
                when graphs.stage = 'mine' then graphs.graph_number else graphs.feed_graph_number
            end = mine_made.graph_number
            and supplier.party_number = mine_made.party_number
    where graphs.role = 'traded'
    group by graphs.graph_number

),

-- What is looked through is imports by mass.
traced_shares as (

    select
        {%- for view in ['refiner', 'mine'] %}
        questions.{{ view }}_null_reason,
        max(shares.{{ view }}_origin_share) is not null as is_{{ view }}_traced,
        coalesce(
            max(
                case
                    when shares.origin_number = named_suppliers.supplier_number
                        then shares.{{ view }}_origin_share
                end
            ),
            max(case when named_suppliers.is_{{ view }}_named then 0 end)
        ) as {{ view }}_origin_share,
        {%- endfor %}
        questions.party_number,
        questions.mineral_id,
        questions.stage,
        questions.reference_year
    from {{ ref('int_look_through__importer_cases') }} as questions
    left join {{ ref('int_look_through__origin_shares') }} as shares
        on
            case when questions.null_reason is null then questions.graph_number end
            = shares.graph_number
            and questions.party_number = shares.party_number
            and questions.measure = shares.measure
            and questions.denominator = shares.denominator
    left join named_suppliers on questions.graph_number = named_suppliers.graph_number
    where
        questions.series_level = 'mineral_stage'
        and questions.denominator = 'imports'
        and questions.measure <> 'value'
    group by
        questions.party_number, questions.mineral_id, questions.stage, questions.reference_year,
        questions.refiner_null_reason, questions.mine_null_reason

),

looked_through as (

    select
        {%- for view, not_named in {
            'refiner': 'refiner_not_named', 'mine': 'miner_not_named'
        }.items() %}
        -- All that it buys is still under way, or comes from where no maker is named: no 0.
        case
            when {{ view }}_null_reason is not null then {{ view }}_null_reason
            when not is_{{ view }}_traced then 'no_origin_traced'
            when {{ view }}_origin_share is null then '{{ not_named }}'
        end as {{ view }}_null_reason,
        case
            when {{ view }}_null_reason is null and is_{{ view }}_traced
                then {{ view }}_origin_share
        end as {{ view }}_origin_share,
        {%- endfor %}
        party_number,
        mineral_id,
        stage,
        reference_year
    from traced_shares

)
{%- endmacro %}
