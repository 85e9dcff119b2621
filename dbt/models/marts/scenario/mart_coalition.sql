with

-- Without a look-through nobody's use is counted, for the reason that there is no refiner's view.
exposures as (

    select
        *,
        coalesce(refiner_null_reason, 'not_looked_through') as cell_null_reason
    from {{ ref('int_coalition__exposure_gathered') }}

),

covers as (

    select * from {{ ref('int_coalition__cover_counted') }}

),

world as (

    select * from {{ ref('int_coalition__world_share_summed') }}

),

bands as (

    select * from {{ ref('exposure_band') }}

),

-- The first band that holds; by the lowest view the concentration does not count. Of a pool that
-- lacks lines of its stage no band is said: the others may come from elsewhere.
banded as (

    select
        exposures.party_id,
        exposures.mineral_id,
        exposures.stage,
        min(
            case
                when
                    bands.share_above is null
                    or exposures.exposure_high_share > bands.share_above
                    or exposures.supplier_hhi > bands.hhi_above
                    then bands.band_order
            end
        ) as band_order_high,
        min(
            case
                when
                    bands.share_above is null
                    or exposures.exposure_low_share > bands.share_above
                    then bands.band_order
            end
        ) as band_order_low
    from exposures
    cross join bands
    where exposures.exposure_high_share is not null and not exposures.has_missing_lines
    group by exposures.party_id, exposures.mineral_id, exposures.stage

),

