with

imports as (

    select * from {{ ref('mart_import_dependency') }}
    where series_level = 'mineral_stage' and is_current_series

),

newest as (

    select max(reference_year) as newest_year
    from imports
    where value_share is not null

),

-- What trade says, a row per importer, mineral, stage and year. A country that trade does not name sold
-- nothing that the publisher shows: 0.
traded as (

    select
        imports.importer_id,
        imports.mineral_id,
        imports.stage,
        imports.reference_year,
        imports.reference_year as period_from_year,
        imports.reference_year as period_to_year,
        1 as evidence_order,
        'current_series' as evidence_kind,
        'imports' as denominator,
        'value' as share_measure,
        max(imports.importer_kind) as importer_kind,
        max(imports.source_id) as source_id,
        max(imports.edition) as edition,
        max(imports.series_id) as series_id,
        max(imports.leader_origin_id) as leading_origin_id,
        max(imports.leader_value_share) as leading_share,
        max(imports.supplier_hhi) as supplier_hhi,
        bool_or(imports.is_de_minimis) as is_de_minimis,
        case
            when max(imports.leader_value_share) is not null
                then coalesce(max(case when imports.origin_id = 'CHN' then imports.value_share end), 0)
        end as china_share,
        max(case when imports.origin_kind = 'country' then imports.quantity_share end)
            as leading_quantity_share,
        max(case when imports.origin_kind = 'country' then imports.quantity_share_low end)
            as leading_quantity_share_low,
        max(case when imports.origin_kind = 'country' then imports.quantity_share_high end)
            as leading_quantity_share_high,
        {{ exact_sum(
            "case when imports.origin_kind = 'country' and imports.value_share is not null"
            ~ " then imports.value_usd end"
        ) }} as import_value_usd,
        max(
            case
                when imports.origin_id = imports.leader_origin_id then imports.quality_flags
            end
        ) as quality_flags,
        case
            when max(imports.leader_value_share) is null
                then
                    coalesce(
                        max(case when imports.origin_id is null then imports.null_reason end),
                        max(imports.null_reason)
                    )
        end as null_reason
    from imports
    cross join newest
    where imports.reference_year > newest.newest_year - {{ threshold('headline_years') }}
    group by imports.importer_id, imports.mineral_id, imports.stage, imports.reference_year

),

-- Where trade has no answer: the best other evidence, its largest named origin. China is 0 only where it is
-- printed as 0.
other_evidence as (

    select
        evidence.*,
        coalesce(evidence.share, evidence.share_lower) as sized_share,
        row_number() over (
            partition by
                evidence.importer_id, evidence.mineral_id, evidence.stage, evidence.reference_year
            order by
                case when evidence.origin_rank is null then 1 else 0 end asc,
                evidence.origin_rank asc,
                evidence.share_lower desc nulls last,
                evidence.origin_id asc
        ) as place,
        max(case when evidence.origin_id in ('CHN', 'CHN_HKG') then evidence.share end) over (
            partition by
                evidence.importer_id, evidence.mineral_id, evidence.stage, evidence.reference_year
        ) as china_share
    from {{ ref('mart_import_evidence') }} as evidence
    cross join newest
    where
        evidence.is_best_evidence
        and evidence.evidence_kind <> 'current_series'
        and evidence.origin_kind <> 'rest'
        and evidence.reference_year > newest.newest_year - {{ threshold('headline_years') }}

),

answers as (

    select * from traded
    union all by name
    select
        importer_id,
        mineral_id,
        stage,
        reference_year,
        period_from_year,
        period_to_year,
        2 as evidence_order,
        evidence_kind,
        denominator,
        share_measure,
        importer_kind,
        source_id,
        edition,
        series_id,
        origin_id as leading_origin_id,
        share as leading_share,
        share_lower as leading_share_lower,
        share_upper as leading_share_upper,
        china_share,
        quality_flags,
        case when share is null then 'bounded' end as null_reason
    from other_evidence
    where place = 1 and sized_share is not null

),

