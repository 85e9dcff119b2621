{#-
    What moved between an edition and the one before: same source, series, geography and year. Of production
    every figure that either lists; of trade, which a new release moves everywhere, what moved: the trade of each line
    in all, and each exporter's share of it where it moved by `revised_share_minimum`. Trade is as published: goods
    that we count once or leave out are in it. Declared trade has one edition at a time.
-#}
{%- set series = [
    'statistic', 'source_id', 'series_id', 'line_code', 'hs6', 'mineral_id', 'stage', 'form', 'basis',
    'reference_year'
] | join(', ') -%}
{%- set measures = [
    'quantity_tonnes', 'production_share', 'value_usd', 'export_share', 'source_row_id'
] -%}
with

editions as (

    select
        source_id,
        edition,
        lag(edition) over (partition by source_id order by released_on, edition)
            as previous_edition,
        lead(edition) over (partition by source_id order by released_on, edition)
            as next_edition
    from {{ ref('stg_reference__editions') }}

),

trade_editions as (

    select
        series_id,
        edition,
        reference_year,
        lag(edition) over same_year as previous_edition,
        lead(edition) over same_year as next_edition
    from {{ ref('int_trade__current_editions') }}
    window same_year as (partition by series_id, reference_year order by released_on, edition)

),

-- A line is the same goods in every edition.
lines as (

    select
        series_id,
        line_code,
        max(hs6) as hs6,
        max(source_id) as source_id,
        max(mineral_id) as mineral_id,
        max(stage) as stage,
        max(form) as form
    from {{ ref('int_trade__series') }}
    where series_level <> 'mineral_stage'
    group by series_id, line_code

),

by_exporter as (

    select
        series.series_id,
        series.line_code,
        flows.reference_year,
        flows.exporter_number,
        trade_editions.edition,
        trade_editions.previous_edition,
        trade_editions.next_edition,
        cast(sum(flows.value_usd) as bigint) as value_usd,
        cast(sum(flows.quantity_kg) as bigint) as quantity_kg
    from {{ ref('int_trade__measured_flows') }} as flows
    inner join {{ ref('int_trade__series') }} as series
        on flows.line_number = series.series_number
    inner join trade_editions
        on
            series.series_id = trade_editions.series_id
            and series.edition = trade_editions.edition
            and flows.reference_year = trade_editions.reference_year
    where
        series.series_level <> 'mineral_stage'
        and coalesce(trade_editions.previous_edition, trade_editions.next_edition) is not null
    group by
        series.series_id, series.line_code, flows.reference_year, flows.exporter_number,
        trade_editions.edition, trade_editions.previous_edition, trade_editions.next_edition

),

line_totals as (

    select
        series_id,
        line_code,
        reference_year,
        edition,
        previous_edition,
        next_edition,
        cast(sum(value_usd) as bigint) as value_usd,
        cast(sum(quantity_kg) as bigint) as quantity_kg
    from by_exporter
    group by series_id, line_code, reference_year, edition, previous_edition, next_edition

),

trade_figures as (

    select
        *,
        'WORLD' as geography_id,
        'world' as geography_kind
    from line_totals
    union all by name
    select
        by_exporter.*,
        parties.party_id as geography_id,
        'country' as geography_kind,
        parties.party_id as country_iso3,
        by_exporter.value_usd / line_totals.value_usd as export_share
    from by_exporter
    inner join line_totals
        on {{ same_key('by_exporter', 'line_totals', [
            'series_id', 'line_code', 'reference_year', 'edition'
        ]) }}
    inner join {{ ref('int_trade__parties') }} as parties
        on by_exporter.exporter_number = parties.party_number

),

figures as (

    select
        production.*,
        editions.previous_edition,
        editions.next_edition,
        shared.production_share
    from {{ ref('int_production__figures') }} as production
    inner join editions
        on {{ same_key('production', 'editions', ['source_id', 'edition']) }}
    left join {{ ref('int_production__shares') }} as shared
        on production.source_row_id = shared.source_row_id
    where production.statistic = 'production'
    union all by name
    select
        trade_figures.*,
        lines.source_id,
        lines.hs6,
        lines.mineral_id,
        lines.stage,
        lines.form,
        'trade' as statistic,
        'gross' as basis,
        'numeric' as value_status,
        trade_figures.quantity_kg / 1000 as quantity_tonnes
    from trade_figures
    inner join
        lines
        on trade_figures.series_id = lines.series_id and trade_figures.line_code = lines.line_code

),

-- Each figure is the later one of a pair of editions, and the earlier one of the next.
later_and_earlier as (

    select
        *,
        edition as later_edition,
        previous_edition as earlier_edition,
        true as is_later
    from figures
    where previous_edition is not null
    union all
    select
        *,
        next_edition as later_edition,
        edition as earlier_edition,
        false as is_later
    from figures
    where next_edition is not null

),

edition_pairs as (

    select
        {{ series }},
        later_edition as edition,
        earlier_edition as previous_edition,
        geography_kind,
        geography_id,
        max(country_iso3) as country_iso3,
        {%- for measure in measures %}
        max(case when is_later then {{ measure }} end) as {{ measure }},
        max(case when not is_later then {{ measure }} end) as previous_{{ measure }},
        {%- endfor %}
        max(case when is_later then value_status end) as later_status,
        max(case when not is_later then value_status end) as earlier_status
    from later_and_earlier
    group by {{ series }}, later_edition, earlier_edition, geography_kind, geography_id

),

with_counts as (

    select
        *,
        coalesce(later_status, 'not_listed') as value_status,
        coalesce(earlier_status, 'not_listed') as previous_value_status,
        count(later_status) over same_series > 0 and count(earlier_status) over same_series > 0
            as is_in_both
    from edition_pairs
    window same_series as (partition by {{ series }}, edition, previous_edition)

),

-- Series and years that both editions publish: what only one of them covers is no revision. Of a
-- line that only one of the two has, the row of the world says so once.
revisions as (

    select * from with_counts
    where
        case
            when statistic = 'production' then is_in_both
            when geography_kind = 'world'
                then
                    value_usd is distinct from previous_value_usd
                    or quantity_tonnes is distinct from previous_quantity_tonnes
            else
                is_in_both
                and round(
                    abs(coalesce(export_share, 0) - coalesce(previous_export_share, 0)), 9
                ) >= {{ threshold('revised_share_minimum') }}
        end

),

final as (

    select
        *,
        quantity_tonnes / nullif(previous_quantity_tonnes, 0) as quantity_ratio,
        production_share - previous_production_share as production_share_change,
        value_usd / previous_value_usd as value_ratio,
        export_share - previous_export_share as export_share_change,
        -- Of trade only what moved is there.
        case
            when previous_value_status = 'not_listed' then 'newly_listed'
            when value_status = 'not_listed' then 'no_longer_listed'
            when value_status <> previous_value_status then 'status_changed'
            when statistic = 'trade' or quantity_tonnes <> previous_quantity_tonnes
                then 'revised'
            else 'unchanged'
        end as revision_kind
    from revisions

)

{{ contract_columns() }}
order by
    mineral_id, stage, form, basis, reference_year, source_id, edition, series_id, line_code,
    geography_id
