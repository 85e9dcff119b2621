{#-
    A small number for every series that shares are taken in: each line of each publisher's series
    (`hs6`, `cn8`), and each mineral and stage pooled over the lines of one series (`mineral_stage`). Lines of
    two series are never pooled: HS2002's unwrought tantalum lies inside HS1992's line of another code.
-#}
with

editions as (

    select edition
    from {{ ref('stg_reference__editions') }}
    where source_id = 'cepii_baci' and released_on <= cast('{{ var("as_of") }}' as date)

),

baci_series as (

    select * from {{ ref('stg_cepii_baci__series') }}

),

-- What the reader counted, line by line: a look at the flows themselves takes a second.
baci_lines as (

    select distinct
        'cepii_baci' as source_id,
        accounts.edition,
        accounts.series_id,
        baci_series.hs_revision,
        accounts.hs6 as line_code,
        accounts.hs6,
        described.mineral_id,
        described.stage,
        described.form,
        described.is_exclusive,
        described.is_mixed_line
    from {{ ref('stg_cepii_baci__line_accounts') }} as accounts
    inner join editions on accounts.edition = editions.edition
    inner join baci_series
        on
            accounts.edition = baci_series.edition
            and accounts.series_id = baci_series.series_id
    inner join {{ ref('int_trade__line_described') }} as described
        on accounts.hs6 = described.hs6
    where accounts.is_used

),

comext_lines as (

    select distinct
        source_id,
        edition,
        'comext_cn8' as series_id,
        'CN8' as hs_revision,
        cn8 as line_code,
        hs6,
        mineral_id,
        stage,
        form,
        true as is_exclusive,
        false as is_mixed_line
    from {{ ref('stg_eurostat_comext__imports') }}
    where
        value_status = 'numeric'
        and partner_iso3 <> reporter_iso3
        and released_on <= cast('{{ var("as_of") }}' as date)

),

comtrade_lines as (

    select distinct
        flows.source_id,
        flows.edition,
        flows.series_id,
        flows.hs_revision,
        flows.hs6 as line_code,
        flows.hs6,
        described.mineral_id,
        described.stage,
        described.form,
        described.is_exclusive,
        described.is_mixed_line
    from {{ ref('int_reconcile__series_flow') }} as flows
    inner join {{ ref('int_trade__line_described') }} as described on flows.hs6 = described.hs6

),

flows as (

    select * from baci_lines
    union all
    select * from comtrade_lines
    union all
    select * from comext_lines

),

partial as (

    select series_id
    from baci_series
    where is_partial_partners

),

lines as (

    select
        case when series_id = 'comext_cn8' then 'cn8' else 'hs6' end as series_level,
        line_code,
        hs6,
        mineral_id,
        stage,
        form,
        source_id,
        edition,
        series_id,
        hs_revision,
        is_mixed_line
    from flows

),

-- A pool needs a line of its own at the stage: of DR Congo's hydroxide alone no share of anybody's
-- intermediate cobalt can be taken. It holds what is shipped at its stage under other lines too.
pools as (

    select
        'mineral_stage' as series_level,
        '' as line_code,
        cast(null as varchar) as hs6,
        mineral_id,
        stage,
        cast(null as varchar) as form,
        source_id,
        edition,
        series_id,
        hs_revision,
        bool_or(is_mixed_line) as is_mixed_line
    from flows
    where is_exclusive
    group by mineral_id, stage, source_id, edition, series_id, hs_revision

),

all_series as (

    select * from lines
    union all
    select * from pools

)

select
    cast(
        row_number() over (
            order by
                all_series.series_level, all_series.mineral_id, all_series.stage,
                all_series.line_code, all_series.series_id
        ) as smallint
    ) as series_number,
    all_series.series_level,
    all_series.line_code,
    all_series.hs6,
    all_series.mineral_id,
    all_series.stage,
    all_series.form,
    all_series.source_id,
    all_series.edition,
    all_series.series_id,
    all_series.hs_revision,
    all_series.is_mixed_line,
    partial.series_id is not null as is_partial_partners
from all_series
left join partial on all_series.series_id = partial.series_id
-- Of some countries' trade no share of anybody's imports can be taken.
where partial.series_id is null or all_series.series_level <> 'mineral_stage'