-- The newest period with an answer; of two for one period trade. Without any, the newest year's reason.
chosen as (

    select
        *,
        row_number() over (
            partition by importer_id, mineral_id, stage
            order by
                case when coalesce(leading_share, leading_share_lower) is null then 1 else 0 end asc,
                period_to_year desc,
                evidence_order asc,
                reference_year desc
        ) as place
    from answers

),

headlines as (

    select * from chosen
    where place = 1

),

-- The same origin and China in the same series, some years before.
before as (

    select
        headlines.importer_id,
        headlines.mineral_id,
        headlines.stage,
        max(
            case
                when imports.origin_id = headlines.leading_origin_id then imports.value_share
            end
        ) as leading_share_before,
        max(case when imports.origin_id = 'CHN' then imports.value_share end) as china_share_before,
        max(imports.leader_value_share) as any_share_before
    from headlines
    inner join imports
        on
            headlines.importer_id = imports.importer_id
            and headlines.mineral_id = imports.mineral_id
            and headlines.stage = imports.stage
            and headlines.series_id = imports.series_id
            and headlines.reference_year - {{ threshold('headline_trend_years') }}
            = imports.reference_year
    where headlines.evidence_kind = 'current_series' and headlines.leading_share is not null
    group by headlines.importer_id, headlines.mineral_id, headlines.stage

),

-- Seen through sellers to refiners and mines: by mass where it is known, else by value.
seen_through as (

    select
        importer_id,
        mineral_id,
        stage,
        reference_year,
        measure,
        max(case when refiner_origin_rank = 1 then origin_id end) as leading_refiner_id,
        max(case when refiner_origin_rank = 1 then refiner_origin_share end)
            as leading_refiner_share,
        max(case when mine_origin_rank = 1 then origin_id end) as leading_miner_id,
        max(case when mine_origin_rank = 1 then mine_origin_share end) as leading_miner_share,
        max(case when origin_id = 'CHN' then refiner_origin_share end) as china_refiner_share,
        max(case when origin_id = 'CHN' then mine_origin_share end) as china_mine_share,
        max(refiner_unresolved_share) as refiner_unresolved_share,
        max(mine_unresolved_share) as mine_unresolved_share,
        row_number() over (
            partition by importer_id, mineral_id, stage, reference_year
            order by case measure when 'contained' then 1 when 'gross' then 2 else 3 end
        ) as place
    from {{ ref('mart_dependency_view') }}
    where series_level = 'mineral_stage' and denominator = 'imports' and null_reason is null
    group by importer_id, mineral_id, stage, reference_year, measure

),

world as (

    select * from {{ ref('int_concentration__producer_hhi') }}
    where is_first_choice

),

producers as (

    select * from {{ ref('int_production__shares') }}
    where statistic = 'production' and is_current_edition and is_headline

),

newest_day as (

    select max(on_date) as on_date
    from {{ ref('mart_export_control_exposure') }}

),

-- Of one country the controls overlap: the largest counts. Goods of two countries are never the same.
controls_by_country as (

    select
        exposures.importer_id,
        exposures.mineral_id,
        exposures.stage,
        exposures.imposing_iso3,
        count(distinct exposures.event_id) as control_count,
        max(exposures.value_share_latest_low) as controlled_share_low,
        max(exposures.value_share_latest_high) as controlled_share_high
    from {{ ref('mart_export_control_exposure') }} as exposures
    inner join newest_day on exposures.on_date = newest_day.on_date
    where
        exposures.series_level = 'mineral_stage'
        and exposures.status = 'active'
        and exposures.stage is not null
    group by
        exposures.importer_id, exposures.mineral_id, exposures.stage, exposures.imposing_iso3

),

