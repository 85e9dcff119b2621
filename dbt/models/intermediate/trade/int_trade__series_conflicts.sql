{#-
    Imports that two series of one publisher contradict: of one line, year, importer and origin their shares are
    apart by more than the threshold `series_conflict_share`, by value or by tonnes. An origin that one of the two
    lacks counts there as 0. A pool is contradicted where one of its lines is.
-#}
with

series as (

    select * from {{ ref('int_trade__series') }}
    where series_level = 'hs6' and not is_partial_partners

),

-- Declared trade is another publisher's: that it differs from BACI contradicts no release.
compared_lines as (

    select
        source_id,
        hs6
    from series
    group by source_id, hs6
    having count(*) > 1

),

imports as (

    select
        series.source_id,
        series.hs6,
        series.series_number,
        imports.reference_year,
        imports.importer_number,
        imports.origin_number,
        imports.is_bloc_origin,
        imports.value_usd,
        imports.quantity_kg
    from {{ ref('int_trade__imports_by_origin') }} as imports
    inner join series on imports.series_number = series.series_number
    inner join compared_lines
        on series.source_id = compared_lines.source_id and series.hs6 = compared_lines.hs6
    where not imports.is_inside

),

totals as (

    select
        source_id,
        hs6,
        series_number,
        reference_year,
        importer_number,
        sum(value_usd) as value_usd,
        sum(quantity_kg) as quantity_kg
    from imports
    where not is_bloc_origin
    group by source_id, hs6, series_number, reference_year, importer_number

),

-- How many series say anything of the importer's line in the year; of its tonnes, likewise.
importer_lines as (

    select
        source_id,
        hs6,
        reference_year,
        importer_number,
        count(*) as series_count,
        count(quantity_kg) as weighed_count
    from totals
    group by source_id, hs6, reference_year, importer_number
    having count(*) > 1

),

shares as (

    select
        imports.source_id,
        imports.hs6,
        imports.reference_year,
        imports.importer_number,
        imports.origin_number,
        imports.value_usd / totals.value_usd as value_share,
        imports.quantity_kg / totals.quantity_kg as quantity_share
    from imports
    inner join totals
        on
            imports.series_number = totals.series_number
            and imports.reference_year = totals.reference_year
            and imports.importer_number = totals.importer_number

),

share_ranges as (

    select
        shares.source_id,
        shares.hs6,
        shares.reference_year,
        shares.importer_number,
        shares.origin_number,
        max(shares.value_share)
        - case
            when count(shares.value_share) < max(importer_lines.series_count) then 0
            else min(shares.value_share)
        end as value_share_spread,
        case
            when max(importer_lines.weighed_count) > 1
                then
                    max(shares.quantity_share)
                    - case
                        when count(shares.quantity_share) < max(importer_lines.weighed_count) then 0
                        else min(shares.quantity_share)
                    end
        end as quantity_share_spread
    from shares
    inner join importer_lines
        on
            {{ same_key('shares', 'importer_lines', [
                'source_id', 'hs6', 'reference_year', 'importer_number',
            ]) }}
    group by
        shares.source_id, shares.hs6, shares.reference_year, shares.importer_number,
        shares.origin_number

),

contradicted_shares as (

    select
        source_id,
        hs6,
        reference_year,
        importer_number,
        origin_number
    from share_ranges
    where
        value_share_spread > {{ threshold('series_conflict_share') }}
        or quantity_share_spread > {{ threshold('series_conflict_share') }}

),

-- Series of a publisher's line, and pools that have goods of their stage under its code.
series_lines as (

    select
        series_number,
        source_id,
        hs6
    from {{ ref('int_trade__series') }}
    where hs6 is not null
    union all
    select
        flows.pool_number as series_number,
        line.source_id,
        line.hs6
    from {{ ref('int_trade__measured_flows') }} as flows
    inner join {{ ref('int_trade__series') }} as line on flows.line_number = line.series_number
    where flows.is_current_edition and flows.pool_number is not null
    group by flows.pool_number, line.source_id, line.hs6

)

select distinct
    series_lines.series_number,
    contradicted_shares.reference_year,
    contradicted_shares.importer_number,
    contradicted_shares.origin_number
from contradicted_shares
inner join series_lines
    on
        contradicted_shares.source_id = series_lines.source_id
        and contradicted_shares.hs6 = series_lines.hs6
order by contradicted_shares.importer_number, series_lines.series_number
