{#-
    Declared trade as two series of flows beside BACI's, never mixed into it: `comtrade_reconciled`, lines and years
    of which both sides were asked; and `comtrade_imports`, what importers alone declare, of lines and years
    that BACI's extract lacks. The edition is the newest pull out on the day. Whole dollars and kilograms, as in
    every series; a flow that rounds to no dollar is left out. A reconciled flow has no row of a publisher:
    its id names the flow.
-#}
with

editions as (

    select * from {{ ref('int_trade__current_editions') }}
    where is_current_edition

),

reconciled as (

    select * from {{ ref('int_trade__reconciled_flows') }}

),

answered as (

    select distinct
        accounts.hs6,
        accounts.reference_year
    from {{ ref('stg_cepii_baci__line_accounts') }} as accounts
    inner join editions
        on
            accounts.series_id = editions.series_id
            and accounts.edition = editions.edition
            and accounts.reference_year = editions.reference_year
    inner join {{ ref('stg_cepii_baci__series') }} as series
        on accounts.series_id = series.series_id and accounts.edition = series.edition
    where accounts.is_used and not series.is_partial_partners

),

imports as (

    select declared.*
    from {{ ref('int_trade__paired_declarations') }} as declared
    left join answered
        on declared.hs6 = answered.hs6 and declared.reference_year = answered.reference_year
    where
        not declared.is_reconcilable
        and declared.importer_value_usd is not null
        and answered.hs6 is null

),

flows as (

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
        false as has_mirror_gap,
        cast(null as varchar) as outlier_side
    from imports

)

select
    concat_ws(
        ':',
        editions.edition,
        flows.series_id,
        flows.hs6,
        flows.exporter_iso3,
        flows.importer_iso3,
        cast(flows.reference_year as varchar)
    ) as source_row_id,
    editions.source_id,
    editions.edition,
    flows.series_id,
    'HS2022' as hs_revision,
    flows.hs6,
    flows.exporter_iso3,
    flows.importer_iso3,
    flows.reference_year,
    cast(round(flows.value_usd) as bigint) as value_usd,
    case when round(flows.quantity_tonnes_gross * 1000) >= 1 then flows.quantity_tonnes_gross end
        as quantity_tonnes_gross,
    case
        when flows.quantity_tonnes_gross is null then 'not_available'
        when round(flows.quantity_tonnes_gross * 1000) < 1 then 'below_unit'
        else 'numeric'
    end as quantity_status,
    flows.declared_by,
    flows.is_freight_included,
    flows.has_mirror_gap,
    flows.outlier_side
from flows
inner join editions
    on flows.series_id = editions.series_id and flows.reference_year = editions.reference_year
where round(flows.value_usd) >= 1
