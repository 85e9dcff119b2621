{%- set good = ['mineral_id', 'stage'] -%}
{%- set question = ['importer_id'] + good -%}
with

{{ headline_years() }},

{{ headline_answers() }},

-- The newest period with an answer; of two for one period trade. Without any, the newest year's
-- reason.
ranking as (

    select
        *,
        row_number() over (
            partition by importer_id, mineral_id, stage
            order by
                case
                    when coalesce(leading_share, leading_share_lower) is null then 1 else 0
                end asc,
                period_to_year desc,
                evidence_order asc,
                reference_year desc
        ) as place
    from answers

),

-- Of a pool that lacks lines the leader is sure only where most lines are held and it is far ahead:
-- else what lacks may come from another country.
headlines as (

    select
        ranking.*,
        case ranking.leading_origin_id when 'CHN_HKG' then 'CHN' else ranking.leading_origin_id end
            as leading_country_iso3,
        case
            when
                ranking.lines_held_share < {{ threshold('headline_lines_held_share') }}
                or ranking.leading_share - ranking.second_share
                < {{ threshold('headline_lead_share') }}
                then
                    replace(
                        ranking.answer_flags, 'lines_missing', 'leader_of_lines_held,lines_missing'
                    )
            else ranking.answer_flags
        end as quality_flags
    from ranking
    where ranking.place = 1

),

{{ headline_look_through() }},

{{ headline_own_supply() }},

{{ headline_producers() }},

{{ headline_net_sellers() }},

{{ headline_price_changes() }},

{{ others_spares() }},

newest_others as (

    select
        *,
        max(reference_year) over (partition by mineral_id, stage) as newest_year
    from others
    where is_first_series

),

{{ newest_control_day() }},

-- Of one country the controls overlap: the largest counts. Goods of two countries are never the
-- same.
controls_by_country as (

    select
        exposures.importer_id,
        exposures.mineral_id,
        exposures.stage,
        exposures.imposing_iso3,
        count(distinct exposures.event_id) as control_count,
        max(exposures.value_share_latest_low) as controlled_share_low,
        max(exposures.value_share_latest_high) as controlled_share_high,
        min(exposures.latest_null_reason) as latest_null_reason
    from {{ ref('mart_export_control_exposure') }} as exposures
    inner join newest_day on exposures.on_date = newest_day.on_date
    where
        exposures.series_level = 'mineral_stage'
        and exposures.status = 'active'
        and exposures.stage is not null
    group by
        exposures.importer_id, exposures.mineral_id, exposures.stage, exposures.imposing_iso3

),

controls as (

    select
        importer_id,
        mineral_id,
        stage,
        sum(control_count) as active_control_count,
        {{ exact_sum('controlled_share_low') }} as controlled_share_low,
        {{ exact_sum('controlled_share_high') }} as controlled_share_high,
        min(latest_null_reason) as latest_null_reason
    from controls_by_country
    group by importer_id, mineral_id, stage

),

-- Goods that a control covers, by their mineral, by the group whose line they share (magnets are
-- controlled for their rare earths and asked for as magnets) and by the part of the mineral that
-- has codes of its own on that line (heavy and light rare earths).
controlled_goods as (

    select
        event_id,
        item,
        stage,
        mineral_id
    from {{ ref('bridge_control_hs_line') }}
    union
    select
        event_id,
        item,
        stage,
        group_id as mineral_id
    from {{ ref('bridge_control_hs_line') }}
    union
    select
        goods.event_id,
        goods.item,
        goods.stage,
        group_lines.mineral_id
    from {{ ref('bridge_control_hs_line') }} as goods
    inner join {{ ref('trade_group_line') }} as group_lines
        on goods.hs6 = substr(group_lines.cn8, 1, 6)

),

-- Whether the leading country itself controls goods of the stage for this importer, or for members
-- of it, whatever of it this importer's lines show.
leading_controls as (

    select distinct
        headlines.importer_id,
        headlines.mineral_id,
        headlines.stage
    from headlines
    inner join {{ ref('int_controls__importer_spans') }} as spans
        on
            headlines.importer_id = spans.importer_id
            and headlines.leading_country_iso3 = spans.imposing_iso3
    inner join controlled_goods as goods
        on
            spans.event_id = goods.event_id
            and spans.item = goods.item
            and headlines.mineral_id = goods.mineral_id
            and headlines.stage = goods.stage
    cross join newest_day
    where
        spans.status = 'active'
        and spans.reach <> 'none'
        and {{ holds_on('spans', 'newest_day.on_date') }}

),

-- The first band that holds: of a share known by its lower end only the highest can be said. Of
-- a pool that lacks lines of its stage no band is said: the others may come from elsewhere. Nor of
-- a supply with the importer's own output in it: its own mines are no exposure; nor, in the end, of
-- what the importer sells net.
party_bands as (

    select
        headlines.importer_id,
        headlines.mineral_id,
        headlines.stage,
        min_by(bands.band_id, bands.band_order) as band_id
    from headlines
    cross join {{ ref('exposure_band') }} as bands
    where
        headlines.denominator = 'imports'
        and coalesce(headlines.quality_flags not like '%lines_missing%', true)
        and (
            coalesce(headlines.leading_share, headlines.leading_share_lower) > bands.share_above
            or headlines.supplier_hhi > bands.hhi_above
            or (bands.share_above is null and headlines.leading_share is not null)
        )
    group by headlines.importer_id, headlines.mineral_id, headlines.stage

),

