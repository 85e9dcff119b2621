{#-
    What each country declared of each partner, on the lines of one HS revision: from the latest edition out on
    the day asked for that has the reporter's line, flow and year; lines that a later revision split off are
    added to the line they came from. A tonnage is kept only where every part has one.
-#}
with

declarations as (

    select *
    from {{ ref('stg_un_comtrade__declarations') }}

),

merged_lines as (

    select * from {{ ref('reconcile_merged_line') }}

),

ranked as (

    select
        *,
        {{ edition_age(['reporter_iso3', 'hs6', 'flow', 'reference_year']) }} as edition_age
    from declarations

)

select
    ranked.reporter_iso3,
    ranked.partner_iso3,
    coalesce(merged_lines.counted_under_hs6, ranked.hs6) as hs6,
    ranked.flow,
    ranked.reference_year,
    {{ exact_sum('ranked.value_usd') }} as value_usd,
    case
        when count(ranked.quantity_tonnes_gross) = count(*)
            then {{ exact_sum('ranked.quantity_tonnes_gross') }}
    end as quantity_tonnes_gross,
    -- FOB only where all of it is said to be, or the importer is known for it; else imports are
    -- CIF, as the rules ask.
    min(
        coalesce(
            ranked.value_basis,
            case
                when ranked.flow = 'import' and fob_importers.reporter_iso3 is null then 'cif'
                else 'fob'
            end
        )
    ) as value_basis
from ranked
left join merged_lines on ranked.hs6 = merged_lines.hs6
left join {{ ref('reconcile_fob_importer') }} as fob_importers
    on ranked.reporter_iso3 = fob_importers.reporter_iso3
where ranked.edition_age = 1
group by
    ranked.reporter_iso3,
    ranked.partner_iso3,
    coalesce(merged_lines.counted_under_hs6, ranked.hs6),
    ranked.flow,
    ranked.reference_year
