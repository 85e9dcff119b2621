-- What does each importer lose of this mineral if these suppliers cut their deliveries, in the latest year of trade, and what can others replace? By declared partner, and where the look-through knows by who made it and who mined it. There are no stocks: with them, see `mart_disruption`. Who buys none of it has no row; whose purchases are not known has one with the reason; where nobody's are, one row says why. Arguments: supplier or a list of them, mineral (codes or names, see `dim_name`), depth above 0 to 1 (1: a full stop), days (365); spare: 'none' (nobody helps), 'measured' (capacity less production, where a publisher prints both) or 'assumed' (measured, and a tenth of production elsewhere), as in `mart_scenario_spare`; allocation of the spare: 'pro_rata' (by what each takes today) or 'allies_first' (a country of the January 2026 ministerial serves the others of it first).
create macro critical_minerals.marts.disruption(supplier, mineral, depth := 1, duration_days := 365, spare := 'none', allocation := 'pro_rata') as table
with recursive question as materialized (
    select
        (select max(stages.mineral_id) from critical_minerals.marts.resolve_stages(mineral, null) as stages)
            as mineral_id,
        case
            when depth > 0 and depth <= 1 then cast(depth as double)
            else error(concat('No depth is ', coalesce(cast(depth as varchar), 'null'), ': 1 is a full stop, 0.5 a half.'))
        end as depth,
        case
            when duration_days > 0 then duration_days / 365
            else error(concat('No duration is ', coalesce(cast(duration_days as varchar), 'null'), ': write a number of days.'))
        end as year_share,
        case
            when spare in ('none', 'measured', 'assumed') then spare
            else error(concat('No spare is ''', coalesce(spare, 'null'), ''': write none, measured or assumed.'))
        end as spare,
        case
            when allocation in ('pro_rata', 'allies_first') then allocation
            else error(concat('No allocation is ''', coalesce(allocation, 'null'), ''': write pro_rata or allies_first.'))
        end as allocation
),

named_suppliers as materialized (
    select distinct critical_minerals.marts.resolve_name('party', list.supplier_name) as supplier_id
    from unnest(
        coalesce(try_cast(cast(supplier as varchar) as varchar[]), [cast(supplier as varchar)])
    ) as list (supplier_name)
),

latest_years as materialized (
    select coverage.stage, coverage.last_year as reference_year
    from critical_minerals.marts.mart_coverage as coverage
    inner join question on coverage.mineral_id = question.mineral_id
    where coverage.statistic = 'import_dependency_value' and coverage.last_year is not null
),

-- Who is a member of a bloc: in the middle of the newest year, each country once.
members as materialized (
    select distinct bridge.bloc_id, bridge.country_iso3
    from critical_minerals.marts.bridge_bloc_member as bridge
    inner join (select make_date(max(reference_year), 7, 1) as on_day from latest_years) as middle
        on
            middle.on_day >= coalesce(bridge.valid_from, middle.on_day)
            and middle.on_day <= coalesce(bridge.valid_to, middle.on_day)
),

-- A bloc stops as its countries: trade and the look-through know origins by country.
-- DuckDB 1.4 keeps the doubles of a `union` beside a recursive table: hence `distinct`.
stopped_origins as materialized (
    select distinct coalesce(members.country_iso3, named_suppliers.supplier_id) as country_iso3
    from named_suppliers
    left join members on named_suppliers.supplier_id = members.bloc_id
),

affected_imports as (
    select
        mart.importer_id, mart.importer_kind, mart.stage, mart.reference_year, mart.quantity_basis,
        case mart.quantity_basis
            when 'gross' then mart.quantity_tonnes_gross else mart.quantity_tonnes_contained
        end as quantity_tonnes,
        mart.value_share, mart.quantity_share, mart.quality_flags, mart.null_reason, mart.quantity_null_reason
    from critical_minerals._stored.mart_import_dependency_of(
        null,
        (select mineral_id from question),
        -- One year, if it is the last of every stage; else all of them, and each stage's own below.
        (select case when min(reference_year) = max(reference_year) then max(reference_year) end from latest_years)
    ) as mart
    inner join latest_years on mart.stage = latest_years.stage and mart.reference_year = latest_years.reference_year
    left join stopped_origins on mart.origin_id = stopped_origins.country_iso3
    left join stopped_origins as own on mart.importer_id = own.country_iso3
    where
        mart.series_level = 'mineral_stage'
        and mart.is_current_series
        and own.country_iso3 is null
        and case
            when mart.origin_id is null then mart.null_reason not in ('no_imports_recorded', 'no_longer_a_country')
            else mart.origin_kind = 'country' and stopped_origins.country_iso3 is not null and mart.value_share is not null
        end
),

looked_through_imports as (
    select
        mart.importer_id, mart.importer_kind, mart.stage, mart.reference_year, by_origin.origin_view,
        mart.measure,
        mart.denominator_tonnes,
        by_origin.origin_share, mart.quality_flags,
        -- An origin without a share and without a reason is one that the source does not name.
        coalesce(by_origin.null_reason, case when by_origin.origin_share is null then by_origin.unnamed end)
            as null_reason
    from critical_minerals.marts.mart_dependency_view as mart
    inner join question on mart.mineral_id = question.mineral_id
    inner join latest_years on mart.stage = latest_years.stage and mart.reference_year = latest_years.reference_year
    left join stopped_origins on mart.origin_id = stopped_origins.country_iso3
    left join stopped_origins as own on mart.importer_id = own.country_iso3
    cross join lateral (
        values
        ('refiner_origin', mart.refiner_origin_share, mart.refiner_null_reason, 'refiner_not_named'),
        ('mine_origin', mart.mine_origin_share, mart.mine_null_reason, 'miner_not_named')
    ) as by_origin (origin_view, origin_share, null_reason, unnamed)
    where
        mart.series_level = 'mineral_stage'
        and mart.denominator = 'apparent_supply'
        and own.country_iso3 is null
        and (stopped_origins.country_iso3 is not null or mart.origin_id is null)
        and (by_origin.origin_view = 'mine_origin' or mart.refiner_null_reason is distinct from 'not_refined_yet')
),

-- What everybody lives on, also those that have no row below: they too lack something, and are helped.
links as materialized (
    select
        mart.stage,
        mart.origin_view,
        mart.importer_id,
        mart.importer_kind,
        mart.origin_id,
        mart.quantity_basis,
        mart.supply_tonnes as link_tonnes,
        stopped_origins.country_iso3 is not null as is_supplier
    from critical_minerals.marts.mart_supply_link as mart
    inner join question on mart.mineral_id = question.mineral_id
    inner join latest_years on mart.stage = latest_years.stage and mart.reference_year = latest_years.reference_year
    left join stopped_origins on mart.origin_id = stopped_origins.country_iso3
),

-- Who counts what a country buys and receives: itself, and the blocs that it is in.
country_parties as materialized (
    select country_iso3, bloc_id as party_id from members
    union all
    select distinct importer_id as country_iso3, importer_id as party_id from links where importer_kind = 'country'
),

-- Tonnes of what the look-through counts, where there is one: those that spare is counted in.
looked_through_supplies as (
    select links.stage, links.origin_view, country_parties.party_id as importer_id,
        max(links.quantity_basis) as quantity_basis, sum(links.link_tonnes) as supplied_tonnes
    from links
    inner join country_parties on links.importer_id = country_parties.country_iso3
    left join members as inside on country_parties.party_id = inside.bloc_id and links.origin_id = inside.country_iso3
    where links.is_supplier and inside.bloc_id is null
    group by links.stage, links.origin_view, country_parties.party_id
),

declared_losses as (
    select
        importer_id, importer_kind, stage, reference_year, 'declared_origin' as origin_view,
        max(quantity_basis) as quantity_basis,
        case when count(quantity_share) = count(*) then sum(quantity_tonnes) end as supplied_tonnes,
        case when count(quantity_share) = count(*) then sum(quantity_share) else sum(value_share) end as share,
        case
            when count(quantity_share) = count(*) then 'tonnes'
            when count(value_share) > 0 then 'value'
        end as share_measure,
        string_agg(quality_flags, ',') as quality_flags,
        max(coalesce(null_reason, quantity_null_reason)) as null_reason
    from affected_imports
    group by importer_id, importer_kind, stage, reference_year
),

-- One row an importer, stage and view: all suppliers together.
losses as materialized (
    select
        declared_losses.importer_id, declared_losses.importer_kind, declared_losses.stage,
        declared_losses.reference_year, declared_losses.origin_view,
        coalesce(looked_through_supplies.quantity_basis, declared_losses.quantity_basis) as quantity_basis,
        case
            when declared_losses.supplied_tonnes is not null
                then coalesce(looked_through_supplies.supplied_tonnes, declared_losses.supplied_tonnes)
        end as supplied_tonnes,
        declared_losses.share,
        declared_losses.share_measure,
        declared_losses.quality_flags,
        declared_losses.null_reason
    from declared_losses
    left join looked_through_supplies
        on
            declared_losses.stage = looked_through_supplies.stage
            and declared_losses.origin_view = looked_through_supplies.origin_view
            and declared_losses.importer_id = looked_through_supplies.importer_id
    union all
    select
        importer_id, importer_kind, stage, reference_year, origin_view,
        max(measure) as quantity_basis,
        sum(origin_share * denominator_tonnes) as supplied_tonnes,
        sum(origin_share) as share,
        'tonnes' as share_measure,
        string_agg(quality_flags, ',') as quality_flags,
        max(null_reason) as null_reason
    from looked_through_imports
    group by importer_id, importer_kind, stage, reference_year, origin_view
),

allies as materialized (
    select country_iso3
    from members
    where bloc_id = 'MEETING_2026_01_12'
),

producers as materialized (
    select
        spares.stage,
        spares.origin_view,
        spares.geography_id as origin_id,
        case
            when stopped_origins.country_iso3 is not null or spares.spare_basis = 'rest' then 0
            when question.spare = 'measured' and spares.spare_basis = 'assumed' then 0
            else spares.spare_tonnes_low * question.year_share
        end as spare_tonnes,
        spares.spare_basis
    from critical_minerals.marts.mart_scenario_spare as spares
    inner join question on spares.mineral_id = question.mineral_id and question.spare <> 'none'
    inner join latest_years on spares.stage = latest_years.stage and spares.reference_year = latest_years.reference_year
    left join stopped_origins on spares.country_iso3 = stopped_origins.country_iso3
),

bases as materialized (
    select
        producers.stage,
        producers.origin_view,
        case
            when question.spare = 'measured' or not bool_or(spare_basis = 'assumed') then 'measured'
            when bool_and(spare_basis = 'assumed') then 'assumed'
            else 'mixed'
        end as spare_basis
    from producers
    cross join question
    semi join links on producers.stage = links.stage and producers.origin_view = links.origin_view
    group by producers.stage, producers.origin_view, question.spare
    having question.spare <> 'measured' or not bool_and(spare_basis = 'assumed')
),

needs as materialized (
    select links.stage, links.origin_view, links.importer_id,
        sum(links.link_tonnes) * max(question.depth * question.year_share) as need_tonnes
    from links
    cross join question
    where links.is_supplier and links.importer_kind = 'country'
        and links.importer_id not in (select country_iso3 from stopped_origins)
    group by links.stage, links.origin_view, links.importer_id
),

-- Each round every producer offers all that it has left to those who still lack something, by what they take from
-- it; nobody takes more than it lacks, and what is refused is offered again.
allocation_rounds as (
    select
        0 as round_number,
        links.stage, links.origin_view, links.importer_id, links.origin_id, links.link_tonnes,
        question.allocation = 'allies_first' and origin.country_iso3 is not null as is_choosing,
        importer.country_iso3 is not null as is_ally,
        needs.need_tonnes,
        producers.spare_tonnes,
        cast(0 as double) as given_tonnes
    from links
    cross join question
    inner join needs
        on
            links.stage = needs.stage
            and links.origin_view = needs.origin_view
            and links.importer_id = needs.importer_id
    inner join producers
        on
            links.stage = producers.stage
            and links.origin_view = producers.origin_view
            and links.origin_id = producers.origin_id
    left join allies as origin on links.origin_id = origin.country_iso3
    left join allies as importer on links.importer_id = importer.country_iso3
    where producers.spare_tonnes > 0
    union all
    select
        round_number + 1 as round_number,
        stage, origin_view, importer_id, origin_id, link_tonnes, is_choosing, is_ally,
        case
            when offered_tonnes >= need_tonnes then 0
            else need_tonnes - sum(now_tonnes) over (partition by stage, origin_view, importer_id)
        end as need_tonnes,
        -- To the gram: what rounding leaves is offered to nobody.
        floor(
            1000000 * (spare_tonnes - sum(now_tonnes) over (partition by stage, origin_view, origin_id)) + 0.001
        ) / 1000000 as spare_tonnes,
        now_tonnes as given_tonnes
    from (
        select
            *,
            offer_tonnes * least(1, need_tonnes / nullif(offered_tonnes, 0)) as now_tonnes
        from (
            select
                *,
                sum(offer_tonnes) over (partition by stage, origin_view, importer_id) as offered_tonnes
            from (
                select
                    *,
                    case
                        when weight > 0
                            then spare_tonnes * weight / sum(weight) over (partition by stage, origin_view, origin_id)
                        else 0
                    end as offer_tonnes
                from (
                    select
                        *,
                        case
                            when is_choosing and not is_ally
                                and bool_or(is_ally) over (partition by stage, origin_view, origin_id) then 0
                            else link_tonnes
                        end as weight
                    from allocation_rounds
                    where round_number < 12 and need_tonnes > 0 and spare_tonnes > 0
                ) as weighed
            ) as offering
        ) as offered
    ) as taken
),

spare_by_importer as (
    select stage, origin_view, importer_id, sum(given_tonnes) as received_tonnes
    from allocation_rounds
    group by stage, origin_view, importer_id
),

importer_receipts as materialized (
    select spare_by_importer.stage, spare_by_importer.origin_view, country_parties.party_id as importer_id,
        sum(spare_by_importer.received_tonnes) as received_tonnes
    from spare_by_importer
    inner join country_parties on spare_by_importer.importer_id = country_parties.country_iso3
    group by spare_by_importer.stage, spare_by_importer.origin_view, country_parties.party_id
),

-- Where no stage of the mineral has a line of trade, or nobody's purchases are known to be touched.
unanswered as (
    select
        case
            when bool_or(coverage.null_reason is null) then 'no_imports_recorded'
            else
                coalesce(
                    max(coverage.null_reason) filter (where coverage.null_reason <> 'no_hs_line'), 'no_hs_line'
                )
        end as null_reason
    from question
    inner join critical_minerals.marts.mart_coverage as coverage
        on question.mineral_id = coverage.mineral_id and coverage.statistic = 'import_dependency_value'
    where not exists (select 1 from losses) and exists (select 1 from stopped_origins where country_iso3 is not null)
    having count(*) > 0
),

answer as (
    select
        losses.*,
        losses.supplied_tonnes * question.depth * question.year_share as loss_tonnes,
        losses.share * question.depth as loss_share,
        bases.spare_basis,
        case
            when losses.supplied_tonnes is null then null
            when question.spare = 'none' then 0
            when bases.stage is not null
                then least(
                    coalesce(importer_receipts.received_tonnes, 0),
                    losses.supplied_tonnes * question.depth * question.year_share
                )
        end as received_tonnes,
        case
            when losses.supplied_tonnes is null then coalesce(losses.null_reason, 'tonnage_not_published')
            when question.spare <> 'none' and bases.stage is null then 'spare_unknown'
        end as shortfall_null_reason
    from losses
    cross join question
    left join bases on losses.stage = bases.stage and losses.origin_view = bases.origin_view
    left join importer_receipts
        on
            losses.stage = importer_receipts.stage
            and losses.origin_view = importer_receipts.origin_view
            and losses.importer_id = importer_receipts.importer_id
    union all by name
    select null_reason, null_reason as shortfall_null_reason
    from unanswered
)

select
    answer.importer_id,
    importer_party.party_name as importer_name,
    importer_kind,
    stage, reference_year, origin_view,
    quantity_basis,
    -- To the gram, and shares to nine digits: the order in which doubles are added changes the last ones.
    round(loss_tonnes, 6) as loss_tonnes,
    round(loss_share, 9) as loss_share,
    share_measure,
    round(received_tonnes, 6) as received_tonnes,
    round(loss_tonnes - received_tonnes, 6) as shortfall_tonnes,
    round(loss_share * (loss_tonnes - received_tonnes) / nullif(loss_tonnes, 0), 9) as shortfall_share,
    spare_basis,
    case
        when quality_flags is not null
            then array_to_string(list_sort(list_distinct(string_split(quality_flags, ','))), ',')
    end as quality_flags,
    null_reason,
    shortfall_null_reason
from answer
left join critical_minerals.marts.dim_party as importer_party on answer.importer_id = importer_party.party_id
order by stage, origin_view, loss_share desc nulls last, importer_id;
