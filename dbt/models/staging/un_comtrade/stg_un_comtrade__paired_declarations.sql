{{ config(materialized='table') }}
{#-
    Exporter's and importer's declaration of one flow beside each other, on the lines of one HS revision: from
    the latest edition out on the day asked for that has the reporter's line, flow and year; lines that a later
    revision split off are added to the line they came from. A tonnage is kept only where every part has one.

    `is_reconcilable`: both sides were asked of the line and year. There the importer's value is brought from
    CIF to FOB where both declared: by the line's own rate of the year, the median of importer's over exporter's
    value among flows whose two values lie within `reconcile_agreeing_ratio` of each other and above
    `reconcile_rate_minimum_usd`. Such flows are the same shipment, and what is left between them is freight and
    insurance: 15% on coal, 2% on platinum. The rate stays within 0 and `reconcile_rate_maximum`; a line with
    fewer than `reconcile_rate_minimum_flows` of them takes that of all lines. Values declared FOB stay.

    Discrepancies say how far the two lie apart, as |ln(importer's / exporter's)|: by value (FOB against FOB) and
    by tonnes, which no freight blurs. Beyond a factor of `reconcile_discrepancy_ratio` further distance says
    nothing more: it is cut there. A flow of more than `reconcile_unmatched_minimum_usd` of which one side says
    nothing, though it declares others on the line, is the largest disagreement there is.
-#}
with

ranked_pulls as (

    select
        *,
        {{ edition_age(['reporter_iso3', 'hs6', 'flow', 'reference_year']) }} as edition_age
    from {{ lake('un_comtrade', 'declaration') }}
    where {{ known_by_as_of() }}

),

declarations as (

    select
        ranked_pulls.reporter_iso3,
        ranked_pulls.partner_iso3,
        coalesce(merged_lines.counted_under_hs6, ranked_pulls.hs6) as hs6,
        ranked_pulls.flow,
        ranked_pulls.reference_year,
        {{ exact_sum('ranked_pulls.value_usd') }} as value_usd,
        case
            when count(ranked_pulls.quantity_tonnes_gross) = count(*)
                then {{ exact_sum('ranked_pulls.quantity_tonnes_gross') }}
        end as quantity_tonnes,
        -- By the publisher's own word; it says nothing of what came without a tonnage.
        coalesce(bool_or(ranked_pulls.is_quantity_estimated), false)
            as is_quantity_estimated,
        -- FOB only where all of it is said to be, or the importer is known for it; else imports are
        -- CIF, as the rules ask.
        min(
            coalesce(
                ranked_pulls.value_basis,
                case
                    when
                        ranked_pulls.flow = 'import' and fob_importers.reporter_iso3 is null
                        then 'cif'
                    else 'fob'
                end
            )
        ) as value_basis
    from ranked_pulls
    left join {{ ref('reconcile_merged_line') }} as merged_lines
        on ranked_pulls.hs6 = merged_lines.hs6
    left join {{ ref('reconcile_fob_importer') }} as fob_importers
        on ranked_pulls.reporter_iso3 = fob_importers.reporter_iso3
    where ranked_pulls.edition_age = 1
    group by
        ranked_pulls.reporter_iso3,
        ranked_pulls.partner_iso3,
        coalesce(merged_lines.counted_under_hs6, ranked_pulls.hs6),
        ranked_pulls.flow,
        ranked_pulls.reference_year

),

exports as (

    select * from declarations
    where flow = 'export'

),

imports as (

    select * from declarations
    where flow = 'import'

),

matched_declarations as (

    select
        coalesce(exports.reporter_iso3, imports.partner_iso3) as exporter_iso3,
        coalesce(exports.partner_iso3, imports.reporter_iso3) as importer_iso3,
        coalesce(exports.hs6, imports.hs6) as hs6,
        coalesce(exports.reference_year, imports.reference_year) as reference_year,
        exports.value_usd as exporter_value_usd,
        imports.value_usd as importer_value_usd,
        exports.quantity_tonnes as exporter_quantity_tonnes,
        imports.quantity_tonnes as importer_quantity_tonnes,
        exports.is_quantity_estimated as is_exporter_quantity_estimated,
        imports.is_quantity_estimated as is_importer_quantity_estimated,
        imports.value_basis as importer_value_basis
    from exports
    full outer join imports
        on
            exports.reporter_iso3 = imports.partner_iso3
            and exports.partner_iso3 = imports.reporter_iso3
            and exports.hs6 = imports.hs6
            and exports.reference_year = imports.reference_year

),

pairs as (

    select
        *,
        count(exporter_value_usd) over (partition by hs6, reference_year) > 0
        and count(importer_value_usd) over (partition by hs6, reference_year) > 0
            as is_reconcilable,
        count(exporter_value_usd) over (partition by exporter_iso3, hs6, reference_year) > 0
            as is_exporter_heard,
        count(importer_value_usd) over (partition by importer_iso3, hs6, reference_year) > 0
            as is_importer_heard,
        case
            when importer_value_usd is null then 'exporter'
            when exporter_value_usd is null then 'importer'
            else 'both'
        end as source_side
    from matched_declarations

),

agreeing_pairs as (

    select
        hs6,
        reference_year,
        importer_value_usd / exporter_value_usd as value_ratio
    from pairs
    where
        source_side = 'both'
        and importer_value_basis = 'cif'
        and least(exporter_value_usd, importer_value_usd)
        >= {{ threshold('reconcile_rate_minimum_usd') }}
        and greatest(exporter_value_usd, importer_value_usd)
        < {{ threshold('reconcile_agreeing_ratio') }}
        * least(exporter_value_usd, importer_value_usd)

),

line_rates as (

    select
        hs6,
        reference_year,
        median(value_ratio) - 1 as cif_rate
    from agreeing_pairs
    group by hs6, reference_year
    having count(*) >= {{ threshold('reconcile_rate_minimum_flows') }}

),

year_rates as (

    select
        reference_year,
        median(value_ratio) - 1 as cif_rate
    from agreeing_pairs
    group by reference_year

),

with_cif_rate as (

    select
        pairs.*,
        case
            when pairs.importer_value_basis = 'fob' then 0
            when pairs.source_side = 'both'
                then
                    least(
                        greatest(coalesce(line_rates.cif_rate, year_rates.cif_rate, 0), 0),
                        {{ threshold('reconcile_rate_maximum') }}
                    )
        end as cif_rate
    from pairs
    left join line_rates
        on pairs.hs6 = line_rates.hs6 and pairs.reference_year = line_rates.reference_year
    left join year_rates on pairs.reference_year = year_rates.reference_year

),

fob_pairs as (

    select
        *,
        importer_value_usd / (1 + coalesce(cif_rate, 0)) as importer_value_fob_usd,
        ln({{ threshold('reconcile_discrepancy_ratio') }}) as largest_discrepancy
    from with_cif_rate

)

select
    exporter_iso3,
    importer_iso3,
    hs6,
    reference_year,
    exporter_value_usd,
    importer_value_usd,
    exporter_quantity_tonnes,
    importer_quantity_tonnes,
    is_exporter_quantity_estimated,
    is_importer_quantity_estimated,
    importer_value_basis,
    cif_rate,
    importer_value_fob_usd,
    source_side,
    is_reconcilable,
    case
        when source_side = 'both'
            then least(abs(ln(importer_value_fob_usd / exporter_value_usd)), largest_discrepancy)
        when
            is_exporter_heard
            and is_importer_heard
            and coalesce(exporter_value_usd, importer_value_usd)
            > {{ threshold('reconcile_unmatched_minimum_usd') }}
            then largest_discrepancy
    end as value_discrepancy,
    case
        when exporter_quantity_tonnes > 0 and importer_quantity_tonnes > 0
            then
                least(
                    abs(ln(importer_quantity_tonnes / exporter_quantity_tonnes)),
                    largest_discrepancy
                )
    end as quantity_discrepancy
from fob_pairs
