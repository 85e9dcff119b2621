{#-
    Lines under which an exporter's shipments stand a second time, told by what it can have
    (`int_trade__exporter_supply`): it ships more than `double_count_supply_ratio` times that, and without the line it
    does not. The same goods (of one stage, a tonne at a like price) go to the same importer under another line, at least
    `double_count_covered_share` as much; and the line is the one that stops and comes back while the other
    runs on: the exporter declares in some years only, the importer in every one.
-#}
{%- set exporter_key = ['edition', 'series_id', 'mineral_id', 'exporter_iso3'] %}
{%- set pair_key = exporter_key + ['importer_iso3', 'hs6', 'counterpart_hs6'] %}
with

flows as (

    select
        {%- for column in exporter_key %}
        {{ column }},
        {%- endfor %}
        importer_iso3,
        hs6,
        reference_year,
        stage,
        contained_g,
        value_usd / quantity_kg as unit_value
    from {{ ref('int_trade__classified_flows') }}
    where is_supply_of_metal and contained_g > 0

),

-- Of exporters that ship more than they can have, in the years in which they do.
suspects as (

    select
        flows.*,
        supplied.exported_g,
        supplied.output_g + supplied.imported_g as supply_g,
        sum(flows.contained_g) over (
            partition by
                {%- for column in exporter_key %}
                flows.{{ column }},
                {%- endfor %}
                flows.hs6,
                flows.reference_year
        ) as line_g
    from flows
    inner join {{ ref('int_trade__exporter_supply') }} as supplied
        on
            flows.edition = supplied.edition
            and flows.series_id = supplied.series_id
            and flows.mineral_id = supplied.mineral_id
            and flows.exporter_iso3 = supplied.country_iso3
            and flows.reference_year = supplied.reference_year
    where supplied.exports_over_supply > {{ threshold('double_count_supply_ratio') }}

),

-- The same goods of one exporter to one importer under two lines: they cost the same.
paired as (

    select
        suspects.*,
        kept.hs6 as counterpart_hs6
    from suspects
    inner join flows as kept
        on
            {%- for column in exporter_key %}
            suspects.{{ column }} = kept.{{ column }} and
            {%- endfor %}
            suspects.importer_iso3 = kept.importer_iso3
            and suspects.reference_year = kept.reference_year
            and suspects.stage = kept.stage
            and suspects.hs6 <> kept.hs6
    where
        abs(ln(suspects.unit_value / kept.unit_value))
        < ln({{ threshold('reconcile_agreeing_ratio') }})
        and suspects.exported_g - suspects.line_g
        <= {{ threshold('double_count_supply_ratio') }} * suspects.supply_g
        and suspects.contained_g
        >= {{ threshold('double_count_minimum_share') }} * suspects.exported_g
        and kept.contained_g >= {{ threshold('double_count_covered_share') }} * suspects.contained_g

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
            {%- for column in exporter_key %}
            pairs.{{ column }} = kept.{{ column }} and
            {%- endfor %}
            pairs.importer_iso3 = kept.importer_iso3
            and pairs.counterpart_hs6 = kept.hs6
    left join flows as repeated
        on
            {%- for column in exporter_key %}
            pairs.{{ column }} = repeated.{{ column }} and
            {%- endfor %}
            pairs.importer_iso3 = repeated.importer_iso3
            and pairs.hs6 = repeated.hs6
            and kept.reference_year = repeated.reference_year

),

spanned as (

    select
        *,
        min(case when is_running then reference_year end) over (
            partition by {{ pair_key | join(', ') }}
        ) as first_year,
        max(case when is_running then reference_year end) over (
            partition by {{ pair_key | join(', ') }}
        ) as last_year
    from runs

),

interrupted as (

    select distinct
        {{ pair_key | join(', ') }}
    from spanned
    where not is_running and reference_year > first_year and reference_year < last_year

)

select distinct
    {%- for column in exporter_key %}
    paired.{{ column }},
    {%- endfor %}
    paired.hs6,
    paired.reference_year
from paired
inner join interrupted
    on
        {%- for column in exporter_key %}
        paired.{{ column }} = interrupted.{{ column }} and
        {%- endfor %}
        paired.importer_iso3 = interrupted.importer_iso3
        and paired.hs6 = interrupted.hs6
        and paired.counterpart_hs6 = interrupted.counterpart_hs6