final as (

    select
        cast(exposures.mineral_id as varchar) as mineral_id,
        cast(exposures.stage as varchar) as stage,
        cast(exposures.reference_year as integer) as reference_year,
        cast(exposures.party_id as varchar) as party_id,
        cast(exposures.party_kind as varchar) as party_kind,
        cast('{{ var("coalition_supplier") }}' as varchar) as supplier_id,
        cast(exposures.face_value_share as double) as face_value_share,
        cast(exposures.face_quantity_share as double) as face_quantity_share,
        cast(exposures.quantity_basis as varchar) as quantity_basis,
        cast(exposures.refiner_origin_share as double) as refiner_origin_share,
        cast(exposures.mine_origin_share as double) as mine_origin_share,
        cast(exposures.exposure_low_share as double) as exposure_low_share,
        cast(exposures.exposure_high_share as double) as exposure_high_share,
        cast(exposures.supplier_hhi as double) as supplier_hhi,
        cast(highest.band_id as varchar) as band_id,
        cast(lowest.band_id as varchar) as band_id_low,
        cast(world.world_production_share as double) as world_production_share,
        cast(world.source_id as varchar) as world_source_id,
        cast(world.edition as varchar) as world_edition,
        cast(world.reference_year as integer) as world_year,
        cast(
            case when covers.null_reason is null then covers.production_g / 1000000 end as double
        ) as production_tonnes,
        cast(
            case when covers.null_reason is null then covers.consumption_g / 1000000 end as double
        ) as consumption_tonnes,
        cast(
            case when covers.mined_null_reason is null then covers.mined_g / 1000000 end as double
        ) as mined_tonnes,
        cast(
            case
                when covers.null_reason is null and covers.consumption_g > 0
                    then covers.production_g / covers.consumption_g
            end as double
        ) as own_cover,
        cast(
            case
                when covers.all_null_reason is null and covers.all_consumption_g > 0
                    then covers.all_production_g / covers.all_consumption_g
            end as double
        ) as coalition_cover,
        cast(
            case
                when covers.others_null_reason is null and covers.others_consumption_g > 0
                    then covers.others_production_g / covers.others_consumption_g
            end as double
        ) as coalition_cover_without,
        cast(
            case
                when
                    covers.all_null_reason is null
                    and covers.others_null_reason is null
                    and covers.all_consumption_g > 0
                    and covers.others_consumption_g > 0
                    then
                        covers.all_production_g / covers.all_consumption_g
                        - covers.others_production_g / covers.others_consumption_g
            end as double
        ) as marginal_cover,
        cast(
            case
                when
                    covers.all_null_reason is null
                    and covers.all_mined_null_reason is null
                    and covers.all_consumption_g > 0
                    then covers.all_mined_g / covers.all_consumption_g
            end as double
        ) as coalition_mined_cover,
        cast(
            case
                when
                    covers.all_null_reason is null
                    and covers.all_mined_null_reason is null
                    and covers.others_null_reason is null
                    and covers.others_mined_null_reason is null
                    and covers.all_consumption_g > 0
                    and covers.others_consumption_g > 0
                    then
                        covers.all_mined_g / covers.all_consumption_g
                        - covers.others_mined_g / covers.others_consumption_g
            end as double
        ) as marginal_mined_cover,
        cast(covers.production_source_id as varchar) as production_source_id,
        cast(exposures.source_id as varchar) as source_id,
        cast(exposures.edition as varchar) as edition,
        cast(exposures.series_id as varchar) as series_id,
        cast(
            nullif(
                concat_ws(
                    ',',
                    exposures.quality_flags,
                    case when not covers.is_named then 'own_production_not_named' end,
                    case when world.has_withheld_producer then 'producer_withheld' end
                ),
                ''
            ) as varchar
        ) as quality_flags,
        cast(exposures.null_reason as varchar) as null_reason,
        cast(
            case
                when exposures.exposure_high_share is null then exposures.null_reason
                when exposures.has_missing_lines then 'lines_missing'
            end as varchar
        ) as band_null_reason,
        cast(
            case
                when world.party_id is null then 'no_production_published'
                else world.null_reason
            end as varchar
        ) as world_null_reason,
        cast(exposures.quantity_null_reason as varchar) as quantity_null_reason,
        cast(exposures.refiner_null_reason as varchar) as refiner_null_reason,
        cast(exposures.mine_null_reason as varchar) as mine_null_reason,
        cast(
            case
                when covers.party_id is null then exposures.cell_null_reason
                else covers.null_reason
            end as varchar
        ) as cover_null_reason,
        cast(
            case
                when covers.party_id is null then exposures.cell_null_reason
                when covers.null_reason is not null then covers.null_reason
                when covers.consumption_g <= 0 then 'no_apparent_supply'
            end as varchar
        ) as own_cover_null_reason,
        cast(
            case
                when covers.party_id is null then exposures.cell_null_reason
                else covers.mined_null_reason
            end as varchar
        ) as mined_null_reason,
        cast(
            case
                when covers.party_id is null then exposures.cell_null_reason
                when covers.all_null_reason is not null then covers.all_null_reason
                when covers.all_consumption_g <= 0 then 'no_apparent_supply'
                else covers.all_mined_null_reason
            end as varchar
        ) as coalition_mined_null_reason,
        cast(
            case
                when covers.party_id is null then exposures.cell_null_reason
                when covers.all_null_reason is not null then covers.all_null_reason
                when covers.others_null_reason is not null then covers.others_null_reason
                when covers.all_consumption_g <= 0 or covers.others_consumption_g <= 0
                    then 'no_apparent_supply'
            end as varchar
        ) as marginal_null_reason
    from exposures
    left join banded
        on
            exposures.party_id = banded.party_id
            and exposures.mineral_id = banded.mineral_id
            and exposures.stage = banded.stage
    left join bands as highest on banded.band_order_high = highest.band_order
    left join bands as lowest on banded.band_order_low = lowest.band_order
    left join covers
        on
            exposures.party_id = covers.party_id
            and exposures.mineral_id = covers.mineral_id
            and exposures.stage = covers.stage
            and exposures.reference_year = covers.reference_year
    left join world
        on
            exposures.party_id = world.party_id
            and exposures.mineral_id = world.mineral_id
            and exposures.stage = world.stage

)

select * from final
order by
    mineral_id, stage, party_id
