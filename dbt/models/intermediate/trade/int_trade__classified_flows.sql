{#-
    Every flow with its mineral, stage, factor and what is odd about it. Stage and factor follow who ships to
    whom where a list of ours says so: crude cobalt hydroxide under the metal's line is no metal. Quantities
    are whole kilograms, the publisher's last digit, so that sums are exact.
-#}
with

baci_trades as (

    select * from {{ ref('stg_cepii_baci__trades') }}

),

trades as (

    select
        source_row_id,
        source_id,
        edition,
        series_id,
        hs_revision,
        hs6,
        exporter_iso3,
        importer_iso3,
        reference_year,
        value_usd,
        quantity_tonnes_gross,
        quantity_status,
        is_truncated_release,
        cast(null as varchar) as declared_by,
        false as is_freight_included,
        false as has_mirror_gap,
        cast(null as varchar) as outlier_side
    from baci_trades
    union all
    select
        source_row_id,
        source_id,
        edition,
        series_id,
        hs_revision,
        hs6,
        exporter_iso3,
        importer_iso3,
        reference_year,
        value_usd,
        quantity_tonnes_gross,
        quantity_status,
        false as is_truncated_release,
        declared_by,
        is_freight_included,
        has_mirror_gap,
        outlier_side
    from {{ ref('int_trade__declared_flows') }}

),

imports as (

    select * from {{ ref('stg_eurostat_comext__imports') }}

),

lines as (

    select * from {{ ref('int_trade__lines') }}

),

overrides as (

    select * from {{ ref('stg_reference__hs_flow_overrides') }}

),

by_line as (

    select
        trades.source_row_id,
        trades.source_id,
        trades.edition,
        trades.series_id,
        trades.hs_revision,
        trades.hs6 as line_code,
        trades.hs6,
        lines.mineral_id,
        coalesce(overrides.stage, lines.stage) as stage,
        lines.stage as line_stage,
        lines.form,
        lines.is_exclusive,
        lines.is_mixed_line,
        trades.exporter_iso3,
        trades.importer_iso3,
        cast(trades.reference_year as smallint) as reference_year,
        trades.value_usd,
        cast(round(trades.quantity_tonnes_gross * 1000) as bigint) as quantity_kg,
        trades.quantity_status,
        case
            when overrides.hs6 is null then lines.contained_factor_key
            else overrides.contained_factor_key
        end as contained_factor_key,
        trades.is_truncated_release,
        trades.declared_by,
        trades.is_freight_included,
        trades.has_mirror_gap,
        trades.outlier_side,
        coalesce(trades.reference_year >= lines.drift_from_year, false) as is_code_drift,
        lines.is_grade_heterogeneous
    from trades
    inner join lines on trades.hs6 = lines.hs6
    left join overrides
        on
            trades.hs6 = overrides.hs6
            and trades.exporter_iso3 = overrides.exporter_iso3
            and (overrides.importer_id = 'ALL' or trades.importer_iso3 = overrides.importer_id)
            and trades.reference_year >= coalesce(overrides.valid_from_year, 0)
            and trades.reference_year <= coalesce(overrides.valid_to_year, 9999)

),

comext as (

    select
        source_row_id,
        source_id,
        edition,
        series_id,
        hs_revision,
        cn8 as line_code,
        hs6,
        mineral_id,
        stage,
        stage as line_stage,
        form,
        true as is_exclusive,
        false as is_mixed_line,
        partner_iso3 as exporter_iso3,
        reporter_iso3 as importer_iso3,
        cast(reference_year as smallint) as reference_year,
        cast(round(value_usd) as bigint) as value_usd,
        cast(null as bigint) as quantity_kg,
        'not_available' as quantity_status,
        cast(null as varchar) as contained_factor_key,
        false as is_truncated_release,
        cast(null as varchar) as declared_by,
        false as is_freight_included,
        false as has_mirror_gap,
        cast(null as varchar) as outlier_side,
        false as is_code_drift,
        false as is_grade_heterogeneous
    from imports
    -- Ceuta and Melilla lie inside Spain here: Spain does not import from itself. Cents that round
    -- to no dollar are left out: a 0 would say that nothing was bought.
    where value_status = 'numeric' and partner_iso3 <> reporter_iso3 and round(value_usd) >= 1

)

select * from by_line
union all
select * from comext
