{#-
    Every flow with its mineral, stage, factor and what is odd about it. Stage and factor follow who ships to
    whom where a list of ours says so: crude cobalt hydroxide under the metal's line is no metal. Quantities
    are whole kilograms, the publisher's last digit, and contained metal whole grams, so that sums are exact.

    Declared trade stands as two series of flows beside BACI's, never mixed into it: `comtrade_reconciled`, lines
    and years of which both sides were asked; and `comtrade_imports`, what importers alone declare, of lines and
    years that BACI's extract lacks. The edition is the newest pull out on the day; a flow that rounds to no dollar
    is left out. A flow of BACI has no row id here: its key and `trader_codes` say the same.
-#}
with

editions as (

    select * from {{ ref('int_trade__current_editions') }}
    where is_current_edition

),

reconciled as (select * from {{ ref('int_trade__reconciled_flows') }}),

answered_by_baci as (

    select distinct
        accounts.hs6,
        accounts.reference_year
    from {{ ref('stg_cepii_baci__line_accounts') }} as accounts
    inner join editions
        on {{ same_key('accounts', 'editions', ['series_id', 'edition', 'reference_year']) }}
    inner join {{ ref('stg_cepii_baci__series') }} as series
        on accounts.series_id = series.series_id and accounts.edition = series.edition
    where accounts.is_used and not series.is_partial_partners

),

of_importers_only as (

    select declarations.*
    from {{ ref('stg_un_comtrade__paired_declarations') }} as declarations
    left join answered_by_baci
        on {{ same_key('declarations', 'answered_by_baci', ['hs6', 'reference_year']) }}
    where
        not declarations.is_reconcilable
        and declarations.importer_value_usd is not null
        and answered_by_baci.hs6 is null

),

declared_flows as (

    select
        'comtrade_reconciled' as series_id,
        exporter_iso3,
        importer_iso3,
        hs6,
        reference_year,
        value_usd,
        quantity_tonnes_gross,
        nullif(source_side, 'both') as declared_by,
        value_basis <> 'fob' as is_freight_included,
        is_quantity_estimated,
        has_mirror_gap,
        outlier_side
    from reconciled
    union all
    select
        'comtrade_imports' as series_id,
        exporter_iso3,
        importer_iso3,
        hs6,
        reference_year,
        importer_value_usd as value_usd,
        importer_quantity_tonnes as quantity_tonnes_gross,
        'importer' as declared_by,
        importer_value_basis <> 'fob' as is_freight_included,
        is_importer_quantity_estimated as is_quantity_estimated,
        false as has_mirror_gap,
        cast(null as string) as outlier_side
    from of_importers_only

),

trades as (

    select
        cast(null as string) as source_row_id,
        trader_codes,
        source_id,
        edition,
        series_id,
        hs_revision,
        hs6,
        exporter_iso3,
        importer_iso3,
        reference_year,
        value_usd,
        cast(round(quantity_tonnes_gross * 1000) as bigint) as quantity_kg,
        quantity_status,
        is_truncated_release,
        cast(null as string) as declared_by,
        false as is_freight_included,
        false as is_quantity_estimated,
        false as has_mirror_gap,
        cast(null as string) as outlier_side
    from {{ ref('stg_cepii_baci__trades') }}
    union all
    -- A reconciled flow has no row of a publisher: its id names the flow.
    select
        concat_ws(
            ':',
            editions.edition,
            declared_flows.series_id,
            declared_flows.hs6,
            declared_flows.exporter_iso3,
            declared_flows.importer_iso3,
            cast(declared_flows.reference_year as string)
        ) as source_row_id,
        cast(null as integer) as trader_codes,
        editions.source_id,
        editions.edition,
        declared_flows.series_id,
        'HS2022' as hs_revision,
        declared_flows.hs6,
        declared_flows.exporter_iso3,
        declared_flows.importer_iso3,
        declared_flows.reference_year,
        cast(round(declared_flows.value_usd) as bigint) as value_usd,
        cast(nullif(round(declared_flows.quantity_tonnes_gross * 1000), 0) as bigint)
            as quantity_kg,
        case
            when declared_flows.quantity_tonnes_gross is null then 'not_available'
            when round(declared_flows.quantity_tonnes_gross * 1000) < 1 then 'below_unit'
            else 'numeric'
        end as quantity_status,
        false as is_truncated_release,
        declared_flows.declared_by,
        declared_flows.is_freight_included,
        declared_flows.is_quantity_estimated,
        declared_flows.has_mirror_gap,
        declared_flows.outlier_side
    from declared_flows
    inner join editions
        on {{ same_key('declared_flows', 'editions', ['series_id', 'reference_year']) }}
    where round(declared_flows.value_usd) >= 1

),

imports as (select * from {{ ref('stg_eurostat_comext__imports') }}),
lines as (select * from {{ ref('int_trade__lines') }}),

overrides as (

    select
        listed.*,
        countries.country_iso3 as importer_iso3
    from {{ ref('stg_reference__hs_flow_overrides') }} as listed
    inner join {{ ref('stg_reference__countries') }} as countries
        on listed.importer_id in ('ALL', countries.country_iso3)

),

by_line as (

    select
        trades.source_row_id,
        trades.trader_codes,
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
        trades.quantity_kg,
        trades.quantity_status,
        case
            when overrides.hs6 is null then lines.contained_factor_key
            else overrides.contained_factor_key
        end as contained_factor_key,
        trades.is_truncated_release,
        trades.declared_by,
        trades.is_freight_included,
        trades.is_quantity_estimated,
        trades.has_mirror_gap,
        trades.outlier_side,
        coalesce(trades.reference_year >= lines.drift_from_year, false) as is_code_drift,
        lines.is_grade_heterogeneous
    from trades
    inner join lines on trades.hs6 = lines.hs6
    left join overrides
        on
            {{ same_key('trades', 'overrides', ['hs6', 'exporter_iso3', 'importer_iso3']) }}
            and trades.reference_year >= coalesce(overrides.valid_from_year, 0)
            and trades.reference_year <= coalesce(overrides.valid_to_year, 9999)

),

comext as (

    select
        source_row_id,
        cast(null as integer) as trader_codes,
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
        cast(null as string) as contained_factor_key,
        false as is_truncated_release,
        cast(null as string) as declared_by,
        false as is_freight_included,
        false as is_quantity_estimated,
        false as has_mirror_gap,
        cast(null as string) as outlier_side,
        false as is_code_drift,
        false as is_grade_heterogeneous
    from imports
    -- Ceuta and Melilla lie inside Spain here: Spain does not import from itself. Cents that round
    -- to no dollar are left out: a 0 would say that nothing was bought.
    where value_status = 'numeric' and partner_iso3 <> reporter_iso3 and round(value_usd) >= 1

),

all_flows as (

    select * from by_line
    union all
    select * from comext

),

factors as (select * from {{ ref('stg_reference__contained_factors') }})

select
    all_flows.*,
    {{ contained_g('all_flows.quantity_kg', 'factors.factor') }} as contained_g,
    {{ contained_g('all_flows.quantity_kg', 'factors.factor_low') }} as contained_low_g,
    {{ contained_g('all_flows.quantity_kg', 'factors.factor_high') }} as contained_high_g,
    -- Products and scrap are no supply of a mine; of what has no tonnes nothing can be told.
    all_flows.is_exclusive
    and all_flows.stage in ('mine', 'intermediate', 'refined')
    and coalesce(all_flows.quantity_kg > 0, false) as is_supply_of_metal
from all_flows
left join factors on all_flows.contained_factor_key = factors.factor_key
