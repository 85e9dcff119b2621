{#-
    How a change of contained tonnes' shares moves with the factors: the lowest and the highest over the
    corners of their ranges, the same factors then and now.
-#}
with

compared as (

    select * from {{ ref('int_diversification__share_changes') }}
    where measure = 'tonnes'

),

windows as (

    select * from {{ ref('int_diversification__comparison_windows') }}
    where not is_one_line

),

pools as (

    select distinct series_number from windows

),

corners as (

    select * from {{ ref('int_trade__pool_factor_corners') }}

),

shares as (

    select * from {{ ref('int_trade__shares_at_corners') }}

),

-- Who sold nothing in a year has 0 of it.
windowed as (

    select
        windows.series_number,
        windows.window_id,
        shares.importer_number,
        shares.origin_number,
        shares.corner,
        sum(shares.quantity_share) / 3 as quantity_share
    from windows
    inner join shares
        on
            windows.series_number = shares.series_number
            and windows.first_year <= shares.reference_year
            and windows.last_year >= shares.reference_year
    group by
        windows.series_number, windows.window_id, shares.importer_number, shares.origin_number,
        shares.corner

)

select
    compared.series_number,
    compared.base_id,
    compared.importer_number,
    compared.origin_number,
    min(coalesce(now.quantity_share, 0) - coalesce(base.quantity_share, 0)) as share_change_low,
    max(coalesce(now.quantity_share, 0) - coalesce(base.quantity_share, 0)) as share_change_high
from compared
-- A pool of one line is shared as shipped: it has no window here, and no factor moves it.
inner join pools on compared.series_number = pools.series_number
inner join corners on compared.series_number = corners.pool_number
left join windowed as base
    on
        compared.series_number = base.series_number
        and compared.base_id = base.window_id
        and compared.importer_number = base.importer_number
        and compared.origin_number = base.origin_number
        and corners.corner = base.corner
left join windowed as now
    on
        compared.series_number = now.series_number
        and now.window_id = 'now'
        and compared.importer_number = now.importer_number
        and compared.origin_number = now.origin_number
        and corners.corner = now.corner
group by
    compared.series_number, compared.base_id, compared.importer_number, compared.origin_number
