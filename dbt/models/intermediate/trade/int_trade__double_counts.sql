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

parties as (select * from {{ ref('int_trade__parties') }}),

lines_of_supply as (

    select distinct
        edition,
        series_id,
        mineral_id,
        hs6,
        line_stage
    from {{ ref('int_trade__classified_flows') }}
    where is_supply_of_metal

),

-- Each line, and each metal, of an edition of a series by a number.
lines as (

    select
        *,
        cast(
            dense_rank() over (order by edition, series_id, mineral_id) as smallint
        ) as metal_number,
        cast(
            row_number() over (order by edition, series_id, mineral_id, hs6) as smallint
        ) as line_number
    from lines_of_supply

),

metals as (

    select distinct
        metal_number,
        mineral_id
    from lines

),

-- Half a million flows are joined eight times: by numbers, in a third of the time that texts take.
supply as {{ materialized_cte() }} (

    select
        lines.metal_number,
        lines.line_number,
        exporter.party_number as exporter_number,
        importer.party_number as importer_number,
        flows.reference_year,
        flows.stage,
        flows.value_usd,
        flows.quantity_kg,
        flows.contained_g
    from {{ ref('int_trade__classified_flows') }} as flows
    inner join lines on {{ same_key('flows', 'lines', ['edition', 'series_id', 'hs6']) }}
    inner join parties as exporter on flows.exporter_iso3 = exporter.party_id
    inner join parties as importer on flows.importer_iso3 = importer.party_id
    where flows.is_supply_of_metal

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
            {{ same_key('repeated_lines', 'supplied', ['metal_number', 'reference_year']) }}
            and repeated_lines.exporter_number = supplied.country_number
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
            {{ same_key('flows_elsewhere', 'supplied', ['metal_number', 'reference_year']) }}
            and flows_elsewhere.exporter_number = supplied.country_number
    where
        coalesce(flows_elsewhere.contained_g, 0)
        >= {{ threshold('double_count_minimum_share') }} * supplied.exported_g

),

-- How an exporter books is the same in every series: one that tells is enough.
bookings as (

    select
        lines.mineral_id,
        lines.hs6,
        in_series.exporter_number
    from (
        select
            line_number,
            exporter_number,
            count(*) as year_count
        from excess_lines
        group by line_number, exporter_number
    ) as in_series
    inner join lines on in_series.line_number = lines.line_number
    group by lines.mineral_id, lines.hs6, in_series.exporter_number
    having max(in_series.year_count) >= {{ threshold('double_count_minimum_years') }}

),

booked_lines as (

    select
        lines.line_number,
        bookings.exporter_number
    from bookings
    inner join lines on {{ same_key('bookings', 'lines', ['mineral_id', 'hs6']) }}

),

declared_lines as (

    select distinct
        line_number,
        exporter_number,
        reference_year
    from declared_elsewhere

),

-- Found first: of half a million flows few are on such lines.
candidates as {{ materialized_cte() }} (

    select
        flows.*,
        booked_lines.line_number is not null as is_booked_so
    from flows
    left join booked_lines
        on {{ same_key('flows', 'booked_lines', ['line_number', 'exporter_number']) }}
    left join declared_lines
        on
            {{ same_key('flows', 'declared_lines', [
                'line_number', 'exporter_number', 'reference_year',
            ]) }}
    where booked_lines.line_number is not null or declared_lines.line_number is not null

),

suspects as (

    select
        candidates.*,
        supplied.exported_g,
        candidates.is_booked_so and excess_lines.line_number is not null as is_told_by_output,
        candidates.is_booked_so
        or supplied.exports_over_supply > {{ threshold('double_count_supply_ratio') }}
            as is_too_much
    from candidates
    inner join supplied
        on
            {{ same_key('candidates', 'supplied', ['metal_number', 'reference_year']) }}
            and candidates.exporter_number = supplied.country_number
    left join excess_lines
        on
            {{ same_key('candidates', 'excess_lines', [
                'line_number', 'exporter_number', 'reference_year',
            ]) }}

),

-- What the exporter ships of the same stage under other lines, and of that to the same importer.
sibling_exports as (

    select
        suspects.{{ flow_numbers() | join(',\n        suspects.') }},
        lines.hs6 as other_hs6,
        cast(sum(others.contained_g) as bigint) as other_g,
        cast(
            sum(
                case
                    when others.importer_number = suspects.importer_number then others.contained_g
                    else 0
                end
            ) as bigint
        ) as importer_g
    from suspects
    inner join flows as others
        on
            {{ same_key('suspects', 'others', [
                'metal_number', 'exporter_number', 'reference_year', 'stage',
            ]) }}
            and suspects.line_number <> others.line_number
    inner join lines on others.line_number = lines.line_number
    group by suspects.{{ flow_numbers() | join(', suspects.') }}, lines.hs6

),

ranked_siblings as (

    select
        *,
        max(other_g) over (partition by {{ flow_numbers() | join(', ') }}) as largest_g
    from sibling_exports

),

covered_lines as (

    select
        {{ flow_numbers() | join(',\n        ') }},
        min(case when other_g = largest_g then other_hs6 end) as counterpart_hs6,
        cast(sum(other_g) as bigint) as other_g,
        cast(sum(importer_g) as bigint) as importer_g
    from ranked_siblings
    group by {{ flow_numbers() | join(', ') }}

),

verdicts as (

    select
        suspects.*,
        lines.edition,
        lines.series_id,
        lines.mineral_id,
        lines.hs6,
        exporter.party_id as exporter_iso3,
        importer.party_id as importer_iso3,
        coalesce(declared_elsewhere.counterpart_hs6, covered_lines.counterpart_hs6)
            as counterpart_hs6,
        coalesce(covered_lines.other_g, 0) as other_g,
        declared_elsewhere.line_number is not null as is_declared_elsewhere,
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
    inner join lines on suspects.line_number = lines.line_number
    inner join parties as exporter on suspects.exporter_number = exporter.party_number
    inner join parties as importer on suspects.importer_number = importer.party_number
    inner join supplied as importers
        on
            {{ same_key('suspects', 'importers', ['metal_number', 'reference_year']) }}
            and suspects.importer_number = importers.country_number
    left join covered_lines
        on {{ same_key('suspects', 'covered_lines', flow_numbers()) }}
    left join declared_elsewhere
        on {{ same_key('suspects', 'declared_elsewhere', flow_numbers()) }}
    left join imports
        on
            importer.party_id = imports.importer_iso3
            and exporter.party_id = imports.exporter_iso3
            and lines.hs6 = imports.hs6
            and suspects.reference_year = imports.reference_year

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
                partition by line_number, exporter_number, reference_year
            ),
            0
        ) as left_over_g,
        sum(case when copy_kind = 'transit' then contained_g end) over (
            partition by line_number, exporter_number, reference_year
        ) as transit_g
    from with_copy_kind

)

select
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
