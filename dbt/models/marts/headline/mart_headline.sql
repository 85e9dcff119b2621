{%- set question = ['importer_id', 'mineral_id', 'stage'] -%}
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

-- What trade says, a row per importer, mineral, stage and year. A country that trade does not
-- name sold nothing that the publisher shows: 0.
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
                then
                    coalesce(
                        max(case when imports.origin_id = 'CHN' then imports.value_share end), 0
                    )
        end as china_share,
        {%- for share in ['quantity_share', 'quantity_share_low', 'quantity_share_high'] %}
        max(case when imports.origin_kind = 'country' then imports.{{ share }} end)
            as leading_{{ share }},
        {%- endfor %}
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
                then max(imports.null_reason)
        end as null_reason
    from imports
    cross join newest
    where imports.reference_year > newest.newest_year - {{ threshold('headline_years') }}
    group by imports.importer_id, imports.mineral_id, imports.stage, imports.reference_year

),

-- Where trade has no answer: the best other evidence, its largest single origin. China is 0 only
-- where it is printed as 0.
other_evidence as (

    select
        evidence.*,
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
        and evidence.origin_kind not in ('rest', 'group')
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
    where place = 1 and coalesce(share, share_lower) is not null

),

-- The newest period with an answer; of two for one period trade. Without any, the newest year's
-- reason.
chosen as (

    select
        *,
        row_number() over (
            partition by importer_id, mineral_id, stage
            order by
                case
                    when coalesce(leading_share, leading_share_lower) is null then 1 else 0
                end asc,
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
        max(imports.reference_year) as trend_from_year,
        max(
            case
                when imports.origin_id = headlines.leading_origin_id then imports.value_share
                else 0
            end
        ) as leading_share_before,
        max(case when imports.origin_id = 'CHN' then imports.value_share else 0 end)
            as china_share_before
    from headlines
    inner join imports
        on
            headlines.importer_id = imports.importer_id
            and headlines.mineral_id = imports.mineral_id
            and headlines.stage = imports.stage
            and headlines.series_id = imports.series_id
            and headlines.reference_year - {{ threshold('headline_trend_years') }}
            = imports.reference_year
    where headlines.leading_share is not null and imports.value_share is not null
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
        {%- for maker, view in [('refiner', 'refiner'), ('miner', 'mine')] %}
        max(case when {{ view }}_origin_rank = 1 then origin_id end) as leading_{{ maker }}_id,
        max(case when {{ view }}_origin_rank = 1 then {{ view }}_origin_share end)
            as leading_{{ maker }}_share,
        max(case when origin_id = 'CHN' then {{ view }}_origin_share end)
            as china_{{ view }}_share,
        max({{ view }}_unresolved_share) as {{ view }}_unresolved_share,
        {%- endfor %}
        row_number() over (
            partition by importer_id, mineral_id, stage, reference_year
            order by case measure when 'contained' then 1 when 'gross' then 2 else 3 end
        ) as place
    from {{ ref('mart_dependency_view') }}
    where series_level = 'mineral_stage' and denominator = 'imports' and null_reason is null
    group by importer_id, mineral_id, stage, reference_year, measure

),

-- What is the same for every importer: the world's output, prices, spare capacity.
world as (

    select * from {{ ref('int_headline__mineral_stages') }}

),

-- Of one country the controls overlap: the largest counts. Goods of two countries are never the
-- same.
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
    where
        exposures.on_date = (
            select max(days.on_date) from {{ ref('mart_export_control_exposure') }} as days
        )
        and exposures.series_level = 'mineral_stage'
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

-- The first band that holds: of a share known by its lower end only the highest can be said. Of
-- a pool that lacks lines of its stage no band is said: the others may come from elsewhere.
banded as (

    select
        headlines.importer_id,
        headlines.mineral_id,
        headlines.stage,
        min_by(bands.band_id, bands.band_order) as band_id
    from headlines
    cross join {{ ref('exposure_band') }} as bands
    where
        coalesce(headlines.quality_flags not like '%lines_missing%', true)
        and (
            coalesce(headlines.leading_share, headlines.leading_share_lower) > bands.share_above
            or headlines.supplier_hhi > bands.hhi_above
            or (bands.share_above is null and headlines.leading_share is not null)
        )
    group by headlines.importer_id, headlines.mineral_id, headlines.stage

),

main_caveats as (

    select
        headlines.importer_id,
        headlines.mineral_id,
        headlines.stage,
        min_by(caveats.quality_flag, caveats.caveat_order) as main_caveat,
        min_by(caveats.caveat, caveats.caveat_order) as main_caveat_text,
        min_by(caveats.is_grave, caveats.caveat_order) as is_grave
    from headlines
    inner join {{ ref('headline_caveat') }} as caveats
        on ',' || headlines.quality_flags || ',' like '%,' || caveats.quality_flag || ',%'
    where coalesce(headlines.leading_share, headlines.leading_share_lower) is not null
    group by headlines.importer_id, headlines.mineral_id, headlines.stage

),

final as (

    select
        headlines.*,
        headlines.source_id as share_source_id,
        headlines.edition as share_edition,
        banded.band_id,
        case
            when banded.band_id is not null then null
            when headlines.leading_share is not null then 'lines_missing'
            else headlines.null_reason
        end as band_null_reason,
        world.production_leader_iso3,
        world.production_leader_share,
        world.china_production_share,
        world.production_year,
        world.production_source_id,
        world.production_edition,
        producers.production_share as leading_origin_production_share,
        seen_through.measure as look_through_measure,
        {%- for column in [
            'leading_refiner_id', 'leading_refiner_share', 'leading_miner_id', 'leading_miner_share',
            'china_refiner_share', 'china_mine_share', 'refiner_unresolved_share',
        ] %}
        seen_through.{{ column }},
        {%- endfor %}
        before.trend_from_year,
        headlines.leading_share - before.leading_share_before as leading_share_change,
        headlines.china_share - before.china_share_before as china_share_change,
        coalesce(controls.active_control_count, 0) as active_control_count,
        coalesce(controls.is_leading_origin_controlling, false) as is_leading_origin_controlling,
        controls.controlled_share_low,
        controls.controlled_share_high,
        world.price_year,
        world.price_change_low,
        world.price_change_high,
        world.spare_capacity_year,
        world.spare_tonnes_known_lower
        - coalesce(own_spare.spare_tonnes_lower, 0) as spare_capacity_tonnes_low,
        case
            when world.spare_unknown_count = 0
                then world.spare_tonnes_known_upper - coalesce(own_spare.spare_tonnes_upper, 0)
        end as spare_capacity_tonnes_high,
        main_caveats.main_caveat,
        main_caveats.main_caveat_text,
        coalesce(main_caveats.is_grave, false) as is_caveat_grave
    from headlines
    left join before on {{ same_key('headlines', 'before', question) }}
    left join controls on {{ same_key('headlines', 'controls', question) }}
    left join banded on {{ same_key('headlines', 'banded', question) }}
    left join main_caveats on {{ same_key('headlines', 'main_caveats', question) }}
    left join world
        on headlines.mineral_id = world.mineral_id and headlines.stage = world.stage
    left join {{ ref('int_production__shares') }} as producers
        on
            producers.statistic = 'production'
            and world.production_source_id = producers.source_id
            and world.production_edition = producers.edition
            and world.mineral_id = producers.mineral_id
            and world.stage = producers.stage
            and world.production_form = producers.form
            and world.production_basis = producers.basis
            and world.production_year = producers.reference_year
            and headlines.leading_origin_id = producers.country_iso3
    left join seen_through
        on
            {{ same_key('headlines', 'seen_through', question) }}
            and headlines.reference_year = seen_through.reference_year
            and seen_through.place = 1
    -- What the leading origin itself has idle is taken off.
    left join {{ ref('int_production__spare_capacities') }} as own_spare
        on
            world.spare_source_id = own_spare.source_id
            and world.mineral_id = own_spare.mineral_id
            and world.stage = own_spare.stage
            and world.spare_form = own_spare.form
            and world.spare_basis = own_spare.basis
            and world.spare_capacity_year = own_spare.reference_year
            and headlines.leading_origin_id = own_spare.country_iso3

)

{{ contract_columns() }}
order by mineral_id, stage, importer_id
