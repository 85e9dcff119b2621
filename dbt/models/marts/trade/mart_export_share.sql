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
        exporter_years.has_double_count,
        exporter_years.has_outliers,
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
shipments as (

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
        exporter_years.quantity_kg,
        false as is_outlier,
        exporter_years.is_exporter_weighed as is_weighed
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
        imports.quantity_kg,
        imports.has_outliers as is_outlier,
        imports.is_weighed
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
        shipments.exporter_id,
        shipments.exporter_name,
        shipments.exporter_kind,
        shipments.series_level,
        shipments.hs6,
        shipments.mineral_id,
        -- A line's row is of its flows' own stage; where they have several, of the line's.
        coalesce(shipments.other_stage, shipments.stage) as stage,
        shipments.pooled_lines,
        shipments.is_mixed_line,
        shipments.reference_year,
        shipments.source_id,
        shipments.edition,
        shipments.series_id,
        shipments.hs_revision,
        shipments.destination_id,
        shipments.destination_name,
        shipments.destination_kind,
        shipments.value_usd,
        shipments.quantity_kg / 1000 as quantity_tonnes_gross,
        shipments.contained_g / 1000000 as quantity_tonnes_contained,
        shipments.contained_low_g / 1000000 as quantity_tonnes_contained_low,
        shipments.contained_high_g / 1000000 as quantity_tonnes_contained_high,
        shipments.exporter_rank,
        shipments.destination_rank,
        shipments.exported_usd / shipments.world_usd as export_share,
        -- By weight only on one line: tonnes of different goods are not added up.
        case
            when
                shipments.quantity_basis = 'gross'
                and shipments.is_world_weighed
                and shipments.is_exporter_weighed
                then shipments.exported_kg / shipments.world_kg
        end as export_quantity_share,
        case
            when shipments.quantity_basis <> 'gross' then 'different_goods'
            when shipments.exported_kg is null then 'tonnage_not_published'
            when not (shipments.is_world_weighed and shipments.is_exporter_weighed)
                then 'tonnage_partly_published'
        end as export_quantity_null_reason,
        shipments.value_usd / shipments.exported_usd as destination_share,
        case
            when
                shipments.quantity_basis = 'gross'
                and shipments.is_exporter_weighed
                and shipments.is_weighed
                then shipments.quantity_kg / shipments.exported_kg
        end as destination_quantity_share,
        case
            when shipments.quantity_basis <> 'gross' then 'different_goods'
            when shipments.quantity_kg is null then 'tonnage_not_published'
            when not (shipments.is_exporter_weighed and shipments.is_weighed)
                then 'tonnage_partly_published'
        end as destination_quantity_null_reason,
        shipments.value_squared
        / (cast(shipments.exported_usd as double) * shipments.exported_usd) as destination_hhi,
        {{ quality_flags({
            'grade_heterogeneous': "shipments.is_grade_heterogeneous",
            'lines_missing': "shipments.has_missing_lines",
            'mixed_line': "shipments.is_mixed_line",
            'series_break': "shipments.is_series_break",
            'several_stages': "shipments.has_several_stages",
            'suspected_double_count': "shipments.has_double_count",
            'truncated_release': "shipments.is_truncated_release",
            'unit_value_outlier': "shipments.has_outliers or shipments.is_outlier",
        }) }} as quality_flags
    from shipments

)

{{ contract_columns(named=['exporter_name', 'destination_name']) }}
