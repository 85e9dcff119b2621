{#-
    Who is touched by a control's item, and how much: the ministerial's parties and the blocs have a row for every
    item and stage that is aimed at them, with the reason where nothing can be said; any other country where
    it buys some of it.
-#}
with

dates as (select * from {{ ref('control_date') }}),

spans as (

    select * from {{ ref('int_controls__importer_spans') }}
    where reach <> 'none'

),

weighed as (select * from {{ ref('int_controls__exposure_weights') }}),

controls as (

    select * from {{ ref('fct_export_control') }}
    where mineral_id is not null

),

lines as (select * from {{ ref('bridge_control_hs_line') }}),

current_series as (

    select * from {{ ref('int_trade__series_by_year') }}
    where is_current_series

),

latest as (

    select {{ newest_trade_year() }} as latest_year from current_series

),

parties as (select * from {{ ref('int_trade__parties') }}),

gap_years as (

    select
        controls.mineral_id,
        least(controls.effect_year - 1, latest.latest_year) as reference_year
    from controls
    cross join latest
    union
    select
        controls.mineral_id,
        latest.latest_year as reference_year
    from controls
    cross join latest

),

-- Of the years that are asked alone: all of them take more memory than a refresh has.
gaps as (

    select
        gaps.importer_number,
        gaps.mineral_id,
        gaps.stage,
        gaps.reference_year,
        gaps.null_reason
    from {{ ref('int_trade__missing_imports') }} as gaps
    inner join gap_years
        on {{ same_key('gaps', 'gap_years', ['mineral_id', 'reference_year']) }}

),

listed_parties as (

    select distinct parties.party_number
    from {{ ref('stg_reference__country_group_members') }} as seats
    inner join parties on seats.party_id = parties.party_id
    where seats.group_id = 'MEETING_2026_01_12'
    union
    select party_number
    from parties
    where party_kind = 'bloc'

),

targets as (

    select distinct
        event_id,
        item,
        importer_number
    from spans

),

stages as (

    select
        event_id,
        item,
        stage,
        max(null_reason) as null_reason,
        case
            when bool_or(scope = 'end_user') then 'end_user'
            when bool_or(scope = 'technology') then 'technology'
            when bool_and(mineral_covered = 'whole') then 'whole_line'
            when bool_or(scope is not null) then 'part_of_line'
        end as scope,
        -- A line that is not held is in no share.
        bool_or(verified = 'from memory, unverified' and data_held <> 'none')
            as has_line_from_memory
    from lines
    group by event_id, item, stage

),

cases as (

    select
        controls.event_id,
        controls.item,
        controls.mineral_id,
        stages.stage,
        stages.null_reason,
        listed_parties.party_number as importer_number
    from controls
    inner join stages on controls.event_id = stages.event_id and controls.item = stages.item
    inner join targets on controls.event_id = targets.event_id and controls.item = targets.item
    inner join listed_parties on targets.importer_number = listed_parties.party_number

),

unanswered_cases as (

    select cases.*
    from cases
    left join weighed
        on
            {{ same_key('cases', 'weighed', ['event_id', 'item', 'stage', 'importer_number']) }}
            and weighed.series_level = 'mineral_stage'
    where weighed.event_id is null

),

-- Other countries that buy none of it stay away.
answered_cases as (

    select weighed.*
    from weighed
    left join listed_parties on weighed.importer_number = listed_parties.party_number
    where
        listed_parties.party_number is not null
        or weighed.value_usd_before > 0
        or weighed.value_usd_latest > 0

),

rows_of_all as (

    select * from answered_cases
    union all by name
    select
        event_id,
        item,
        importer_number,
        'mineral_stage' as series_level,
        mineral_id,
        stage,
        false as is_inside,
        0 as years_before,
        false as is_at_another_stage,
        false as has_double_count,
        false as has_outliers,
        false as is_contradicted,
        false as has_series_break,
        false as is_unnamed_before,
        false as is_unnamed_latest,
        false as is_grade_heterogeneous,
        false as has_missing_lines,
        false as is_mixed_line,
        false as is_truncated_release,
        null_reason as item_null_reason
    from unanswered_cases

),

-- Only pools have their gaps explained.
with_gap_keys as (

    select
        rows_of_all.*,
        controls.effect_year,
        latest.latest_year,
        case when rows_of_all.series_level = 'mineral_stage' then rows_of_all.stage end
            as gap_stage,
        least(controls.effect_year - 1, latest.latest_year) as gap_year_before
    from rows_of_all
    inner join controls
        on rows_of_all.event_id = controls.event_id and rows_of_all.item = controls.item
    cross join latest

),

-- A pool that answers, and holds no line of the item, says nothing about it.
with_reasons as (

    select
        with_gap_keys.*,
        case
            when with_gap_keys.value_share_before_high is not null then null
            when with_gap_keys.item_null_reason is not null then with_gap_keys.item_null_reason
            when with_gap_keys.is_inside then 'inside_the_bloc'
            when with_gap_keys.latest_year is null then 'year_not_held'
            when with_gap_keys.effect_year - 3 > with_gap_keys.latest_year then 'year_not_held'
            when before_gap.null_reason is not null then before_gap.null_reason
            when with_gap_keys.quantity_basis is null then 'scope_not_in_series'
            when with_gap_keys.is_unnamed_before then 'supplier_not_named'
            else 'no_imports_recorded'
        end as before_null_reason,
        case
            when with_gap_keys.value_share_latest_high is not null then null
            when with_gap_keys.item_null_reason is not null then with_gap_keys.item_null_reason
            when with_gap_keys.is_inside then 'inside_the_bloc'
            when with_gap_keys.latest_year is null then 'year_not_held'
            when latest_gap.null_reason is not null then latest_gap.null_reason
            when with_gap_keys.quantity_basis is null then 'scope_not_in_series'
            when with_gap_keys.is_unnamed_latest then 'supplier_not_named'
            else 'no_imports_recorded'
        end as latest_null_reason
    from with_gap_keys
    left join gaps as before_gap
        on
            with_gap_keys.importer_number = before_gap.importer_number
            and with_gap_keys.mineral_id = before_gap.mineral_id
            and with_gap_keys.gap_stage = before_gap.stage
            and with_gap_keys.gap_year_before = before_gap.reference_year
    left join gaps as latest_gap
        on
            with_gap_keys.importer_number = latest_gap.importer_number
            and with_gap_keys.mineral_id = latest_gap.mineral_id
            and with_gap_keys.gap_stage = latest_gap.stage
            and with_gap_keys.latest_year = latest_gap.reference_year

),

exposures as (

    select
        with_reasons.*,
        importer.party_id as importer_id,
        importer.party_kind as importer_kind,
        coalesce(line.scope, stages.scope) as scope,
        controls.verification,
        controls.verification = 'from_memory'
        or coalesce(
            line.verified = 'from memory, unverified', stages.has_line_from_memory, false
        ) as is_scope_from_memory
    from with_reasons
    inner join controls
        on with_reasons.event_id = controls.event_id and with_reasons.item = controls.item
    inner join parties as importer on with_reasons.importer_number = importer.party_number
    left join lines as line
        on {{ same_key('with_reasons', 'line', ['event_id', 'item', 'hs6']) }}
    left join stages
        on
            with_reasons.event_id = stages.event_id
            and with_reasons.item = stages.item
            and coalesce(with_reasons.stage, '') = coalesce(stages.stage, '')

),

shown_importers as (

    select distinct
        event_id,
        item,
        importer_number
    from rows_of_all

),

on_dates as (

    select
        dates.on_date,
        spans.*
    from dates
    cross join shown_importers
    inner join spans
        on
            {{ same_key('shown_importers', 'spans', ['event_id', 'item', 'importer_number']) }}
            and {{ holds_on('spans', 'dates.on_date') }}

),

final as (

    select
        on_dates.on_date,
        exposures.event_id,
        exposures.item,
        on_dates.status,
        on_dates.imposing_iso3,
        on_dates.target_id,
        on_dates.instrument,
        on_dates.reach,
        exposures.importer_id,
        exposures.importer_kind,
        exposures.series_level,
        exposures.hs6,
        exposures.mineral_id,
        exposures.stage,
        exposures.scope,
        exposures.verification,
        exposures.first_year_before,
        exposures.last_year_before,
        exposures.years_before,
        exposures.latest_year,
        exposures.latest_series_id,
        exposures.value_share_before_low,
        exposures.value_share_before_high,
        exposures.value_share_latest_low,
        exposures.value_share_latest_high,
        exposures.quantity_share_before_low,
        exposures.quantity_share_before_high,
        exposures.quantity_share_latest_low,
        exposures.quantity_share_latest_high,
        exposures.quantity_basis,
        exposures.value_usd_before,
        exposures.value_usd_latest,
        exposures.quantity_tonnes_before,
        exposures.quantity_tonnes_latest,
        {{ quality_flags({
            'de_minimis': "exposures.is_de_minimis",
            'grade_heterogeneous': "exposures.is_grade_heterogeneous",
            'lines_missing': "exposures.has_missing_lines",
            'mixed_line': "exposures.is_mixed_line",
            'none_recorded_before': "exposures.years_before > 0 and not exposures.is_recorded_before",
            'none_recorded_latest':
                "exposures.value_share_latest_high is not null"
                ~ " and not exposures.is_recorded_latest",
            'scope_from_memory': "exposures.is_scope_from_memory",
            'series_break': "exposures.has_series_break",
            'series_conflict': "exposures.is_contradicted",
            'shipped_at_another_stage': "exposures.is_at_another_stage",
            'suspected_double_count': "exposures.has_double_count",
            'truncated_release': "exposures.is_truncated_release",
            'unit_value_outlier': "exposures.has_outliers",
        }) }} as quality_flags,
        -- Where all was weighed but what came from there, the reason is that of its own tonnes.
        {%- for window in ['before', 'latest'] %}
        case
            when exposures.quantity_share_{{ window }}_high is null
                then
                    coalesce(
                        exposures.{{ window }}_null_reason,
                        exposures.tonnage_reason_{{ window }},
                        'tonnage_not_published'
                    )
        end as quantity_{{ window }}_null_reason,
        {%- endfor %}
        exposures.before_null_reason,
        exposures.latest_null_reason
    from on_dates
    inner join exposures
        on {{ same_key('on_dates', 'exposures', ['event_id', 'item', 'importer_number']) }}

)

{{ contract_columns() }}
order by
    importer_id, on_date, event_id, item, series_level, hs6, stage
