{#- Shares, names and flags of what is kept narrow; a release computes them when it is asked. -#}
with

destinations as (select * from {{ ref('int_trade__destination_ranks') }}),
factors as (select * from {{ ref('stg_reference__contained_factors') }}),
imports as (select * from {{ ref('int_trade__origin_set_rows') }}),

{%- set of_exporter %}
        series_years.*,
        exporter.party_id as exporter_id,
        exporter.party_kind as exporter_kind,
        exporter.party_name as exporter_name,
        exporter_years.exporter_rank,
        exporter_years.other_stage,
        exporter_years.has_several_stages,
        exporter_years.is_exporter_weighed,
        exporter_years.is_world_weighed,
        exporter_years.value_usd as exported_usd,
        exporter_years.quantity_kg as exported_kg,
        exporter_years.value_squared,
        exporter_years.world_usd,
        exporter_years.world_kg,
{%- endset %}

-- What goes to all the world, and below it what each destination buys. Each has its own joins: a
-- filter then reaches the tables.
measured as (

    select
        {{- of_exporter }}
        'WLD' as destination_id,
        'world' as destination_kind,
        'World' as destination_name,
        cast(null as bigint) as destination_rank,
        exporter_years.contained_g,
        exporter_years.contained_low_g,
        exporter_years.contained_high_g,
        exporter_years.value_usd,
        exporter_years.quantity_kg
    from {{ ref('int_trade__exporter_years') }} as exporter_years
    inner join {{ ref('int_trade__series_by_year') }} as series_years
        on exporter_years.series_year_number = series_years.series_year_number
    inner join {{ ref('int_trade__parties') }} as exporter
        on exporter_years.exporter_number = exporter.party_number
    union all
    select
        {{- of_exporter }}
        destination.party_id as destination_id,
        destination.party_kind as destination_kind,
        destination.party_name as destination_name,
        destinations.destination_rank,
        {%- for bound in ['', '_low', '_high'] %}
        imports.{{ 'contained' ~ bound }}_beside_factor_g
        + {{ contained_g('imports.quantity_kg', 'factors.factor' ~ bound) }}
            as contained{{ bound }}_g,
        {%- endfor %}
        imports.value_usd,
        imports.quantity_kg
    from {{ ref('int_trade__exporter_years') }} as exporter_years
    inner join {{ ref('int_trade__series_by_year') }} as series_years
        on exporter_years.series_year_number = series_years.series_year_number
    inner join {{ ref('int_trade__parties') }} as exporter
        on exporter_years.exporter_number = exporter.party_number
    inner join destinations
        on exporter_years.exporter_year_number = destinations.exporter_year_number
    inner join {{ ref('int_trade__parties') }} as destination
        on destinations.destination_number = destination.party_number
    inner join imports
        on
            destinations.origin_set_number = imports.origin_set_number
            and exporter_years.exporter_number = imports.origin_number
    left join factors on imports.factor_number = factors.factor_number

),

final as (

    select
        measured.exporter_id,
        measured.exporter_name,
        measured.exporter_kind,
        measured.series_level,
        measured.hs6,
        measured.mineral_id,
        -- A line's row is of its flows' own stage; where they have several, of the line's.
        coalesce(measured.other_stage, measured.stage) as stage,
        measured.pooled_lines,
        measured.is_mixed_line,
        measured.reference_year,
        measured.source_id,
        measured.edition,
        measured.series_id,
        measured.hs_revision,
        measured.destination_id,
        measured.destination_name,
        measured.destination_kind,
        measured.value_usd,
        measured.quantity_kg / 1000 as quantity_tonnes_gross,
        measured.contained_g / 1000000 as quantity_tonnes_contained,
        measured.contained_low_g / 1000000 as quantity_tonnes_contained_low,
        measured.contained_high_g / 1000000 as quantity_tonnes_contained_high,
        measured.exporter_rank,
        measured.destination_rank,
        measured.exported_usd / measured.world_usd as export_share,
        -- By weight only on one line: tonnes of different goods are not added up.
        case
            when measured.quantity_basis = 'gross' and measured.is_world_weighed
                then measured.exported_kg / measured.world_kg
        end as export_quantity_share,
        measured.value_usd / measured.exported_usd as destination_share,
        case
            when measured.quantity_basis = 'gross' and measured.is_exporter_weighed
                then measured.quantity_kg / measured.exported_kg
        end as destination_quantity_share,
        measured.value_squared
        / (cast(measured.exported_usd as double) * measured.exported_usd) as destination_hhi,
        {{ quality_flags({
            'grade_heterogeneous': "measured.is_grade_heterogeneous",
            'lines_missing': "measured.has_missing_lines",
            'mixed_line': "measured.is_mixed_line",
            'series_break': "measured.is_series_break",
            'several_stages': "measured.has_several_stages",
            'truncated_release': "measured.is_truncated_release",
        }) }} as quality_flags
    from measured

)

{{ contract_columns(named=['exporter_name', 'destination_name']) }}