controls as (

    select
        controls_by_country.importer_id,
        controls_by_country.mineral_id,
        controls_by_country.stage,
        sum(controls_by_country.control_count) as active_control_count,
        {{ exact_sum('controls_by_country.controlled_share_low') }} as controlled_share_low,
        {{ exact_sum('controls_by_country.controlled_share_high') }} as controlled_share_high,
        bool_or(controls_by_country.imposing_iso3 = headlines.leading_origin_id)
            as is_leading_origin_controlling
    from controls_by_country
    inner join headlines
        on
            controls_by_country.importer_id = headlines.importer_id
            and controls_by_country.mineral_id = headlines.mineral_id
            and controls_by_country.stage = headlines.stage
    group by
        controls_by_country.importer_id, controls_by_country.mineral_id, controls_by_country.stage

),

-- Each yearly price of the newest year against the same price a year before; the range over prices.
prices as (

    select
        mineral_id,
        source_id,
        price_label,
        price_basis,
        reference_year,
        value_usd_per_tonne,
        max(reference_year) over (partition by mineral_id) as newest_year
    from {{ ref('fct_price') }}
    where period_kind = 'year' and is_current_edition and value_usd_per_tonne > 0

),

price_changes as (

    select
        prices.mineral_id,
        max(prices.reference_year) as price_year,
        min(prices.value_usd_per_tonne / before.value_usd_per_tonne - 1) as price_change_low,
        max(prices.value_usd_per_tonne / before.value_usd_per_tonne - 1) as price_change_high
    from prices
    inner join prices as before
        on
            prices.mineral_id = before.mineral_id
            and prices.source_id = before.source_id
            and prices.price_label = before.price_label
            and prices.price_basis = before.price_basis
            and prices.reference_year - 1 = before.reference_year
    where prices.reference_year = prices.newest_year
    group by prices.mineral_id

),

spare as (

    select
        *,
        dense_rank() over (
            partition by mineral_id, stage
            order by reference_year desc, source_id asc, form asc, capacity_edition desc,
                production_edition desc
        ) as place
    from {{ ref('mart_spare_capacity') }}
    where geography_kind in ('country', 'rest')

),

-- An unknown plant may have all or nothing to spare: the lower end leaves it out, and there is no upper one.
spare_elsewhere as (

    select
        headlines.importer_id,
        headlines.mineral_id,
        headlines.stage,
        max(spare.reference_year) as spare_capacity_year,
        {{ exact_sum('spare.spare_capacity_tonnes_lower') }} as spare_capacity_tonnes_low,
        case
            when count(*) = count(spare.spare_capacity_tonnes_upper)
                then {{ exact_sum('spare.spare_capacity_tonnes_upper') }}
        end as spare_capacity_tonnes_high
    from headlines
    inner join spare
        on headlines.mineral_id = spare.mineral_id and headlines.stage = spare.stage
    where
        spare.place = 1
        and coalesce(spare.country_iso3 <> headlines.leading_origin_id, true)
    group by headlines.importer_id, headlines.mineral_id, headlines.stage

),

bands as (

    select * from {{ ref('exposure_band') }}

),

-- The first band that holds: of a share known by its lower end only the highest can be said. Of a pool that
-- lacks lines of its stage no band is said: the others may come from elsewhere.
banded as (

    select
        headlines.importer_id,
        headlines.mineral_id,
        headlines.stage,
        min(bands.band_order) as band_order
    from headlines
    cross join bands
    where
        coalesce(headlines.quality_flags not like '%lines_missing%', true)
        and (
            coalesce(headlines.leading_share, headlines.leading_share_lower) > bands.share_above
            or headlines.supplier_hhi > bands.hhi_above
            or (bands.share_above is null and headlines.leading_share is not null)
        )
    group by headlines.importer_id, headlines.mineral_id, headlines.stage

),

caveats as (

    select * from {{ ref('headline_caveat') }}

),

main_caveats as (

    select
        headlines.importer_id,
        headlines.mineral_id,
        headlines.stage,
        min(caveats.caveat_order) as caveat_order
    from headlines
    inner join caveats
        on ',' || headlines.quality_flags || ',' like '%,' || caveats.quality_flag || ',%'
    where coalesce(headlines.leading_share, headlines.leading_share_lower) is not null
    group by headlines.importer_id, headlines.mineral_id, headlines.stage

),

