with

-- Without a look-through nobody's use is counted, for the reason that there is no refiner's view.
exposures as (

    select
        *,
        coalesce(refiner_null_reason, 'not_looked_through') as cell_null_reason
    from {{ ref('int_coalition__exposures') }}

),

-- Known is what is named: of a country also a printed zero, of several countries something.
covers as (

    select
        *,
        production_status = 'named'
        or (production_status = 'named_in_part' and production_g > 0) as is_known,
        mined_status = 'named' or (mined_status = 'named_in_part' and mined_g > 0)
            as is_mined_known,
        others_production_status = 'named'
        or (others_production_status = 'named_in_part' and others_production_g > 0)
            as is_others_known,
        others_mined_status = 'named'
        or (others_mined_status = 'named_in_part' and others_mined_g > 0)
            as is_others_mined_known,
        all_production_status = 'named'
        or (all_production_status = 'named_in_part' and all_production_g > 0)
            as is_all_known,
        all_mined_status = 'named'
        or (all_mined_status = 'named_in_part' and all_mined_g > 0)
            as is_all_mined_known
    from {{ ref('int_coalition__supply_cover') }}

),

-- What is not named lies between nothing and the rest that the source leaves unnamed.
bounded as (

    select
        *,
        production_g + production_rest_g as production_high_g,
        consumption_g + production_rest_g as consumption_high_g,
        mined_g + mined_rest_g as mined_high_g,
        case when consumption_g > 0 then production_g / consumption_g end as own_cover,
        case
            when consumption_g > 0
                then (production_g + production_rest_g) / (consumption_g + production_rest_g)
        end as own_cover_with_rest,
        case when all_consumption_g > 0 then all_production_g / all_consumption_g end as all_cover,
        case
            when all_consumption_g > 0
                then
                    (all_production_g + all_production_rest_g)
                    / (all_consumption_g + all_production_rest_g)
        end as all_cover_with_rest,
        case
            when all_consumption_g > 0
                then
                    (all_production_g + production_rest_g)
                    / (all_consumption_g + production_rest_g)
        end as all_cover_with_own_rest,
        case when others_consumption_g > 0 then others_production_g / others_consumption_g end
            as others_cover,
        coalesce(
            all_null_reason,
            case when all_consumption_g <= 0 then 'no_apparent_supply' end
        ) as all_bound_null_reason,
        coalesce(
            all_null_reason,
            others_null_reason,
            case
                when all_consumption_g <= 0 or others_consumption_g <= 0 then 'no_apparent_supply'
            end
        ) as marginal_bound_null_reason,
        coalesce(
            null_reason, case when not is_known then 'own_production_not_named' end
        ) as own_null_reason
    from covers

),

reasoned as (

    select
        *,
        coalesce(
            mined_null_reason, case when not is_mined_known then 'own_production_not_named' end
        ) as own_mined_null_reason,
        coalesce(
            own_null_reason, case when consumption_g <= 0 then 'no_apparent_supply' end
        ) as own_cover_null_reason,
        coalesce(
            all_bound_null_reason,
            case when not is_all_known then 'own_production_not_named' end
        ) as coalition_null_reason,
        coalesce(
            marginal_bound_null_reason,
            case
                when not is_known or not is_others_known then 'own_production_not_named'
            end
        ) as marginal_null_reason
    from bounded

),

