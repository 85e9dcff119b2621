{#-
    Shares of one line, year, importer and origin that two series of one publisher contradict: apart by more
    than the threshold `series_conflict_share`, by value or by tonnes. An origin that one of the two lacks counts
    there as 0. Only those are kept.
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
answered as (

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

shared as (

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

spread as (

    select
        shared.source_id,
        shared.hs6,
        shared.reference_year,
        shared.importer_number,
        shared.origin_number,
        max(shared.value_share)
        - case
            when count(shared.value_share) < max(answered.series_count) then 0
            else min(shared.value_share)
        end as value_share_spread,
        case
            when max(answered.weighed_count) > 1
                then
                    max(shared.quantity_share)
                    - case
                        when count(shared.quantity_share) < max(answered.weighed_count) then 0
                        else min(shared.quantity_share)
                    end
        end as quantity_share_spread
    from shared
    inner join answered
        on
            shared.source_id = answered.source_id
            and shared.hs6 = answered.hs6
            and shared.reference_year = answered.reference_year
            and shared.importer_number = answered.importer_number
    group by
        shared.source_id, shared.hs6, shared.reference_year, shared.importer_number,
        shared.origin_number

)

select *
from spread
where
    value_share_spread > {{ threshold('series_conflict_share') }}
    or quantity_share_spread > {{ threshold('series_conflict_share') }}
