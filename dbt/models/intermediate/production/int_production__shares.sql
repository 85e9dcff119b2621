{#-
    The one home of a share of a world total (production, capacity, reserves), with rank and order. One row per
    source, edition, statistic, series, year and named country. Computed over the publisher's world total as printed
    (docs/methods/production_share.md), over the sum of its parts where the total is below them by more than rounding,
    or printed as a share without tonnes (the EU study: means over five years,
    whose last is `reference_year`; its element or subgroup is the `form`, so that parts never mix with a whole).
    A row of several countries together is left out: it is never ranked, never squared. `is_headline`: the one
    series that stands for the source's mineral and stage.
-#}
with

production as (select * from {{ ref('int_production__figures') }}),

totals as (

    select
        *,
        case when is_total_below_parts then parts_tonnes else world_total_tonnes end
            as divisor_tonnes
    from {{ ref('int_production__world_totals') }}

),

headline as (

    select
        *,
        'production' as statistic
    from {{ ref('headline_series') }}

),

computed_shares as (

    select
        production.source_id,
        production.edition,
        production.released_on,
        production.statistic,
        production.source_row_id,
        production.mineral_id,
        production.stage,
        production.form,
        production.basis,
        production.geography_kind,
        production.geography_id,
        production.country_iso3,
        production.reference_year,
        production.quantity_tonnes,
        production.value_status,
        production.is_estimated,
        production.derivation,
        totals.world_total_tonnes,
        totals.world_total_tonnes_lower,
        totals.world_total_status,
        totals.named_total_tonnes,
        totals.coverage_share,
        totals.estimated_share,
        totals.excluded_producers,
        totals.exclusion_status,
        totals.withheld_producer_count,
        totals.is_current_edition,
        totals.is_edition_break,
        totals.is_total_below_parts,
        -- Parts exceed an unrounded total by exactly this row: it seems to be counted twice
        -- (IEA: the sixth country of a block is in "Rest of world" again).
        coalesce(
            abs(
                totals.parts_tonnes - totals.world_total_tonnes - production.quantity_tonnes
            ) <= 0.000001 * totals.world_total_tonnes
            and production.quantity_tonnes > 0
            and totals.is_total_unrounded,
            false
        ) as is_suspected_double_count,
        production.quantity_tonnes / nullif(totals.divisor_tonnes, 0) as production_share,
        -- The world is no less than its parts. Of a total that is more than a printed number a
        -- share is less than of that number.
        case
            when coalesce(totals.world_total_tonnes, totals.world_total_tonnes_upper) > 0
                then
                    coalesce(production.quantity_tonnes, production.quantity_tonnes_lower)
                    / greatest(
                        coalesce(totals.world_total_tonnes, totals.world_total_tonnes_upper),
                        totals.parts_tonnes
                    )
            when totals.world_total_tonnes_lower > 0
                then
                    0 * coalesce(production.quantity_tonnes, production.quantity_tonnes_lower)
        end as production_share_lower,
        case
            when
                coalesce(totals.world_total_tonnes, totals.world_total_tonnes_lower) > 0
                and (production.quantity_tonnes is not null or production.value_status = 'bounded')
                then
                    least(
                        coalesce(
                            coalesce(production.quantity_tonnes, production.quantity_tonnes_upper)
                            / coalesce(
                                totals.divisor_tonnes,
                                greatest(totals.world_total_tonnes_lower, totals.parts_tonnes)
                            ),
                            1
                        ),
                        1
                    )
        end as production_share_upper,
        production.quantity_tonnes
        / nullif(greatest(totals.world_total_tonnes, totals.parts_tonnes), 0)
            as share_of_parts
    from production
    inner join totals
        on
            {{ same_key('production', 'totals', [
                'source_id', 'edition', 'statistic', 'mineral_id', 'stage', 'form', 'basis',
                'reference_year',
            ]) }}
    where production.geography_kind = 'country'

),

supply_shares as (

    select * from {{ ref('stg_eu_crm__supply_shares') }}
    where scope = 'world'

),

named_shares as (

    select
        source_id,
        edition,
        material_id,
        stage,
        {{ exact_sum('supply_share') }} as named_share,
        cast(count(case when value_status = 'withheld' then 1 end) as integer)
            as withheld_producer_count
    from supply_shares
    group by source_id, edition, material_id, stage

),

published_shares as (

    select
        supply_shares.source_id,
        supply_shares.edition,
        supply_shares.released_on,
        'production' as statistic,
        supply_shares.source_row_id,
        supply_shares.mineral_id,
        supply_shares.stage,
        case
            when supply_shares.material_scope = 'whole' then 'as_studied'
            else supply_shares.material_id
        end as form,
        'five_year_mean_share' as basis,
        supply_shares.geography_kind,
        supply_shares.geography_id,
        supply_shares.country_iso3,
        supply_shares.period_to_year as reference_year,
        supply_shares.value_status,
        supply_shares.derivation,
        'not_available' as world_total_status,
        named_shares.named_share as coverage_share,
        'no_notes' as exclusion_status,
        named_shares.withheld_producer_count,
        {{ edition_age(['supply_shares.source_id'], table='supply_shares') }} = 1
            as is_current_edition,
        false as is_edition_break,
        false as is_total_below_parts,
        false as is_suspected_double_count,
        supply_shares.supply_share as production_share,
        coalesce(supply_shares.supply_share, supply_shares.supply_share_lower)
        / greatest(named_shares.named_share, 1) as production_share_lower,
        coalesce(supply_shares.supply_share, supply_shares.supply_share_upper)
            as production_share_upper,
        supply_shares.supply_share / greatest(named_shares.named_share, 1) as share_of_parts
    from supply_shares
    inner join named_shares
        on
            {{ same_key('supply_shares', 'named_shares', [
                'source_id', 'edition', 'material_id', 'stage',
            ]) }}
    where supply_shares.geography_kind = 'country'

),

all_shares as (

    select * from computed_shares
    union all by name
    select * from published_shares

),

-- A source that gives no tonnes is ranked by its shares.
sized_shares as (

    select
        all_shares.*,
        coalesce(all_shares.quantity_tonnes, all_shares.production_share) as size_of_producer,
        headline.source_id is not null as is_headline
    from all_shares
    left join headline
        on
            {{ same_key('all_shares', 'headline', [
                'source_id', 'statistic', 'mineral_id', 'stage', 'form', 'basis',
            ]) }}

)

select
    *,
    case
        when size_of_producer is not null then
            rank() over (
                partition by
                    source_id, edition, statistic, mineral_id, stage, form, basis, reference_year
                order by size_of_producer desc nulls last
            )
    end as producer_rank,
    row_number() over (
        partition by
            source_id, edition, statistic, mineral_id, stage, form, basis, reference_year
        order by size_of_producer desc nulls last, geography_id asc
    ) as producer_order,
    max(reference_year) over (
        partition by source_id, edition, statistic, mineral_id, stage, form, basis
    ) as latest_year_of_edition
from sized_shares