final as (

    select
        headlines.*,
        headlines.source_id as share_source_id,
        headlines.edition as share_edition,
        bands.band_id,
        case
            when bands.band_id is not null then null
            when headlines.leading_share is not null then 'lines_missing'
            else headlines.null_reason
        end as band_null_reason,
        world.leader_country_iso3 as production_leader_iso3,
        world.leader_share as production_leader_share,
        world.china_share as china_production_share,
        world.reference_year as production_year,
        world.source_id as production_source_id,
        world.edition as production_edition,
        producers.production_share as leading_origin_production_share,
        seen_through.measure as look_through_measure,
        seen_through.leading_refiner_id,
        seen_through.leading_refiner_share,
        seen_through.leading_miner_id,
        seen_through.leading_miner_share,
        seen_through.china_refiner_share,
        seen_through.china_mine_share,
        seen_through.refiner_unresolved_share,
        seen_through.mine_unresolved_share,
        headlines.leading_share
        - case
            when before.any_share_before is not null then coalesce(before.leading_share_before, 0)
        end as leading_share_change,
        headlines.china_share
        - case
            when before.any_share_before is not null then coalesce(before.china_share_before, 0)
        end as china_share_change,
        case
            when before.any_share_before is not null
                then headlines.reference_year - {{ threshold('headline_trend_years') }}
        end as trend_from_year,
        coalesce(controls.active_control_count, 0) as active_control_count,
        coalesce(controls.is_leading_origin_controlling, false) as is_leading_origin_controlling,
        case
            when headlines.evidence_kind = 'current_series' then controls.controlled_share_low
        end as controlled_share_low,
        case
            when headlines.evidence_kind = 'current_series' then controls.controlled_share_high
        end as controlled_share_high,
        price_changes.price_year,
        price_changes.price_change_low,
        price_changes.price_change_high,
        spare_elsewhere.spare_capacity_year,
        spare_elsewhere.spare_capacity_tonnes_low,
        spare_elsewhere.spare_capacity_tonnes_high,
        caveats.quality_flag as main_caveat,
        caveats.caveat as main_caveat_text,
        coalesce(caveats.is_grave, false) as is_caveat_grave
    from headlines
    left join before
        on
            headlines.importer_id = before.importer_id
            and headlines.mineral_id = before.mineral_id
            and headlines.stage = before.stage
    left join world
        on headlines.mineral_id = world.mineral_id and headlines.stage = world.stage
    left join producers
        on
            world.source_id = producers.source_id
            and world.edition = producers.edition
            and world.mineral_id = producers.mineral_id
            and world.stage = producers.stage
            and world.form = producers.form
            and world.basis = producers.basis
            and world.reference_year = producers.reference_year
            and headlines.leading_origin_id = producers.country_iso3
    left join seen_through
        on
            headlines.importer_id = seen_through.importer_id
            and headlines.mineral_id = seen_through.mineral_id
            and headlines.stage = seen_through.stage
            and headlines.reference_year = seen_through.reference_year
            and seen_through.place = 1
    left join controls
        on
            headlines.importer_id = controls.importer_id
            and headlines.mineral_id = controls.mineral_id
            and headlines.stage = controls.stage
    left join price_changes on headlines.mineral_id = price_changes.mineral_id
    left join spare_elsewhere
        on
            headlines.importer_id = spare_elsewhere.importer_id
            and headlines.mineral_id = spare_elsewhere.mineral_id
            and headlines.stage = spare_elsewhere.stage
    left join banded
        on
            headlines.importer_id = banded.importer_id
            and headlines.mineral_id = banded.mineral_id
            and headlines.stage = banded.stage
    left join bands on banded.band_order = bands.band_order
    left join main_caveats
        on
            headlines.importer_id = main_caveats.importer_id
            and headlines.mineral_id = main_caveats.mineral_id
            and headlines.stage = main_caveats.stage
    left join caveats on main_caveats.caveat_order = caveats.caveat_order

)

{{ contract_columns() }}
