{#-
    Lines under which an exporter's shipments may stand a second time. The same goods (of one stage, a tonne at a
    like price) go to the same importer under another line, at least `double_count_covered_share` as much; and the
    line is the one that stops and comes back while the other runs on: the exporter declares in some years only, the
    importer in every one. `line_g` is all that it ships under the line in the year, `largest_g` the largest flow
    of it that may stand twice. Whether the exporter can have shipped that much, `int_trade__double_counts` tells.
-#}
{%- set exporter_key = ['edition', 'series_id', 'mineral_id', 'exporter_iso3'] %}
{%- set line_key = exporter_key + ['hs6', 'reference_year'] %}
{%- set pair_key = exporter_key + ['importer_iso3', 'hs6', 'counterpart_hs6'] %}
with

flows as (

    select
        {{ exporter_key | join(', ') }},
        importer_iso3,
        hs6,
        reference_year,
        stage,
        contained_g,
        value_usd / quantity_kg as unit_value
    from {{ ref('int_trade__classified_flows') }}
    where is_supply_of_metal and contained_g > 0

),

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
runs as (

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
    from runs
    window pair as (partition by {{ pair_key | join(', ') }})

),

interrupted as (

    select distinct
        {{ pair_key | join(', ') }}
    from spanned
    where not is_running and reference_year > first_year and reference_year < last_year

),

suspects as (

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

)

select
    {%- for column in line_key %}
    suspects.{{ column }},
    {%- endfor %}
    suspects.largest_g,
    cast(sum(flows.contained_g) as bigint) as line_g
from suspects
inner join flows
    on
        {%- for column in exporter_key + ['hs6'] %}
        suspects.{{ column }} = flows.{{ column }} and
        {%- endfor %}
        suspects.reference_year = flows.reference_year
group by suspects.largest_g, suspects.{{ line_key | join(', suspects.') }}
