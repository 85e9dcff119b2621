{#-
    Steps of `mart_headline`, CTEs: how much of its consumption of the goods an importer buys abroad, as a publisher
    prints it (of the goods of the stage, as `import_evidence_goods` matches them, else of all goods of the mineral),
    and what it sells of the same lines.
-#}
{% macro headline_own_supply() -%}
newest_reliance as (

    select
        *,
        row_number() over (
            partition by importer_id, mineral_id, form
            order by reference_year desc
        ) as place
    from {{ ref('mart_net_import_reliance') }}
    where value_status <> 'not_available'

),

reliance_candidates as (

    select
        newest_reliance.*,
        goods.answers_mineral_id as asked_mineral_id,
        goods.stage as asked_stage,
        true as is_of_stage,
        case goods.goods_match when 'same' then 1 else 2 end as goods_order
    from newest_reliance
    inner join {{ ref('import_evidence_goods') }} as goods
        on
            newest_reliance.source_id = goods.source_id
            and newest_reliance.mineral_id = goods.mineral_id
            and newest_reliance.form = goods.goods
    where newest_reliance.place = 1 and goods.goods_match in ('same', 'larger_part')
    union all by name
    select
        newest_reliance.*,
        newest_reliance.mineral_id as asked_mineral_id,
        stages.stage as asked_stage,
        false as is_of_stage,
        3 as goods_order
    from newest_reliance
    cross join {{ ref('dim_stage') }} as stages
    where newest_reliance.place = 1 and newest_reliance.form = 'total'

),

reliances as (

    select
        *,
        row_number() over (
            partition by importer_id, asked_mineral_id, asked_stage
            order by goods_order asc, form asc
        ) as choice_order
    from reliance_candidates

),

-- What importers sell of the same lines. What only holds some partners says nothing of it. A bloc
-- of the same members as another sells what that sells: the EU of the day, the EU27's.
exports as (

    select
        exporters.party_id as importer_id,
        exporter_years.series_year_number,
        exporter_years.value_usd as export_value_usd
    from {{ ref('int_trade__exporter_years') }} as exporter_years
    inner join {{ ref('int_trade__parties') }} as exporters
        on exporter_years.exporter_number = exporters.party_number
    union all
    select
        exporters.party_id as importer_id,
        exporter_years.series_year_number,
        exporter_years.value_usd as export_value_usd
    from {{ ref('int_trade__exporter_years') }} as exporter_years
    inner join series_years
        on exporter_years.series_year_number = series_years.series_year_number
    inner join same_blocs
        on
            exporter_years.exporter_number = same_blocs.party_number
            and series_years.reference_year = same_blocs.reference_year
            and same_blocs.importer_number <> same_blocs.party_number
    inner join {{ ref('int_trade__parties') }} as exporters
        on same_blocs.importer_number = exporters.party_number

)
{%- endmacro %}

{#- Steps of `mart_headline`, CTEs: the changes of a mineral's prices. -#}
{% macro headline_price_changes() -%}
prices as (

    select
        mineral_id,
        source_id,
        price_label,
        price_basis,
        reference_year,
        value_usd_per_tonne,
        is_estimated,
        max(reference_year) over (partition by mineral_id) as newest_year
    from {{ ref('fct_price') }}
    where period_kind = 'year' and is_current_edition and value_usd_per_tonne > 0

),

-- Each yearly price of the newest year against the same price a year before.
changes as (

    select
        prices.mineral_id,
        prices.reference_year,
        prices.value_usd_per_tonne / year_before.value_usd_per_tonne - 1 as price_change,
        prices.is_estimated or year_before.is_estimated as is_estimated
    from prices
    inner join prices as year_before
        on
            prices.mineral_id = year_before.mineral_id
            and prices.source_id = year_before.source_id
            and prices.price_label = year_before.price_label
            and prices.price_basis = year_before.price_basis
            and prices.reference_year - 1 = year_before.reference_year
    where prices.reference_year = prices.newest_year

),

change_ranges as (

    select
        *,
        min(price_change) over (partition by mineral_id) as price_change_low,
        max(price_change) over (partition by mineral_id) as price_change_high
    from changes

),

-- Of several prices with one change an estimate is enough.
price_changes as (

    select
        mineral_id,
        max(reference_year) as price_year,
        {%- for bound in ['low', 'high'] %}
        max(price_change_{{ bound }}) as price_change_{{ bound }},
        bool_or(is_estimated and price_change = price_change_{{ bound }})
            as is_price_change_{{ bound }}_estimated{% if not loop.last %},{% endif %}
        {%- endfor %}
    from change_ranges
    group by mineral_id

)
{%- endmacro %}

{#- Steps of `mart_headline`, CTEs: the world's output, of the first source that has a leader. -#}
{% macro headline_producers() -%}
{%- set series = ['source_id', 'mineral_id', 'stage', 'form', 'basis', 'reference_year'] -%}
leaders as (

    select
        *,
        {{ quality_flags({
            'edition_break': "is_edition_break",
            'excluded_producers': "excluded_producers is not null",
            'exclusion_not_told': "exclusion_status = 'withheld_not_told'",
            'leader_tied': "leader_count > 1",
        }) }} as production_quality_flags
    from {{ ref('int_concentration__producer_hhi') }}
    where is_first_choice

),

producers as (

    select
        leaders.mineral_id,
        leaders.stage,
        made.country_iso3,
        made.production_share
    from leaders
    inner join {{ ref('int_production__shares') }} as made
        on
            made.statistic = 'production'
            and {{ same_key('leaders', 'made', series + ['edition']) }}

)
{%- endmacro %}

{#-
    Steps of `mart_headline`, CTEs: what an importer, or the members of a bloc, make of the world's output, and whether
    they sell the goods net. Who sells them and makes none passes on what it bought.
-#}
{% macro headline_net_sellers() -%}
{%- set question = ['importer_id', 'mineral_id', 'stage'] -%}
own_outputs as (

    select
        headlines.importer_id,
        headlines.mineral_id,
        headlines.stage,
        -- What a member withholds is no zero: the sum is not known then, but who makes some does.
        case
            when count(*) = count(producers.production_share)
                then {{ exact_sum('producers.production_share') }}
        end as own_production_share,
        max(producers.production_share) > 0
        or case when count(*) = count(producers.production_share) then false end as is_producer
    from headlines
    inner join producers on {{ same_key('headlines', 'producers', ['mineral_id', 'stage']) }}
    left join {{ ref('int_trade__bloc_members_by_year') }} as members
        on
            headlines.importer_id = members.bloc_id
            and headlines.reference_year = members.reference_year
            and producers.country_iso3 = members.member_id
    where headlines.importer_id = producers.country_iso3 or members.member_id is not null
    group by headlines.importer_id, headlines.mineral_id, headlines.stage

),

-- A country that the series of all trade does not name as a seller sold nothing of it; as a buyer, it bought nothing.
own_supplies as (

    select
        headlines.importer_id,
        headlines.mineral_id,
        headlines.stage,
        case
            when headlines.null_reason = 'no_imports_recorded' then 0
            else headlines.import_value_usd
        end as import_value_usd,
        case
            when headlines.is_of_all_trade and headlines.importer_kind = 'country'
                then coalesce(exports.export_value_usd, 0)
            when headlines.is_of_all_trade then exports.export_value_usd
        end as export_value_usd,
        own_outputs.own_production_share,
        own_outputs.is_producer,
        reliances.form as net_import_reliance_goods,
        reliances.is_of_stage as is_reliance_of_stage,
        reliances.reference_year as net_import_reliance_year,
        reliances.net_import_reliance_share_lower,
        reliances.net_import_reliance_share_upper,
        reliances.is_net_exporter
    from headlines
    left join own_outputs on {{ same_key('headlines', 'own_outputs', question) }}
    left join exports
        on {{ same_key('headlines', 'exports', ['importer_id', 'series_year_number']) }}
    left join reliances
        on
            headlines.importer_id = reliances.importer_id
            and headlines.mineral_id = reliances.asked_mineral_id
            and headlines.stage = reliances.asked_stage
            and reliances.choice_order = 1

),

net_sellers as (

    select
        *,
        -- Who buys all goods of a mineral net may sell those of one stage. Null where neither side of the `and`
        -- says no, and one is not known.
        coalesce(
            case when is_reliance_of_stage or is_net_exporter then is_net_exporter end,
            is_producer
            and case
                when import_value_usd is not null
                    then
                        export_value_usd > 0
                        and export_value_usd
                        >= {{ threshold('net_seller_ratio') }} * import_value_usd
            end
        ) as is_net_seller
    from own_supplies

)
{%- endmacro %}
