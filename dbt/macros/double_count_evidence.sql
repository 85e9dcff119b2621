{#-
    Steps of a `with`: from `flows` to `supplied`, what a country ships of a mineral beside what it can have: its
    output, the largest figure of any stage that a publisher of `source_priority` printed, and what it bought in the
    same series. Grams of contained metal of all lines with tonnes. Output in gross weight is more than what is
    contained: it makes the exports look small, never large. Without a printed output above 0 nothing is told: a
    publisher that does not know a producer prints 0 as well.
-#}
{% macro exporter_supply() -%}
priorities as (

    select * from {{ ref('source_priority') }}
    where statistic = 'production'

),

printed as (

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
    from printed
    group by mineral_id, country_iso3, reference_year

),

exports_and_imports as (

    select
        edition,
        series_id,
        mineral_id,
        exporter_iso3 as country_iso3,
        reference_year,
        contained_g as exported_g,
        0 as imported_g
    from flows
    union all
    select
        edition,
        series_id,
        mineral_id,
        importer_iso3 as country_iso3,
        reference_year,
        0 as exported_g,
        contained_g as imported_g
    from flows

),

traded as (

    select
        edition,
        series_id,
        mineral_id,
        country_iso3,
        reference_year,
        cast(sum(exported_g) as bigint) as exported_g,
        cast(sum(imported_g) as bigint) as imported_g
    from exports_and_imports
    group by edition, series_id, mineral_id, country_iso3, reference_year

),

supplied as {{ materialized_cte() }} (

    select
        traded.edition,
        traded.series_id,
        traded.mineral_id,
        traded.country_iso3,
        traded.reference_year,
        traded.exported_g,
        traded.imported_g,
        outputs.output_g,
        case
            when outputs.output_g > 0
                then traded.exported_g / (outputs.output_g + traded.imported_g)
        end as exports_over_supply
    from traded
    left join outputs
        on
            traded.mineral_id = outputs.mineral_id
            and traded.country_iso3 = outputs.country_iso3
            and traded.reference_year = outputs.reference_year

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
{%- set exporter_key = ['edition', 'series_id', 'mineral_id', 'exporter_iso3'] %}
{%- set line_key = exporter_key + ['hs6', 'reference_year'] %}
{%- set pair_key = exporter_key + ['importer_iso3', 'hs6', 'counterpart_hs6'] %}
-- The same goods of one exporter to one importer under two lines: they cost the same.
paired as (

    select
        flows.*,
        kept.hs6 as counterpart_hs6
    from flows
    inner join flows as kept
        on
            {%- for column in exporter_key + ['importer_iso3', 'reference_year', 'stage'] %}
            flows.{{ column }} = kept.{{ column }} and
            {%- endfor %}
            flows.hs6 <> kept.hs6
    where
        abs(ln(flows.unit_value / kept.unit_value))
        < ln({{ threshold('reconcile_agreeing_ratio') }})
        and kept.contained_g >= {{ threshold('double_count_covered_share') }} * flows.contained_g

),

pairs as (

    select distinct
        {{ pair_key | join(', ') }}
    from paired

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
            {%- for column in exporter_key + ['importer_iso3'] %}
            pairs.{{ column }} = kept.{{ column }} and
            {%- endfor %}
            pairs.counterpart_hs6 = kept.hs6
    left join flows as repeated
        on
            {%- for column in exporter_key + ['importer_iso3', 'hs6'] %}
            pairs.{{ column }} = repeated.{{ column }} and
            {%- endfor %}
            kept.reference_year = repeated.reference_year

),

spanned as (

    select
        *,
        min(case when is_running then reference_year end) over pair as first_year,
        max(case when is_running then reference_year end) over pair as last_year
    from line_years
    window pair as (partition by {{ pair_key | join(', ') }})

),

interrupted as (

    select distinct
        {{ pair_key | join(', ') }}
    from spanned
    where not is_running and reference_year > first_year and reference_year < last_year

),

repeating as (

    select
        {%- for column in line_key %}
        paired.{{ column }},
        {%- endfor %}
        max(paired.contained_g) as largest_g
    from paired
    inner join interrupted
        on
            {%- for column in exporter_key + ['importer_iso3', 'hs6'] %}
            paired.{{ column }} = interrupted.{{ column }} and
            {%- endfor %}
            paired.counterpart_hs6 = interrupted.counterpart_hs6
    group by paired.{{ line_key | join(', paired.') }}

),

repeated_lines as (

    select
        {%- for column in line_key %}
        repeating.{{ column }},
        {%- endfor %}
        repeating.largest_g,
        cast(sum(flows.contained_g) as bigint) as line_g
    from repeating
    inner join flows
        on
            {%- for column in exporter_key + ['hs6'] %}
            repeating.{{ column }} = flows.{{ column }} and
            {%- endfor %}
            repeating.reference_year = flows.reference_year
    group by repeating.largest_g, repeating.{{ line_key | join(', repeating.') }}

)
{%- endmacro %}

{#-
    Steps of a `with`: from `supply` and `imports` (what importers declare) to `flows_elsewhere`, which their importer
    declares under another line: it declares on this line, of others, but of this exporter less than
    `double_count_silent_share` of the flow. Under another line of the mineral, of the same stage, it declares as much
    at a like price a tonne (at least `double_count_covered_share` of the flow's value, which is at least
    `double_count_cargo_share` of that), and as far as the exporter was asked, it says nothing there. Empty unless a
    release was asked to read declarations. BACI names no reporter: what the importer does not say is the exporter's
    word.
-#}
{% macro flows_declared_elsewhere() -%}
{%- set flow = [
    'edition', 'series_id', 'source_row_id', 'mineral_id', 'exporter_iso3', 'importer_iso3', 'hs6',
    'reference_year', 'contained_g'
] %}
lines as (

    select * from {{ ref('int_trade__lines') }}
    where is_exclusive

),

declared as (

    select
        declarations.*,
        lines.mineral_id,
        lines.stage
    from imports as declarations
    inner join lines on declarations.hs6 = lines.hs6

),

reporting as (

    select distinct
        importer_iso3,
        hs6,
        reference_year
    from declared

),

undeclared_flows as (

    select supply.*
    from supply
    inner join reporting
        on
            supply.importer_iso3 = reporting.importer_iso3
            and supply.hs6 = reporting.hs6
            and supply.reference_year = reporting.reference_year
    left join declared
        on
            supply.importer_iso3 = declared.importer_iso3
            and supply.exporter_iso3 = declared.exporter_iso3
            and supply.hs6 = declared.hs6
            and supply.reference_year = declared.reference_year
    where
        supply.value_usd >= {{ threshold('reconcile_rate_minimum_usd') }}
        and coalesce(declared.importer_value_usd, 0)
        < {{ threshold('double_count_silent_share') }} * supply.value_usd

),

declared_counterparts as (

    select
        undeclared_flows.*,
        declared.hs6 as counterpart_hs6,
        declared.importer_value_usd as counterpart_usd,
        max(declared.importer_value_usd) over (
            partition by undeclared_flows.series_id, undeclared_flows.source_row_id
        ) as largest_usd
    from undeclared_flows
    inner join declared
        on
            undeclared_flows.importer_iso3 = declared.importer_iso3
            and undeclared_flows.exporter_iso3 = declared.exporter_iso3
            and undeclared_flows.mineral_id = declared.mineral_id
            and undeclared_flows.line_stage = declared.stage
            and undeclared_flows.reference_year = declared.reference_year
            and undeclared_flows.hs6 <> declared.hs6
    where
        declared.importer_value_usd
        >= {{ threshold('double_count_covered_share') }} * undeclared_flows.value_usd
        and undeclared_flows.value_usd
        >= {{ threshold('double_count_cargo_share') }} * declared.importer_value_usd
        and declared.importer_quantity_tonnes > 0
        and coalesce(declared.exporter_value_usd, 0)
        < {{ threshold('double_count_silent_share') }} * declared.importer_value_usd
        -- The same goods cost the same.
        and abs(
            ln(
                undeclared_flows.value_usd / undeclared_flows.quantity_kg
                / declared.importer_value_usd * declared.importer_quantity_tonnes * 1000
            )
        ) < ln({{ threshold('reconcile_agreeing_ratio') }})

),

-- Of several lines the one that holds most of it; of two alike, the first.
flows_elsewhere as (

    select
        {%- for column in flow %}
        {{ column }},
        {%- endfor %}
        min(counterpart_hs6) as counterpart_hs6,
        min(counterpart_usd) as counterpart_usd
    from declared_counterparts
    where counterpart_usd = largest_usd
    group by {{ flow | join(', ') }}

)
{%- endmacro %}