world as (

    select * from {{ ref('int_coalition__world_shares') }}

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
        cast('{{ threshold('coalition_supplier') }}' as varchar) as supplier_id,
        cast(exposures.declared_origin_value_share as double) as declared_origin_value_share,
        cast(exposures.declared_origin_quantity_share as double) as declared_origin_quantity_share,
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
        cast(covers.production_status as varchar) as production_status,
        cast(covers.mined_status as varchar) as mined_status,
        {%- for made, reason in [
            ('production', 'null_reason'), ('consumption', 'null_reason'),
            ('mined', 'mined_null_reason')
        ] %}
        cast(
            case when covers.own_{{ reason }} is null then covers.{{ made }}_g / 1000000 end
            as double
        ) as {{ made }}_tonnes,
        cast(
            case when covers.{{ reason }} is null then covers.{{ made }}_g / 1000000 end as double
        ) as {{ made }}_tonnes_low,
        cast(
            case when covers.{{ reason }} is null then covers.{{ made }}_high_g / 1000000 end
            as double
        ) as {{ made }}_tonnes_high,
        {%- endfor %}
        cast(
            case when covers.own_cover_null_reason is null then covers.own_cover end as double
        ) as own_cover,
        cast(
            case
                when covers.null_reason is null
                    then
                        case
                            when covers.production_rest_g is null then covers.own_cover
                            else least(covers.own_cover, covers.own_cover_with_rest)
                        end
            end as double
        ) as own_cover_low,
        cast(
            case
                when covers.null_reason is null and covers.production_rest_g is not null
                    then greatest(covers.own_cover, covers.own_cover_with_rest)
            end as double
        ) as own_cover_high,
        cast(
            case when covers.coalition_null_reason is null then covers.all_cover end as double
        ) as coalition_cover,
        cast(
            case
                when covers.all_bound_null_reason is null
                    then least(covers.all_cover, covers.all_cover_with_rest)
            end as double
        ) as coalition_cover_low,
        cast(
            case
                when
                    covers.all_bound_null_reason is null
                    and covers.all_production_rest_g is not null
                    then greatest(covers.all_cover, covers.all_cover_with_rest)
            end as double
        ) as coalition_cover_high,
        cast(
            case
                when covers.others_null_reason is null and covers.is_others_known
                    then covers.others_cover
            end as double
        ) as coalition_cover_without,
        cast(
            case
                when covers.marginal_null_reason is null
                    then covers.all_cover - covers.others_cover
            end as double
        ) as marginal_cover,
        cast(
            case
                when covers.marginal_bound_null_reason is null
                    then
                        least(covers.all_cover, covers.all_cover_with_own_rest)
                        - covers.others_cover
            end as double
        ) as marginal_cover_low,
        cast(
            case
                when
                    covers.marginal_bound_null_reason is null
                    and covers.production_rest_g is not null
                    then
                        greatest(covers.all_cover, covers.all_cover_with_own_rest)
                        - covers.others_cover
            end as double
        ) as marginal_cover_high,
        cast(
            case
                when
                    covers.coalition_null_reason is null
                    and covers.all_mined_null_reason is null
                    and covers.is_all_mined_known
                    then covers.all_mined_g / covers.all_consumption_g
            end as double
        ) as coalition_mined_cover,
        cast(
            case
                when
                    covers.marginal_null_reason is null
                    and covers.all_mined_null_reason is null
                    and covers.others_mined_null_reason is null
                    and covers.is_mined_known
                    and covers.is_others_mined_known
                    then
                        covers.all_mined_g / covers.all_consumption_g
                        - covers.others_mined_g / covers.others_consumption_g
            end as double
        ) as marginal_mined_cover,
        cast(
            case
                when
                    covers.marginal_bound_null_reason is null
                    and covers.all_mined_null_reason is null
                    and covers.others_mined_null_reason is null
                    and covers.production_rest_g is not null
                    then
                        covers.all_mined_g / (covers.all_consumption_g + covers.production_rest_g)
                        - covers.others_mined_g / covers.others_consumption_g
            end as double
        ) as marginal_mined_cover_low,
        cast(
            case
                when
                    covers.marginal_bound_null_reason is null
                    and covers.all_mined_null_reason is null
                    and covers.others_mined_null_reason is null
                    and covers.mined_rest_g is not null
                    then
                        (covers.all_mined_g + covers.mined_rest_g) / covers.all_consumption_g
                        - covers.others_mined_g / covers.others_consumption_g
            end as double
        ) as marginal_mined_cover_high,
        cast(covers.production_source_id as varchar) as production_source_id,
        cast(exposures.source_id as varchar) as source_id,
        cast(exposures.edition as varchar) as edition,
        cast(exposures.series_id as varchar) as series_id,
        cast(
            nullif(
                concat_ws(
                    ',',
                    exposures.quality_flags,
                    case
                        when covers.production_status = 'not_named' then 'own_production_not_named'
                    end,
                    case
                        when covers.production_status = 'named_in_part'
                            then 'own_production_named_in_part'
                    end,
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
        {%- for column, said in [
            ('own', 'cover'), ('own_cover', 'own_cover'), ('own_mined', 'mined')
        ] %}
        cast(
            case
                when covers.party_id is null then exposures.cell_null_reason
                else covers.{{ column }}_null_reason
            end as varchar
        ) as {{ said }}_null_reason,
        {%- endfor %}
        cast(
            case
                when covers.party_id is null then exposures.cell_null_reason
                else covers.coalition_null_reason
            end as varchar
        ) as coalition_null_reason,
        cast(
            case
                when covers.party_id is null then exposures.cell_null_reason
                when covers.coalition_null_reason is not null then covers.coalition_null_reason
                when covers.all_mined_null_reason is not null then covers.all_mined_null_reason
                when not covers.is_all_mined_known then 'own_production_not_named'
            end as varchar
        ) as coalition_mined_null_reason,
        cast(
            case
                when covers.party_id is null then exposures.cell_null_reason
                else covers.marginal_null_reason
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
    left join reasoned as covers
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

{{ with_names() }}
order by
    mineral_id, stage, party_id
