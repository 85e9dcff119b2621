{#-
    Imports in six months before and after the month in which a control began, of the lines that it covers.
    Description, no cause. A control begins on a line with the first of its items that came into force; where none
    ever did there are no windows.
-#}
with

covered_lines as (

    select * from {{ ref('bridge_control_hs_line') }}
    where hs6 is not null

),

{{ first_days_in_force() }},

controls as (

    select
        controls.event_id,
        controls.imposing_iso3,
        controls.target_id,
        covered_lines.hs6,
        case
            when bool_and(covered_lines.scope = 'whole_line') then 'whole_line' else 'part_of_line'
        end
            as scope,
        coalesce(
            min(in_force.valid_from),
            min(coalesce(controls.effective_from, controls.announced_on))
        ) as control_began_on,
        min(controls.effective_from) is not null as has_effective_date,
        min(in_force.valid_from) is null as is_never_in_force
    from {{ ref('fct_export_control') }} as controls
    inner join covered_lines
        on controls.event_id = covered_lines.event_id and controls.item = covered_lines.item
    left join in_force
        on controls.event_id = in_force.event_id and controls.item = in_force.item
    group by controls.event_id, controls.imposing_iso3, controls.target_id, covered_lines.hs6

),

trades as (

    select * from {{ ref('fct_trade_month') }}
    where is_current_edition

),

members as (select * from {{ ref('bridge_bloc_member') }}),

{{ month_imports() }},

months as (

    select distinct
        source_id,
        importer_id,
        currency,
        month_number,
        edition
    from imports

),

importers as (

    select distinct
        source_id,
        importer_id,
        currency
    from months

),

-- At whom each control is aimed on the day on which it begins on a line.
targets as (

    select
        controls.event_id,
        controls.hs6,
        spans.importer_id,
        bool_or(spans.reach <> 'none') as is_target,
        bool_or(spans.is_imposing) as is_imposing_inside
    from controls
    inner join {{ ref('int_controls__importer_spans') }} as spans
        on
            controls.event_id = spans.event_id
            and {{ holds_on('spans', 'controls.control_began_on') }}
    group by controls.event_id, controls.hs6, spans.importer_id

),

cases as (

    select
        controls.*,
        importers.source_id,
        importers.importer_id,
        importers.currency,
        case when importers.importer_id is not null then coalesce(targets.is_target, false) end
            as is_target,
        coalesce(targets.is_imposing_inside, false) as is_imposing_inside,
        extract(year from controls.control_began_on) * 12
        + extract(month from controls.control_began_on) as began_in
    from controls
    -- Each control with each importer; with none where no month is held.
    left join importers on importers.importer_id is not null
    left join targets
        on
            controls.event_id = targets.event_id
            and controls.hs6 = targets.hs6
            and importers.importer_id = targets.importer_id

),

codes as (select * from {{ ref('int_trade__lines') }}),

-- Customs that took a revision over later still use the old code: what they show counts.
shown_months as (

    select distinct
        source_id,
        importer_id,
        hs6,
        month_number
    from imports

),

secrets as (

    select distinct
        source_id,
        importer_id,
        month_number,
        hs6
    from secret_lines

),

-- The two windows of each question, and which of their months are held.
held_windows as (

    select
        cases.event_id,
        cases.hs6,
        cases.source_id,
        cases.importer_id,
        count(
            case when months.month_number < cases.began_in and unasked_lines.hs6 is null then 1 end
        ) as held_before,
        count(
            case when months.month_number > cases.began_in and unasked_lines.hs6 is null then 1 end
        ) as held_after,
        coalesce(
            bool_or(
                months.month_number <> cases.began_in
                and shown_months.month_number is null
                and floor((months.month_number - 1) / 12)
                not between codes.in_force_from_year and coalesce(codes.in_force_to_year, 9999)
            ),
            false
        ) as is_line_not_in_force,
        coalesce(
            bool_or(months.month_number <> cases.began_in and secrets.hs6 is not null), false
        ) as is_secret
    from cases
    inner join codes on cases.hs6 = codes.hs6
    left join months
        on
            cases.source_id = months.source_id
            and cases.importer_id = months.importer_id
            and months.month_number between cases.began_in - 6 and cases.began_in + 6
    left join unasked_lines
        on
            months.source_id = unasked_lines.source_id
            and months.edition = unasked_lines.edition
            and cases.hs6 = unasked_lines.hs6
    left join shown_months
        on
            months.source_id = shown_months.source_id
            and months.importer_id = shown_months.importer_id
            and months.month_number = shown_months.month_number
            and cases.hs6 = shown_months.hs6
    left join secrets
        on
            months.source_id = secrets.source_id
            and months.importer_id = secrets.importer_id
            and months.month_number = secrets.month_number
            and cases.hs6 = secrets.hs6
    group by cases.event_id, cases.hs6, cases.source_id, cases.importer_id

),

window_trades as (

    select
        cases.event_id,
        cases.hs6,
        cases.source_id,
        cases.importer_id,
        trades.value_cents,
        trades.partner_iso3 = cases.imposing_iso3 as is_imposing,
        trades.month_number < cases.began_in as is_before
    from cases
    inner join imports as trades
        on
            {{ same_key('cases', 'trades', ['source_id', 'importer_id', 'hs6']) }}
            and trades.month_number between cases.began_in - 6 and cases.began_in + 6
            and cases.began_in <> trades.month_number

),

window_sums as (

    select
        event_id,
        hs6,
        source_id,
        importer_id,
        sum(case when is_before then value_cents else 0 end) as line_cents_before,
        sum(case when is_before then 0 else value_cents end) as line_cents_after,
        sum(case when is_before and is_imposing then value_cents else 0 end) as value_cents_before,
        sum(case when is_imposing and not is_before then value_cents else 0 end)
            as value_cents_after
    from window_trades
    group by event_id, hs6, source_id, importer_id

),

with_reasons as (

    select
        cases.*,
        held_windows.held_before,
        held_windows.held_after,
        coalesce(window_sums.line_cents_before, 0) as line_cents_before,
        coalesce(window_sums.line_cents_after, 0) as line_cents_after,
        coalesce(window_sums.value_cents_before, 0) as value_cents_before,
        coalesce(window_sums.value_cents_after, 0) as value_cents_after,
        case
            when cases.is_never_in_force then 'control_never_in_force'
            when cases.importer_id is null then 'no_month_is_held'
            when cases.is_imposing_inside then 'importer_imposes_it'
            when held_windows.held_before < 6 then 'months_before_are_missing'
            when held_windows.held_after < 6 then 'months_after_are_missing'
            when held_windows.is_line_not_in_force then 'line_not_in_force'
            when held_windows.is_secret then 'trade_kept_secret'
        end as null_reason
    from cases
    left join held_windows
        on {{ same_key('cases', 'held_windows', ['event_id', 'hs6', 'source_id', 'importer_id']) }}
    left join window_sums
        on {{ same_key('cases', 'window_sums', ['event_id', 'hs6', 'source_id', 'importer_id']) }}

),

final as (

    select
        event_id,
        imposing_iso3,
        target_id,
        hs6,
        scope,
        control_began_on,
        has_effective_date,
        source_id,
        importer_id,
        is_target,
        currency,
        case when importer_id is not null then 6 - held_before end as missing_months_before,
        case when importer_id is not null then 6 - held_after end as missing_months_after,
        {%- for side in ['before', 'after'] %}
        case when null_reason is null then value_cents_{{ side }} / 100 end as value_{{ side }},
        case
            when null_reason is null then (line_cents_{{ side }} - value_cents_{{ side }}) / 100
        end as others_value_{{ side }},
        case
            when null_reason is null then value_cents_{{ side }} / nullif(line_cents_{{ side }}, 0)
        end as value_share_{{ side }},
        {%- endfor %}
        case when null_reason is null then value_cents_after / nullif(value_cents_before, 0) - 1 end
            as change_share,
        null_reason
    from with_reasons

)

{{ contract_columns() }}
order by event_id, hs6, source_id, importer_id
