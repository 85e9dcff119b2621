{#-
    What moved between an edition of trade and the one before it, of series and years that both publish: the
    trade of each line in all, and each exporter's share of it where it moved by `revised_share_minimum`. As
    published: goods that we count once or leave out is in it. Declared trade has one edition at a time.
-#}
with

series as (

    select * from {{ ref('int_trade__series') }}
    where series_level <> 'mineral_stage'

),

parties as (

    select * from {{ ref('int_trade__parties') }}

),

ordered as (

    select
        *,
        lag(edition) over (
            partition by series_id, reference_year
            order by released_on, edition
        ) as previous_edition
    from {{ ref('int_trade__current_editions') }}

),

pairs as (

    select * from ordered
    where previous_edition is not null

),

asked as (

    select
        series_id,
        edition,
        reference_year
    from pairs
    union
    select
        series_id,
        previous_edition as edition,
        reference_year
    from pairs

),

lines as (

    select
        series_id,
        line_code,
        max(hs6) as hs6,
        max(source_id) as source_id,
        max(mineral_id) as mineral_id,
        max(stage) as stage,
        max(form) as form
    from series
    group by series_id, line_code

),

by_exporter as (

    select
        series.series_id,
        series.edition,
        series.line_code,
        flows.reference_year,
        flows.exporter_number,
        cast(sum(flows.value_usd) as bigint) as value_usd,
        cast(sum(flows.quantity_kg) as bigint) as quantity_kg
    from {{ ref('int_trade__measured_flows') }} as flows
    inner join series on flows.line_number = series.series_number
    inner join asked
        on
            series.series_id = asked.series_id
            and series.edition = asked.edition
            and flows.reference_year = asked.reference_year
    group by
        series.series_id, series.edition, series.line_code, flows.reference_year,
        flows.exporter_number

),

in_all as (

    select
        series_id,
        edition,
        line_code,
        reference_year,
        cast(sum(value_usd) as bigint) as value_usd,
        cast(sum(quantity_kg) as bigint) as quantity_kg
    from by_exporter
    group by series_id, edition, line_code, reference_year

),

by_geography as (

    select
        series_id,
        edition,
        line_code,
        reference_year,
        'WORLD' as geography_id,
        'world' as geography_kind,
        value_usd,
        quantity_kg,
        cast(null as double) as export_share
    from in_all
    union all
    select
        by_exporter.series_id,
        by_exporter.edition,
        by_exporter.line_code,
        by_exporter.reference_year,
        parties.party_id as geography_id,
        'country' as geography_kind,
        by_exporter.value_usd,
        by_exporter.quantity_kg,
        by_exporter.value_usd / in_all.value_usd as export_share
    from by_exporter
    inner join in_all
        on
            by_exporter.series_id = in_all.series_id
            and by_exporter.edition = in_all.edition
            and by_exporter.line_code = in_all.line_code
            and by_exporter.reference_year = in_all.reference_year
    inner join parties on by_exporter.exporter_number = parties.party_number

),

later as (

    select
        by_geography.*,
        pairs.previous_edition
    from by_geography
    inner join pairs
        on
            by_geography.series_id = pairs.series_id
            and by_geography.edition = pairs.edition
            and by_geography.reference_year = pairs.reference_year

),

earlier as (

    select
        by_geography.*,
        pairs.edition as next_edition
    from by_geography
    inner join pairs
        on
            by_geography.series_id = pairs.series_id
            and by_geography.edition = pairs.previous_edition
            and by_geography.reference_year = pairs.reference_year

),

compared as (

    select
        coalesce(later.series_id, earlier.series_id) as series_id,
        coalesce(later.edition, earlier.next_edition) as edition,
        coalesce(later.previous_edition, earlier.edition) as previous_edition,
        coalesce(later.line_code, earlier.line_code) as line_code,
        coalesce(later.reference_year, earlier.reference_year) as reference_year,
        coalesce(later.geography_kind, earlier.geography_kind) as geography_kind,
        coalesce(later.geography_id, earlier.geography_id) as geography_id,
        later.value_usd,
        earlier.value_usd as previous_value_usd,
        later.quantity_kg,
        earlier.quantity_kg as previous_quantity_kg,
        later.export_share,
        earlier.export_share as previous_export_share
    from later
    full outer join earlier
        on
            later.series_id = earlier.series_id
            and later.edition = earlier.next_edition
            and later.line_code = earlier.line_code
            and later.reference_year = earlier.reference_year
            and later.geography_id = earlier.geography_id

),

counted as (

    select
        *,
        count(value_usd) over (
            partition by series_id, edition, line_code, reference_year
        ) as later_rows,
        count(previous_value_usd) over (
            partition by series_id, edition, line_code, reference_year
        ) as earlier_rows
    from compared

)

select
    lines.source_id,
    counted.edition,
    counted.previous_edition,
    counted.series_id,
    counted.line_code,
    lines.hs6,
    lines.mineral_id,
    lines.stage,
    lines.form,
    counted.reference_year,
    counted.geography_kind,
    counted.geography_id,
    counted.value_usd,
    counted.previous_value_usd,
    counted.quantity_kg,
    counted.previous_quantity_kg,
    counted.export_share,
    counted.previous_export_share
from counted
inner join lines
    on counted.series_id = lines.series_id and counted.line_code = lines.line_code
where
    (
        counted.geography_kind = 'world'
        and (
            counted.value_usd is distinct from counted.previous_value_usd
            or counted.quantity_kg is distinct from counted.previous_quantity_kg
        )
    )
    -- Of a line that only one of the two has, the row of the world says so once.
    or (
        counted.geography_kind = 'country'
        and counted.later_rows > 0
        and counted.earlier_rows > 0
        and round(
            abs(coalesce(counted.export_share, 0) - coalesce(counted.previous_export_share, 0)), 9
        ) >= {{ threshold('revised_share_minimum') }}
    )