main_caveats as (

    select
        headlines.importer_id,
        headlines.mineral_id,
        headlines.stage,
        min_by(caveats.quality_flag, caveats.caveat_order) as main_caveat,
        min_by(caveats.caveat, caveats.caveat_order) as main_caveat_text,
        min_by(caveats.is_grave, caveats.caveat_order) as is_grave
    from headlines
    inner join {{ ref('headline_caveat') }} as caveats
        on ',' || headlines.quality_flags || ',' like '%,' || caveats.quality_flag || ',%'
    where coalesce(headlines.leading_share, headlines.leading_share_lower) is not null
    group by headlines.importer_id, headlines.mineral_id, headlines.stage

),

final as (

    select
        headlines.*,
        headlines.source_id as share_source_id,
        headlines.edition as share_edition,
        case when not coalesce(net_sellers.is_net_seller, false) then party_bands.band_id end
            as band_id,
        case
            when net_sellers.is_net_seller and party_bands.band_id is not null then 'net_exporter'
            when party_bands.band_id is not null then null
            when headlines.leading_share is null then headlines.null_reason
            when headlines.denominator <> 'imports' then headlines.denominator
            else 'lines_missing'
        end as band_null_reason,
        leaders.leader_country_iso3 as production_leader_iso3,
        leaders.leader_share as production_leader_share,
        leaders.china_share as china_production_share,
        leaders.reference_year as production_year,
        leaders.source_id as production_source_id,
        leaders.form as production_form,
        leaders.edition as production_edition,
        leaders.estimated_share as production_estimated_share,
        leaders.production_quality_flags,
        producers.production_share as leading_origin_production_share,
        seen_through.measure as look_through_measure,
        {%- for column in [
            'leading_refiner_id', 'leading_refiner_share', 'leading_miner_id', 'leading_miner_share',
            'china_refiner_share', 'china_mine_share', 'refiner_unresolved_share',
            'mine_unresolved_share',
        ] %}
        seen_through.{{ column }},
        {%- endfor %}
        controls.active_control_count,
        case
            when headlines.leading_origin_id is not null
                then leading_controls.importer_id is not null
        end as is_leading_origin_controlling,
        controls.controlled_share_low,
        controls.controlled_share_high,
        case
            when controls.controlled_share_high is not null then null
            when controls.latest_null_reason is not null then controls.latest_null_reason
            when headlines.evidence_kind = 'line_group' then 'part_of_a_line'
            else 'none_shown'
        end as controlled_share_null_reason,
        price_changes.price_year,
        price_changes.price_change_low,
        price_changes.price_change_high,
        price_changes.is_price_change_low_estimated,
        price_changes.is_price_change_high_estimated,
        other_spares.reference_year as spare_capacity_year,
        other_spares.source_id as spare_capacity_source_id,
        other_spares.capacity_edition as spare_capacity_edition,
        case
            when leading_spares.country_iso3 is null then other_spares.spare_tonnes_lower
            else leading_spares.spare_tonnes_lower
        end as spare_capacity_tonnes_low,
        -- A plant whose spare is not known is no 0: then nobody knows the most.
        case
            when leading_spares.country_iso3 is not null
                then
                    case
                        when leading_spares.excluded_producers is null
                            then leading_spares.spare_tonnes_upper
                    end
            when other_spares.excluded_producers is null then other_spares.spare_tonnes_upper
        end as spare_capacity_tonnes_high,
        {%- for column in ['estimated_share', 'excluded_producers'] %}
        case
            when leading_spares.country_iso3 is null then other_spares.{{ column }}
            else leading_spares.{{ column }}
        end as spare_capacity_{{ column }},
        {%- endfor %}
        net_sellers.export_value_usd,
        net_sellers.own_production_share,
        net_sellers.net_import_reliance_goods,
        net_sellers.net_import_reliance_year,
        net_sellers.net_import_reliance_share_lower,
        net_sellers.net_import_reliance_share_upper,
        net_sellers.is_net_exporter,
        net_sellers.is_net_seller,
        main_caveats.main_caveat,
        main_caveats.main_caveat_text,
        case
            when coalesce(headlines.leading_share, headlines.leading_share_lower) is not null
                then coalesce(main_caveats.is_grave, false)
        end as is_caveat_grave
    from headlines
    left join controls on {{ same_key('headlines', 'controls', question) }}
    left join leading_controls on {{ same_key('headlines', 'leading_controls', question) }}
    left join party_bands on {{ same_key('headlines', 'party_bands', question) }}
    left join main_caveats on {{ same_key('headlines', 'main_caveats', question) }}
    left join leaders on {{ same_key('headlines', 'leaders', ['mineral_id', 'stage']) }}
    left join price_changes on headlines.mineral_id = price_changes.mineral_id
    -- Without what the leading origin itself has idle; one that nobody names is any other country.
    left join newest_others as other_spares
        on
            {{ same_key('headlines', 'other_spares', good) }}
            and other_spares.country_iso3 = 'OTHER'
            and other_spares.reference_year = other_spares.newest_year
    left join newest_others as leading_spares
        on
            {{ same_key('other_spares', 'leading_spares', good + ['reference_year']) }}
            and coalesce(headlines.leading_country_iso3, 'NOBODY') = leading_spares.country_iso3
    left join producers
        on
            {{ same_key('headlines', 'producers', good) }}
            and headlines.leading_country_iso3 = producers.country_iso3
    left join seen_through
        on
            {{ same_key('headlines', 'seen_through', question) }}
            and headlines.reference_year = seen_through.reference_year
            and seen_through.place = 1
    left join net_sellers on {{ same_key('headlines', 'net_sellers', question) }}

)

{{ contract_columns() }}
order by mineral_id, stage, importer_id
