{#-
    Flows that their importer declares under another line: it declares on this line, of others, but of this
    exporter less than `double_count_silent_share` of the flow. Under another line of the mineral, of the same stage, it
    declares as much at a like price a tonne (at least `double_count_covered_share` of the flow's value, which is at least
    `double_count_cargo_share` of that), and as far as the exporter was asked, it says nothing there.
    Empty unless a release was asked to read declarations. BACI names no reporter: what the importer does not
    say is the exporter's word.
-#}
{%- set flow = [
    'edition', 'series_id', 'source_row_id', 'mineral_id', 'exporter_iso3', 'importer_iso3', 'hs6',
    'reference_year', 'contained_g'
] %}
with

flows as (

    select * from {{ ref('int_trade__classified_flows') }}
    where is_supply_of_metal and value_usd >= {{ threshold('reconcile_rate_minimum_usd') }}

),

lines as (

    select * from {{ ref('int_trade__lines') }}
    where is_exclusive

),

declared as (

    select
        declarations.*,
        lines.mineral_id,
        lines.stage
    from {{ ref('stg_un_comtrade__paired_declarations') }} as declarations
    inner join lines on declarations.hs6 = lines.hs6
    where declarations.importer_value_usd is not null

),

reporting as (

    select distinct
        importer_iso3,
        hs6,
        reference_year
    from declared

),

silent as (

    select flows.*
    from flows
    inner join reporting
        on
            flows.importer_iso3 = reporting.importer_iso3
            and flows.hs6 = reporting.hs6
            and flows.reference_year = reporting.reference_year
    left join declared
        on
            flows.importer_iso3 = declared.importer_iso3
            and flows.exporter_iso3 = declared.exporter_iso3
            and flows.hs6 = declared.hs6
            and flows.reference_year = declared.reference_year
    where
        coalesce(declared.importer_value_usd, 0)
        < {{ threshold('double_count_silent_share') }} * flows.value_usd

),

elsewhere as (

    select
        silent.*,
        declared.hs6 as counterpart_hs6,
        declared.importer_value_usd as counterpart_usd,
        max(declared.importer_value_usd) over (
            partition by silent.series_id, silent.source_row_id
        ) as largest_usd
    from silent
    inner join declared
        on
            silent.importer_iso3 = declared.importer_iso3
            and silent.exporter_iso3 = declared.exporter_iso3
            and silent.mineral_id = declared.mineral_id
            and silent.line_stage = declared.stage
            and silent.reference_year = declared.reference_year
            and silent.hs6 <> declared.hs6
    where
        declared.importer_value_usd
        >= {{ threshold('double_count_covered_share') }} * silent.value_usd
        and silent.value_usd
        >= {{ threshold('double_count_cargo_share') }} * declared.importer_value_usd
        and declared.importer_quantity_tonnes > 0
        and coalesce(declared.exporter_value_usd, 0)
        < {{ threshold('double_count_silent_share') }} * declared.importer_value_usd
        -- The same goods cost the same.
        and abs(
            ln(
                silent.value_usd / silent.quantity_kg
                / declared.importer_value_usd * declared.importer_quantity_tonnes * 1000
            )
        ) < ln({{ threshold('reconcile_agreeing_ratio') }})

)

-- Of several lines the one that holds most of it; of two alike, the first.
select
    {%- for column in flow %}
    {{ column }},
    {%- endfor %}
    min(counterpart_hs6) as counterpart_hs6,
    min(counterpart_usd) as counterpart_usd
from elsewhere
where counterpart_usd = largest_usd
group by {{ flow | join(', ') }}
