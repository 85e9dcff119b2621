{#-
    Imports that two series of one publisher contradict: of one line, year, importer and origin their shares are
    apart by more than the threshold `series_conflict_share`, by value or by tonnes. An origin that one of the two
    lacks counts there as 0. A pool is contradicted where one of its lines is.
-#}
with

-- Declared trade is another publisher's: that it differs from BACI contradicts no release. A
-- line of a publisher has the number of its first series.
compared_series as (

    select
        series_number,
        min(series_number) over (partition by source_id, hs6) as line_number,
        count(*) over (partition by source_id, hs6) as series_count
    from {{ ref('int_trade__series') }}
    where series_level = 'hs6' and not is_partial_partners

),

imports as (

    select
        compared_series.line_number,
        imports.series_number,
        imports.reference_year,
        imports.importer_number,
        imports.origin_number,
        imports.is_bloc_origin,
        imports.value_usd,
        imports.quantity_kg
    from {{ ref('int_trade__imports_by_origin') }} as imports
    inner join compared_series on imports.series_number = compared_series.series_number
    where not imports.is_inside and compared_series.series_count > 1

),

totals as (

    select
        line_number,
        series_number,
        reference_year,
        importer_number,
        sum(value_usd) as value_usd,
        sum(quantity_kg) as quantity_kg
    from imports
    where not is_bloc_origin
    group by line_number, series_number, reference_year, importer_number

),

-- How many series say anything of the importer's line in the year; of its tonnes, likewise.
importer_lines as (

    select
        line_number,
        reference_year,
        importer_number,
        count(*) as series_count,
        count(quantity_kg) as weighed_count
    from totals
    group by line_number, reference_year, importer_number
    having count(*) > 1

),

compared_totals as (

    select
        totals.*,
        importer_lines.series_count,
        importer_lines.weighed_count
    from totals
    inner join importer_lines
        on
            {{ same_key('totals', 'importer_lines', [
                'line_number', 'reference_year', 'importer_number',
            ]) }}

),

shares as (

    select
        totals.line_number,
        totals.reference_year,
        totals.importer_number,
        totals.series_count,
        totals.weighed_count,
        imports.origin_number,
        imports.value_usd / totals.value_usd as value_share,
        imports.quantity_kg / totals.quantity_kg as quantity_share
    from imports
    inner join compared_totals as totals
        on
            {{ same_key('imports', 'totals', [
                'series_number', 'reference_year', 'importer_number',
            ]) }}

),

share_ranges as (

    select
        line_number,
        reference_year,
        importer_number,
        origin_number,
        max(value_share)
        - case when count(value_share) < max(series_count) then 0 else min(value_share) end
            as value_share_spread,
        case
            when max(weighed_count) > 1
                then
                    max(quantity_share)
                    - case
                        when count(quantity_share) < max(weighed_count) then 0
                        else min(quantity_share)
                    end
        end as quantity_share_spread
    from shares
    group by line_number, reference_year, importer_number, origin_number

),

contradicted_shares as (

    select
        series.source_id,
        series.hs6,
        share_ranges.reference_year,
        share_ranges.importer_number,
        share_ranges.origin_number
    from share_ranges
    inner join {{ ref('int_trade__series') }} as series
        on share_ranges.line_number = series.series_number
    where
        share_ranges.value_share_spread > {{ threshold('series_conflict_share') }}
        or share_ranges.quantity_share_spread > {{ threshold('series_conflict_share') }}

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
