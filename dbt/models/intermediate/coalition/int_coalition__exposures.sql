{#-
    How far each party of the meeting, and all of them as one, depend on one supplier for each mineral and
    stage: by declared partner, by who made it, by who mined it, of imports in the latest year of trade.
-#}
with

imports as (

    select
        *,
        origin_id = '{{ threshold('coalition_supplier') }}' as is_supplier
    from {{ ref('mart_import_dependency') }}
    where series_level = 'mineral_stage' and is_current_series

),

views as (

    select
        *,
        origin_id = '{{ threshold('coalition_supplier') }}' as is_supplier
    from {{ ref('mart_dependency_view') }}
    where series_level = 'mineral_stage' and denominator = 'imports' and measure <> 'value'

),

members as (

    select * from {{ ref('bridge_bloc_member') }}
    where bloc_id = 'MEETING_2026_01_12'

),

-- The latest year of each stage; where nobody's imports are known, that of trade.
of_trade as (

    select max(reference_year) as reference_year
    from {{ ref('int_trade__series_by_year') }}
    where is_current_series

),

latest as (

    select
        imports.mineral_id,
        imports.stage,
        coalesce(
            max(case when imports.origin_id is not null then imports.reference_year end),
            max(of_trade.reference_year)
        ) as reference_year
    from imports
    cross join of_trade
    group by imports.mineral_id, imports.stage

),

parties as (

    select
        party_id,
        case when max(country_iso3) = party_id then 'country' else 'bloc' end as party_kind
    from members
    group by party_id
    union all
    select distinct
        bloc_id as party_id,
        'coalition' as party_kind
    from members

),

-- Countries only: China with Hong Kong stands beside them.
faces as (

    select
        parties.party_id,
        parties.party_kind,
        imports.mineral_id,
        imports.stage,
        imports.reference_year,
        max(imports.source_id) as source_id,
        max(imports.edition) as edition,
        max(imports.series_id) as series_id,
        max(imports.quantity_basis) as quantity_basis,
        case
            when max(imports.value_share) is not null
                then coalesce(max(case when imports.is_supplier then imports.value_share end), 0)
        end as declared_origin_value_share,
        -- A supplier with dollars and no tonnes has no share by tonnes, and not 0.
        case
            when max(imports.quantity_share) is null then null
            when count(case when imports.is_supplier then 1 end) = 0 then 0
            else max(case when imports.is_supplier then imports.quantity_share end)
        end as declared_origin_quantity_share,
        max(imports.supplier_hhi) as supplier_hhi,
        coalesce(bool_or(imports.quality_flags like '%lines_missing%'), false)
            as has_missing_lines,
        -- Flags of the supplier's flow; where it sells nothing, those of the whole stage.
        coalesce(
            max(case when imports.is_supplier then imports.quality_flags end),
            nullif(
                concat_ws(
                    ',',
                    max(
                        case
                            when imports.quality_flags like '%lines_missing%' then 'lines_missing'
                        end
                    ),
                    max(
                        case
                            when imports.quality_flags like '%series_break%' then 'series_break'
                        end
                    ),
                    max(
                        case
                            when imports.quality_flags like '%truncated_release%'
                                then 'truncated_release'
                        end
                    ),
                    case
                        when
                            max(imports.value_share) is not null
                            and not bool_or(coalesce(imports.is_supplier, false))
                            then 'none_recorded'
                    end
                ),
                ''
            )
        ) as quality_flags,
        case when max(imports.value_share) is null then max(imports.null_reason) end as null_reason,
        case
            when max(imports.quantity_share) is null
                then max(coalesce(imports.null_reason, imports.quantity_null_reason))
            else
                max(
                    case
                        when imports.is_supplier and imports.quantity_share is null
                            then coalesce(imports.quantity_null_reason, 'tonnage_not_published')
                    end
                )
        end as quantity_null_reason
    from imports
    inner join latest
        on
            imports.mineral_id = latest.mineral_id
            and imports.stage = latest.stage
            and imports.reference_year = latest.reference_year
    inner join parties on imports.importer_id = parties.party_id
    where imports.origin_kind is null or imports.origin_kind = 'country'
    group by
        parties.party_id,
        parties.party_kind,
        imports.mineral_id,
        imports.stage,
        imports.reference_year

),

seen as (

    select
        importer_id,
        mineral_id,
        stage,
        reference_year,
        case
            when max(refiner_origin_share) is not null
                then coalesce(max(case when is_supplier then refiner_origin_share end), 0)
        end as refiner_origin_share,
        case
            when max(mine_origin_share) is not null
                then coalesce(max(case when is_supplier then mine_origin_share end), 0)
        end as mine_origin_share,
        case when max(refiner_origin_share) is null then max(refiner_null_reason) end
            as refiner_null_reason,
        case when max(mine_origin_share) is null then max(mine_null_reason) end as mine_null_reason
    from views
    group by importer_id, mineral_id, stage, reference_year

),

joined as (

    select
        faces.*,
        seen.refiner_origin_share,
        seen.mine_origin_share,
        case
            when seen.importer_id is null then coalesce(faces.null_reason, 'not_looked_through')
            else seen.refiner_null_reason
        end as refiner_null_reason,
        case
            when seen.importer_id is null then coalesce(faces.null_reason, 'not_looked_through')
            else seen.mine_null_reason
        end as mine_null_reason
    from faces
    left join seen
        on
            faces.party_id = seen.importer_id
            and faces.mineral_id = seen.mineral_id
            and faces.stage = seen.stage
            and faces.reference_year = seen.reference_year

)

select
    *,
    least(
        declared_origin_value_share,
        declared_origin_quantity_share,
        refiner_origin_share,
        mine_origin_share
    )
        as exposure_low_share,
    greatest(
        declared_origin_value_share,
        declared_origin_quantity_share,
        refiner_origin_share,
        mine_origin_share
    )
        as exposure_high_share
from joined
