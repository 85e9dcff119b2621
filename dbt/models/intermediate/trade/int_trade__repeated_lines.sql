{#-
    Lines under which an exporter's cargoes stand a second time, told by what it can have
    (`int_trade__exporter_supply`): it ships more than `double_count_supply_ratio` times that, and without the line it
    does not. The same goods (of one stage, a tonne at a like price) go to the same importer under another line, at least
    `double_count_covered_share` as much; and the line is the one that stops and comes back while the other
    runs on: the exporter declares in some years only, the importer in every one.
-#}
{%- set flow_key = ['edition', 'series_id', 'mineral_id', 'exporter_iso3'] %}
with

supplied as (

    select * from {{ ref('int_trade__exporter_supply') }}

),

weighed as (

    select * from {{ ref('int_trade__goods_flows') }}
    where contained_tonnes > 0

),

-- The same goods of one exporter to one importer under two lines.
paired as (

    select
        repeated.edition,
        repeated.series_id,
        repeated.mineral_id,
        repeated.exporter_iso3,
        repeated.importer_iso3,
        repeated.reference_year,
        repeated.hs6,
        repeated.contained_tonnes,
        kept.hs6 as counterpart_hs6,
        kept.contained_tonnes as counterpart_tonnes
    from weighed as repeated
    inner join weighed as kept
        on
            {%- for column in flow_key %}
            repeated.{{ column }} = kept.{{ column }} and
            {%- endfor %}
            repeated.importer_iso3 = kept.importer_iso3
            and repeated.reference_year = kept.reference_year
            and repeated.stage = kept.stage
            and repeated.hs6 <> kept.hs6
    -- The same goods cost the same.
    where
        abs(
            ln(
                repeated.value_usd / repeated.gross_tonnes
                / kept.value_usd * kept.gross_tonnes
            )
        ) < ln({{ threshold('reconcile_agreeing_ratio') }})

),

pairs as (

    select distinct
        {%- for column in flow_key %}
        {{ column }},
        {%- endfor %}
        importer_iso3,
        hs6,
        counterpart_hs6
    from paired

),

-- Years in which the other line runs, and whether this one does.
runs as (

    select
        pairs.*,
        kept.reference_year,
        coalesce(repeated.contained_tonnes, 0)
        >= {{ threshold('double_count_silent_share') }} * kept.contained_tonnes as is_running
    from pairs
    inner join weighed as kept
        on
            {%- for column in flow_key %}
            pairs.{{ column }} = kept.{{ column }} and
            {%- endfor %}
            pairs.importer_iso3 = kept.importer_iso3
            and pairs.counterpart_hs6 = kept.hs6
    left join weighed as repeated
        on
            {%- for column in flow_key %}
            pairs.{{ column }} = repeated.{{ column }} and
            {%- endfor %}
            pairs.importer_iso3 = repeated.importer_iso3
            and pairs.hs6 = repeated.hs6
            and kept.reference_year = repeated.reference_year

),

spans as (

    select
        {%- for column in flow_key %}
        {{ column }},
        {%- endfor %}
        importer_iso3,
        hs6,
        counterpart_hs6,
        min(case when is_running then reference_year end) as first_year,
        max(case when is_running then reference_year end) as last_year
    from runs
    group by
        {%- for column in flow_key %}
        {{ column }},
        {%- endfor %}
        importer_iso3,
        hs6,
        counterpart_hs6

),

interrupted as (

    select distinct
        {%- for column in flow_key %}
        runs.{{ column }},
        {%- endfor %}
        runs.importer_iso3,
        runs.hs6,
        runs.counterpart_hs6
    from runs
    inner join spans
        on
            {%- for column in flow_key %}
            runs.{{ column }} = spans.{{ column }} and
            {%- endfor %}
            runs.importer_iso3 = spans.importer_iso3
            and runs.hs6 = spans.hs6
            and runs.counterpart_hs6 = spans.counterpart_hs6
    where
        not runs.is_running
        and runs.reference_year > spans.first_year
        and runs.reference_year < spans.last_year

),

line_totals as (

    select
        {%- for column in flow_key %}
        {{ column }},
        {%- endfor %}
        hs6,
        reference_year,
        {{ exact_sum('contained_tonnes') }} as line_tonnes
    from weighed
    group by
        {%- for column in flow_key %}
        {{ column }},
        {%- endfor %}
        hs6,
        reference_year

)

select distinct
    {%- for column in flow_key %}
    paired.{{ column }},
    {%- endfor %}
    paired.hs6,
    paired.reference_year
from paired
inner join interrupted
    on
        {%- for column in flow_key %}
        paired.{{ column }} = interrupted.{{ column }} and
        {%- endfor %}
        paired.importer_iso3 = interrupted.importer_iso3
        and paired.hs6 = interrupted.hs6
        and paired.counterpart_hs6 = interrupted.counterpart_hs6
inner join supplied
    on
        paired.edition = supplied.edition
        and paired.series_id = supplied.series_id
        and paired.mineral_id = supplied.mineral_id
        and paired.exporter_iso3 = supplied.country_iso3
        and paired.reference_year = supplied.reference_year
inner join line_totals
    on
        {%- for column in flow_key %}
        paired.{{ column }} = line_totals.{{ column }} and
        {%- endfor %}
        paired.hs6 = line_totals.hs6
        and paired.reference_year = line_totals.reference_year
where
    supplied.exports_over_supply > {{ threshold('double_count_supply_ratio') }}
    and supplied.exported_tonnes - line_totals.line_tonnes
    <= {{ threshold('double_count_supply_ratio') }}
    * (supplied.output_tonnes + supplied.imported_tonnes)
    and paired.contained_tonnes
    >= {{ threshold('double_count_minimum_share') }} * supplied.exported_tonnes
    and paired.counterpart_tonnes
    >= {{ threshold('double_count_covered_share') }} * paired.contained_tonnes
