{#-
    Flows that most likely repeat a shipment that another line counts: an exporter books it under one line, its importer
    under another, nobody can match the two, and both stand. Found from declarations and output alone, nothing
    here knows a country or a mineral. `evidence` says by what:

    `output`: the exporter's line was told by what it can have (macro `repeated_lines`), in this year and
    in `double_count_minimum_years` at least, since one year's output may be misprinted. `other_years`: of this
    year its output does not tell, of others it did. `declarations`: the importer declares the shipment under
    another line (macro `flows_declared_elsewhere`).

    A copy goes to the importers that take the same goods under another line too, or declares them there. Copies in transit
    go to places that neither work nor pass on the metal: most of what they buy comes so, and of it they ship
    less than `double_count_passed_on_share`. They are found where the exporter's output tells, and as far as
    importers took more under the other line than the copies of their own. What an importer says that it bought
    under the line is no copy, whatever else is said.
-#}
with

supply as {{ inline_cte() }} (

    select * from {{ ref('int_trade__classified_flows') }}
    where is_supply_of_metal

),

flows as {{ inline_cte() }} (

    select
        *,
        value_usd / quantity_kg as unit_value
    from supply
    where contained_g > 0

),

imports as (

    select * from {{ ref('stg_un_comtrade__paired_declarations') }}
    where importer_value_usd is not null

),

{{ exporter_supply() }},

{{ repeated_lines() }},

{{ flows_declared_elsewhere() }},

-- Lines of exporters that ship more than they can have, and without the line do not.
excess_lines as (

    select repeated_lines.*
    from repeated_lines
    inner join supplied
        on
            {{ same_key('repeated_lines', 'supplied', [
                'edition', 'series_id', 'mineral_id', 'reference_year',
            ]) }}
            and repeated_lines.exporter_iso3 = supplied.country_iso3
    where
        supplied.exports_over_supply > {{ threshold('double_count_supply_ratio') }}
        and supplied.exported_g - repeated_lines.line_g
        <= {{ threshold('double_count_supply_ratio') }} * (supplied.output_g + supplied.imported_g)
        and repeated_lines.largest_g
        >= {{ threshold('double_count_minimum_share') }} * supplied.exported_g

),

declared_elsewhere as (

    select flows_elsewhere.*
    from flows_elsewhere
    inner join supplied
        on
            {{ same_key('flows_elsewhere', 'supplied', [
                'edition', 'series_id', 'mineral_id', 'reference_year',
            ]) }}
            and flows_elsewhere.exporter_iso3 = supplied.country_iso3
    where
        coalesce(flows_elsewhere.contained_g, 0)
        >= {{ threshold('double_count_minimum_share') }} * supplied.exported_g

),

-- How an exporter books is the same in every series: one that tells is enough.
bookings as (

    select
        mineral_id,
        exporter_iso3,
        hs6
    from (
        select
            mineral_id,
            exporter_iso3,
            hs6,
            count(*) as year_count
        from excess_lines
        group by edition, series_id, mineral_id, exporter_iso3, hs6
    ) as in_series
    group by mineral_id, exporter_iso3, hs6
    having max(year_count) >= {{ threshold('double_count_minimum_years') }}

),

declared_lines as (

    select distinct
        edition,
        series_id,
        exporter_iso3,
        hs6,
        reference_year
    from declared_elsewhere

),

-- Found first: of half a million flows few are on such lines.
candidates as {{ materialized_cte() }} (

    select
        flows.*,
        bookings.hs6 is not null as is_booked_so
    from flows
    left join bookings
        on {{ same_key('flows', 'bookings', ['mineral_id', 'exporter_iso3', 'hs6']) }}
    left join declared_lines
        on
            {{ same_key('flows', 'declared_lines', [
                'edition', 'series_id', 'exporter_iso3', 'hs6', 'reference_year',
            ]) }}
    where bookings.hs6 is not null or declared_lines.hs6 is not null

),

suspects as (

    select
        candidates.*,
        supplied.exported_g,
        candidates.is_booked_so and excess_lines.hs6 is not null as is_told_by_output,
        candidates.is_booked_so
        or supplied.exports_over_supply > {{ threshold('double_count_supply_ratio') }}
            as is_too_much
    from candidates
    inner join supplied
        on
            {{ same_key('candidates', 'supplied', [
                'edition', 'series_id', 'mineral_id', 'reference_year',
            ]) }}
            and candidates.exporter_iso3 = supplied.country_iso3
    left join excess_lines
        on
            {{ same_key('candidates', 'excess_lines', [
                'edition', 'series_id', 'mineral_id', 'exporter_iso3', 'hs6', 'reference_year',
            ]) }}

),

-- What the exporter ships of the same stage under other lines, and of that to the same importer.
sibling_exports as (

    select
        suspects.series_id,
        suspects.source_row_id,
        others.hs6 as other_hs6,
        cast(sum(others.contained_g) as bigint) as other_g,
        cast(
            sum(
                case
                    when others.importer_iso3 = suspects.importer_iso3 then others.contained_g
                    else 0
                end
            ) as bigint
        ) as importer_g
    from suspects
    inner join flows as others
        on
            {{ same_key('suspects', 'others', [
                'edition', 'series_id', 'mineral_id', 'exporter_iso3', 'reference_year', 'stage',
            ]) }}
            and suspects.hs6 <> others.hs6
    group by suspects.series_id, suspects.source_row_id, others.hs6

),

ranked_siblings as (

    select
        *,
        max(other_g) over (partition by series_id, source_row_id) as largest_g
    from sibling_exports

),

covered_lines as (

    select
        series_id,
        source_row_id,
        min(case when other_g = largest_g then other_hs6 end) as counterpart_hs6,
        cast(sum(other_g) as bigint) as other_g,
        cast(sum(importer_g) as bigint) as importer_g
    from ranked_siblings
    group by series_id, source_row_id

),

verdicts as (

    select
        suspects.*,
        coalesce(declared_elsewhere.counterpart_hs6, covered_lines.counterpart_hs6)
            as counterpart_hs6,
        coalesce(covered_lines.other_g, 0) as other_g,
        declared_elsewhere.source_row_id is not null as is_declared_elsewhere,
        suspects.contained_g
        >= {{ threshold('double_count_minimum_share') }} * suspects.exported_g as is_large,
        coalesce(
            covered_lines.importer_g
            >= {{ threshold('double_count_covered_share') }} * suspects.contained_g,
            false
        ) as is_beside,
        importers.exported_g
        < {{ threshold('double_count_passed_on_share') }} * importers.imported_g
        and suspects.contained_g
        > {{ threshold('double_count_transit_share') }} * importers.imported_g
            as is_place_of_transit,
        coalesce(
            imports.importer_value_usd
            >= {{ threshold('double_count_covered_share') }} * suspects.value_usd,
            false
        ) as is_declared_by_importer
    from suspects
    inner join supplied as importers
        on
            {{ same_key('suspects', 'importers', [
                'edition', 'series_id', 'mineral_id', 'reference_year',
            ]) }}
            and suspects.importer_iso3 = importers.country_iso3
    left join covered_lines
        on {{ same_key('suspects', 'covered_lines', ['series_id', 'source_row_id']) }}
    left join declared_elsewhere
        on {{ same_key('suspects', 'declared_elsewhere', ['series_id', 'source_row_id']) }}
    left join imports
        on
            {{ same_key('suspects', 'imports', [
                'importer_iso3', 'exporter_iso3', 'hs6', 'reference_year',
            ]) }}

),

with_copy_kind as (

    select
        *,
        case
            when is_declared_by_importer then null
            when is_declared_elsewhere or (is_booked_so and is_large and is_beside)
                then 'copy'
            when is_too_much and is_large and is_place_of_transit and not is_beside
                then 'transit'
        end as copy_kind
    from verdicts

),

with_left_over as (

    select
        *,
        other_g
        - coalesce(
            sum(case when copy_kind = 'copy' then contained_g end) over (
                partition by edition, series_id, mineral_id, exporter_iso3, hs6, reference_year
            ),
            0
        ) as left_over_g,
        sum(case when copy_kind = 'transit' then contained_g end) over (
            partition by edition, series_id, mineral_id, exporter_iso3, hs6, reference_year
        ) as transit_g
    from with_copy_kind

)

select
    source_row_id,
    edition,
    series_id,
    mineral_id,
    hs6,
    exporter_iso3,
    importer_iso3,
    reference_year,
    copy_kind,
    counterpart_hs6,
    concat_ws(
        ',',
        case when is_declared_elsewhere then 'declarations' end,
        case when is_booked_so and not is_told_by_output then 'other_years' end,
        case when is_told_by_output or not (is_booked_so or is_declared_elsewhere) then 'output' end
    ) as evidence
from with_left_over
where
    copy_kind = 'copy'
    or (
        copy_kind = 'transit'
        and left_over_g >= {{ threshold('double_count_covered_share') }} * transit_g
    )
