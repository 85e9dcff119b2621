{#- What names a flow: no two of those that have tonnes share it. -#}
{% macro flow_key() -%}
    {{ return(['edition', 'series_id', 'hs6', 'exporter_iso3', 'importer_iso3', 'reference_year']) }}
{%- endmacro %}

{#- The same by numbers, where many flows are joined. -#}
{% macro flow_numbers() -%}
    {{ return(['line_number', 'exporter_number', 'importer_number', 'reference_year']) }}
{%- endmacro %}

{#-
    Steps of a `with`: from `flows`, `metals` and `parties` to `supplied`, what a country ships of a mineral beside
    what it can have: its output, the largest figure of any stage that a publisher of `source_priority` printed, and
    what it bought in the same series. Grams of contained metal of all lines with tonnes. Output in gross weight is
    more than what is contained: it makes the exports look small, never large. Without a printed output above 0 nothing
    is told: a publisher that does not know a producer prints 0 as well.
-#}
{% macro exporter_supply() -%}
priorities as (

    select * from {{ ref('source_priority') }}
    where statistic = 'production'

),

printed_outputs as (

    select
        figures.mineral_id,
        figures.country_iso3,
        figures.reference_year,
        {{ exact_sum('figures.quantity_tonnes') }} * 1000000 as output_g
    from {{ ref('int_production__figures') }} as figures
    inner join priorities on figures.source_id = priorities.source_id
    where
        figures.statistic = 'production'
        and figures.country_iso3 is not null
        and figures.quantity_tonnes is not null
    group by
        figures.mineral_id, figures.country_iso3, figures.reference_year, figures.source_id,
        figures.edition, figures.stage, figures.basis

),

outputs as (

    select
        mineral_id,
        country_iso3,
        reference_year,
        max(output_g) as output_g
    from printed_outputs
    group by mineral_id, country_iso3, reference_year

),

exports_and_imports as (

    select
        metal_number,
        exporter_number as country_number,
        reference_year,
        contained_g as exported_g,
        0 as imported_g
    from flows
    union all
    select
        metal_number,
        importer_number as country_number,
        reference_year,
        0 as exported_g,
        contained_g as imported_g
    from flows

),

traded_amounts as (

    select
        metal_number,
        country_number,
        reference_year,
        cast(sum(exported_g) as bigint) as exported_g,
        cast(sum(imported_g) as bigint) as imported_g
    from exports_and_imports
    group by metal_number, country_number, reference_year

),

supplied as {{ materialized_cte() }} (

    select
        traded_amounts.metal_number,
        traded_amounts.country_number,
        traded_amounts.reference_year,
        traded_amounts.exported_g,
        traded_amounts.imported_g,
        outputs.output_g,
        case
            when outputs.output_g > 0
                then traded_amounts.exported_g / (outputs.output_g + traded_amounts.imported_g)
        end as exports_over_supply
    from traded_amounts
    inner join metals on traded_amounts.metal_number = metals.metal_number
    inner join parties on traded_amounts.country_number = parties.party_number
    left join outputs
        on
            metals.mineral_id = outputs.mineral_id
            and parties.party_id = outputs.country_iso3
            and traded_amounts.reference_year = outputs.reference_year

)
{%- endmacro %}

{#-
    Steps of a `with`: from `flows` to `repeated_lines`, under which an exporter's shipments may stand a second time.
    The same goods (of one stage, a tonne at a like price) go to the same importer under another line, at least
    `double_count_covered_share` as much; and the line is the one that stops and comes back while the other runs on:
    the exporter declares in some years only, the importer in every one. `line_g` is all that it ships under the line
    in the year, `largest_g` the largest flow of it that may stand twice. Whether the exporter can have shipped that
    much, `supplied` tells.
-#}
{% macro repeated_lines() -%}
{%- set line_key = ['line_number', 'exporter_number', 'reference_year'] %}
{%- set pair_key = ['line_number', 'exporter_number', 'importer_number', 'counterpart_number'] %}
-- The same goods of one exporter to one importer under two lines: they cost the same.
flow_pairs as (

    select
        flows.line_number,
        flows.exporter_number,
        flows.importer_number,
        flows.reference_year,
        flows.contained_g,
        kept.line_number as counterpart_number
    from flows
    inner join flows as kept
        on
            {{ same_key('flows', 'kept', [
                'metal_number', 'exporter_number', 'importer_number', 'reference_year', 'stage',
            ]) }}
            and flows.line_number <> kept.line_number
    where
        abs(ln(flows.unit_value / kept.unit_value))
        < ln({{ threshold('reconcile_agreeing_ratio') }})
        and kept.contained_g >= {{ threshold('double_count_covered_share') }} * flows.contained_g

),

pairs as (

    select distinct
        {{ pair_key | join(', ') }}
    from flow_pairs

),

-- Years in which the other line runs, and whether this one does.
line_years as (

    select
        pairs.*,
        kept.reference_year,
        coalesce(repeated.contained_g, 0)
        >= {{ threshold('double_count_silent_share') }} * kept.contained_g as is_running
    from pairs
    inner join flows as kept
        on
            {{ same_key('pairs', 'kept', ['exporter_number', 'importer_number']) }}
            and pairs.counterpart_number = kept.line_number
    left join flows as repeated
        on
            {{ same_key('pairs', 'repeated', [
                'line_number', 'exporter_number', 'importer_number',
            ]) }}
            and kept.reference_year = repeated.reference_year

),

pair_spans as (

    select
        *,
        min(case when is_running then reference_year end) over pair as first_year,
        max(case when is_running then reference_year end) over pair as last_year
    from line_years
    window pair as (partition by {{ pair_key | join(', ') }})

),

interrupted_pairs as (

    select distinct
        {{ pair_key | join(', ') }}
    from pair_spans
    where not is_running and reference_year > first_year and reference_year < last_year

),

repeated_flows as (

    select
        flow_pairs.{{ line_key | join(',\n        flow_pairs.') }},
        max(flow_pairs.contained_g) as largest_g
    from flow_pairs
    inner join interrupted_pairs
        on {{ same_key('flow_pairs', 'interrupted_pairs', pair_key) }}
    group by flow_pairs.{{ line_key | join(', flow_pairs.') }}

),

repeated_lines as (

    select
        flows.metal_number,
        repeated_flows.{{ line_key | join(',\n        repeated_flows.') }},
        repeated_flows.largest_g,
        cast(sum(flows.contained_g) as bigint) as line_g
    from repeated_flows
    inner join flows on {{ same_key('repeated_flows', 'flows', line_key) }}
    group by
        flows.metal_number, repeated_flows.largest_g,
        repeated_flows.{{ line_key | join(', repeated_flows.') }}

)
{%- endmacro %}

{#-
    Steps of a `with`: from `supply`, `lines`, `parties` and `imports` (what importers declare) to `flows_elsewhere`,
    which their importer declares under another line: it declares on this line, of others, but of this exporter less
    than `double_count_silent_share` of the flow. Under another line of the mineral, of the same stage, it declares as
    much at a like price a tonne (at least `double_count_covered_share` of the flow's value, which is at least
    `double_count_cargo_share` of that), and as far as the exporter was asked, it says nothing there. Empty unless a
    release was asked to read declarations. BACI names no reporter: what the importer does not say is the exporter's
    word.
-#}
{% macro flows_declared_elsewhere() -%}
{%- set flow = flow_numbers() + ['metal_number', 'contained_g'] %}
exclusive_lines as (

    select * from {{ ref('int_trade__lines') }}
    where is_exclusive

),

declared_flows as (

    select
        declarations.*,
        exclusive_lines.mineral_id,
        exclusive_lines.stage,
        exporter.party_number as exporter_number,
        importer.party_number as importer_number
    from imports as declarations
    inner join exclusive_lines on declarations.hs6 = exclusive_lines.hs6
    inner join parties as exporter on declarations.exporter_iso3 = exporter.party_id
    inner join parties as importer on declarations.importer_iso3 = importer.party_id

),

reporting_importers as (

    select distinct
        importer_number,
        hs6,
        reference_year
    from declared_flows

),

undeclared_flows as (

    select
        supply.*,
        lines.hs6,
        lines.mineral_id,
        lines.line_stage
    from supply
    inner join lines on supply.line_number = lines.line_number
    inner join reporting_importers
        on
            {{ same_key('supply', 'reporting_importers', ['importer_number', 'reference_year']) }}
            and lines.hs6 = reporting_importers.hs6
    left join declared_flows
        on
            {{ same_key('supply', 'declared_flows', [
                'importer_number', 'exporter_number', 'reference_year',
            ]) }}
            and lines.hs6 = declared_flows.hs6
    where
        supply.value_usd >= {{ threshold('reconcile_rate_minimum_usd') }}
        and coalesce(declared_flows.importer_value_usd, 0)
        < {{ threshold('double_count_silent_share') }} * supply.value_usd

),

declared_counterparts as (

    select
        undeclared_flows.*,
        declared_flows.hs6 as counterpart_hs6,
        declared_flows.importer_value_usd as counterpart_usd,
        max(declared_flows.importer_value_usd) over (
            partition by undeclared_flows.{{ flow_numbers() | join(', undeclared_flows.') }}
        ) as largest_usd
    from undeclared_flows
    inner join declared_flows
        on
            {{ same_key('undeclared_flows', 'declared_flows', [
                'importer_number', 'exporter_number', 'mineral_id', 'reference_year',
            ]) }}
            and undeclared_flows.line_stage = declared_flows.stage
            and undeclared_flows.hs6 <> declared_flows.hs6
    where
        declared_flows.importer_value_usd
        >= {{ threshold('double_count_covered_share') }} * undeclared_flows.value_usd
        and undeclared_flows.value_usd
        >= {{ threshold('double_count_cargo_share') }} * declared_flows.importer_value_usd
        and declared_flows.importer_quantity_tonnes > 0
        and coalesce(declared_flows.exporter_value_usd, 0)
        < {{ threshold('double_count_silent_share') }} * declared_flows.importer_value_usd
        -- The same goods cost the same.
        and abs(
            ln(
                undeclared_flows.value_usd / undeclared_flows.quantity_kg
                / declared_flows.importer_value_usd * declared_flows.importer_quantity_tonnes * 1000
            )
        ) < ln({{ threshold('reconcile_agreeing_ratio') }})

),

-- Of several lines the one that holds most of it; of two alike, the first.
flows_elsewhere as (

    select
        {{ flow | join(',\n        ') }},
        min(counterpart_hs6) as counterpart_hs6,
        min(counterpart_usd) as counterpart_usd
    from declared_counterparts
    where counterpart_usd = largest_usd
    group by {{ flow | join(', ') }}

)
{%- endmacro %}
