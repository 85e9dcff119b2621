{#-
    One row per control's item, importer, year and line or pool: what is bought of goods that the item covers
    from the country that imposes it. Years are the three before the control took effect (or was announced,
    where it has not) and the latest held. `low` holds lines that the item covers wholly, `high` also those it
    covers in part and those it closes to some buyers. A bloc buys what its targeted members buy. A line that
    several metals share counts for none of them; a line of an article (metal magnets) never as wholly covered.
-#}
with

controls as (

    select * from {{ ref('fct_export_control') }}
    where mineral_id is not null

),

lines as (

    select * from {{ ref('bridge_control_hs_line') }}
    where hs6 is not null

),

pooled_groups as (select * from {{ ref('trade_pooled_group') }}),
series as (select * from {{ ref('int_trade__series') }}),

current_series as (

    select * from {{ ref('int_trade__series_by_year') }}
    where is_current_series

),

latest as (

    select {{ newest_trade_year() }} as latest_year from current_series

),

parties as (select * from {{ ref('int_trade__parties') }}),
members as (select * from {{ ref('int_trade__bloc_members_by_year') }}),
totals as (select * from {{ ref('int_trade__importer_years') }}),

-- Lines of each series by number, with who imposes the control and on whom.
scoped_lines as (

    select
        controls.event_id,
        controls.item,
        controls.effect_year,
        parties.party_number as imposing_number,
        case
            when pooled_groups.group_id is not null and lines.mineral_covered = 'whole' then 'part'
            else lines.mineral_covered
        end as mineral_covered,
        series.series_number as line_number,
        series.series_level,
        series.hs6,
        series.mineral_id,
        series.stage,
        series.series_id,
        series.edition
    from controls
    inner join lines on controls.event_id = lines.event_id and controls.item = lines.item
    left join pooled_groups on lines.group_id = pooled_groups.group_id
    inner join series
        on
            lines.hs6 = series.hs6
            and (
                lines.mineral_id = series.mineral_id
                or pooled_groups.group_id = series.mineral_id
            )
            and series.series_level in ('hs6', 'cn8')
    inner join parties on controls.imposing_iso3 = parties.party_id

),

-- Pools that hold these lines, each at its own stage and in its own series, or what is shipped
-- under them at another stage by who imposes the control.
line_pools as (

    select
        scoped_lines.event_id,
        scoped_lines.item,
        scoped_lines.line_number,
        pool.series_number as pool_number
    from scoped_lines
    inner join series as pool
        on
            {{ same_key('scoped_lines', 'pool', ['mineral_id', 'stage', 'series_id', 'edition']) }}
            and pool.series_level = 'mineral_stage'
    union
    select
        scoped_lines.event_id,
        scoped_lines.item,
        scoped_lines.line_number,
        shipped.pool_number
    from scoped_lines
    inner join {{ ref('int_trade__measured_flows') }} as shipped
        on
            scoped_lines.line_number = shipped.line_number
            and scoped_lines.imposing_number = shipped.exporter_number
    where shipped.is_current_edition and shipped.pool_number is not null

),

units as (

    select
        event_id,
        item,
        line_number,
        line_number as series_number
    from scoped_lines
    where series_level = 'hs6'
    union all
    select
        event_id,
        item,
        line_number,
        pool_number as series_number
    from line_pools

),

-- What was bought before a control counts for whoever it is aimed at on any of its days.
targets as (

    select distinct
        event_id,
        item,
        importer_number as country_number
    from {{ ref('int_controls__importer_spans') }}
    where importer_kind = 'country' and reach = 'whole'

),

flows as (

    select
        scoped_lines.event_id,
        scoped_lines.item,
        scoped_lines.line_number,
        scoped_lines.imposing_number,
        scoped_lines.mineral_covered = 'whole' as is_whole,
        flows.pool_number,
        flows.importer_number,
        flows.reference_year,
        flows.value_usd,
        flows.quantity_kg,
        flows.contained_g,
        flows.is_suspected_double_count,
        flows.stage <> scoped_lines.stage as is_at_another_stage
    from {{ ref('int_trade__measured_flows') }} as flows
    inner join scoped_lines
        on
            flows.line_number = scoped_lines.line_number
            and flows.exporter_number = scoped_lines.imposing_number
    inner join targets
        on
            scoped_lines.event_id = targets.event_id
            and scoped_lines.item = targets.item
            and flows.importer_number = targets.country_number
    cross join latest
    where
        flows.is_current_edition
        and not flows.is_code_drift
        and (
            flows.reference_year = latest.latest_year
            or (
                flows.reference_year >= scoped_lines.effect_year - 3
                and flows.reference_year < scoped_lines.effect_year
            )
        )

),

-- A pool holds what is shipped at its stage, and goods declared twice once. A line holds all of it:
-- what counts in another pool is told of both.
by_country as (

    select
        flows.event_id,
        flows.item,
        units.series_number,
        flows.imposing_number,
        flows.importer_number,
        flows.reference_year,
        flows.value_usd,
        flows.quantity_kg,
        flows.contained_g,
        flows.is_whole,
        flows.is_at_another_stage
        and coalesce(flows.pool_number, 0) <> units.series_number as is_at_another_stage,
        flows.is_suspected_double_count,
        units.series_number = flows.line_number
        or (
            coalesce(flows.pool_number, 0) = units.series_number
            and not flows.is_suspected_double_count
        ) as is_counted
    from flows
    inner join units
        on {{ same_key('flows', 'units', ['event_id', 'item', 'line_number']) }}

),

by_buyer as (

    select
        event_id,
        item,
        series_number,
        importer_number,
        reference_year,
        value_usd,
        quantity_kg,
        contained_g,
        is_whole,
        is_at_another_stage,
        is_suspected_double_count,
        is_counted
    from by_country
    union all
    select
        by_country.event_id,
        by_country.item,
        by_country.series_number,
        members.bloc_number as importer_number,
        by_country.reference_year,
        by_country.value_usd,
        by_country.quantity_kg,
        by_country.contained_g,
        by_country.is_whole,
        by_country.is_at_another_stage,
        by_country.is_suspected_double_count,
        by_country.is_counted
    from by_country
    inner join members
        on
            by_country.importer_number = members.member_number
            and by_country.reference_year = members.reference_year

),

scoped_imports as (

    select
        event_id,
        item,
        series_number,
        importer_number,
        reference_year,
        cast(sum(case when is_counted and is_whole then value_usd end) as bigint) as low_usd,
        cast(sum(case when is_counted then value_usd end) as bigint) as high_usd,
        cast(sum(case when is_counted and is_whole then quantity_kg end) as bigint) as low_kg,
        cast(sum(case when is_counted then quantity_kg end) as bigint) as high_kg,
        cast(sum(case when is_counted and is_whole then contained_g end) as bigint) as low_g,
        cast(sum(case when is_counted then contained_g end) as bigint) as high_g,
        {%- for unit, measure in [('kg', 'quantity_kg'), ('g', 'contained_g')] %}
        cast(
            sum(case when is_counted and is_whole and {{ measure }} is not null then value_usd end)
            as bigint
        ) as low_{{ unit }}_usd,
        cast(
            sum(case when is_counted and {{ measure }} is not null then value_usd end) as bigint
        ) as high_{{ unit }}_usd,
        {%- endfor %}
        bool_or(is_at_another_stage) as is_at_another_stage,
        bool_or(is_suspected_double_count and is_counted) as has_double_count
    from by_buyer
    group by event_id, item, series_number, importer_number, reference_year

),

-- Everybody who is aimed at and buys any of it in the year, and blocs with somebody aimed at.
affected_importers as (

    select distinct
        scoped.event_id,
        scoped.item,
        scoped.series_number,
        scoped.imposing_number,
        totals.importer_number,
        totals.reference_year
    from (
        select distinct
            units.event_id,
            units.item,
            units.series_number,
            scoped_lines.imposing_number,
            scoped_lines.effect_year
        from units
        inner join scoped_lines
            on {{ same_key('units', 'scoped_lines', ['event_id', 'item', 'line_number']) }}
    ) as scoped
    inner join totals on scoped.series_number = totals.series_number
    inner join current_series
        on {{ same_key('totals', 'current_series', ['series_number', 'reference_year']) }}
    cross join latest
    left join members
        on
            totals.importer_number = members.bloc_number
            and totals.reference_year = members.reference_year
    inner join targets
        on
            scoped.event_id = targets.event_id
            and scoped.item = targets.item
            and coalesce(members.member_number, totals.importer_number) = targets.country_number
    where
        totals.reference_year = latest.latest_year
        or (
            totals.reference_year >= scoped.effect_year - 3
            and totals.reference_year < scoped.effect_year
        )

)

select
    affected_importers.event_id,
    affected_importers.item,
    affected_importers.series_number,
    affected_importers.importer_number,
    affected_importers.reference_year,
    own.member_number is not null as is_inside,
    totals.value_usd as total_usd,
    totals.quantity_kg as total_kg,
    totals.contained_g as total_g,
    totals.value_weighed_usd,
    totals.value_contained_usd,
    coalesce(
        totals.outlier_kg > {{ threshold('outlier_quantity_share') }} * totals.quantity_kg, false
    ) as has_outliers,
    scoped_imports.high_usd is not null as is_recorded,
    coalesce(scoped_imports.low_usd, 0) as low_usd,
    coalesce(scoped_imports.high_usd, 0) as high_usd,
    -- Dollars with tonnes for too few: what comes from there weighs more, and nobody says how much.
    {%- for unit in ['kg', 'g'] %}
    {%- for end in ['low', 'high'] %}
    case
        {%- for sum in ['low', 'high'] %}
        when
            scoped_imports.{{ sum }}_usd is not null
            and not {{ is_weighed(
                'scoped_imports.' ~ sum ~ '_' ~ unit ~ '_usd', 'scoped_imports.' ~ sum ~ '_usd'
            ) }}
            then null
        {%- endfor %}
        else coalesce(scoped_imports.{{ end }}_{{ unit }}, 0)
    end as {{ end }}_{{ unit }},
    {%- endfor %}
    scoped_imports.high_{{ unit }} is not null as has_{{ unit }},
    {%- endfor %}
    coalesce(scoped_imports.is_at_another_stage, false) as is_at_another_stage,
    coalesce(scoped_imports.has_double_count, false) as has_double_count,
    contradicted.origin_number is not null as is_contradicted
from affected_importers
inner join totals
    on
        {{ same_key(
            'affected_importers', 'totals', ['series_number', 'importer_number', 'reference_year']
        ) }}
left join members as own
    on
        affected_importers.importer_number = own.bloc_number
        and affected_importers.imposing_number = own.member_number
        and affected_importers.reference_year = own.reference_year
left join scoped_imports
    on
        {{ same_key('affected_importers', 'scoped_imports', [
            'event_id', 'item', 'series_number', 'importer_number', 'reference_year',
        ]) }}
-- Another series of the publisher tells otherwise of what comes from there.
left join {{ ref('int_trade__series_conflicts') }} as contradicted
    on
        affected_importers.imposing_number = contradicted.origin_number
        and {{ same_key('affected_importers', 'contradicted', [
            'series_number', 'importer_number', 'reference_year',
        ]) }}
