with

reserves as (

    select * from {{ ref('int_production__shares') }}
    where statistic = 'reserve'

),

mine_shares as (

    select * from {{ ref('int_production__shares') }}
    where
        statistic = 'production'
        and is_current_edition
        and stage = 'mine'

),

-- Years of supply: reserves over the mine production of the same country, series, basis and year.
reserves_with_mining as (

    select
        reserves.*,
        mine_shares.quantity_tonnes as mine_production_tonnes,
        mine_shares.edition as mine_production_edition,
        mine_shares.value_status as mine_production_status,
        mine_shares.is_estimated as is_mine_production_estimated
    from reserves
    left join mine_shares
        on
            {{ same_key('reserves', 'mine_shares', [
                'source_id', 'mineral_id', 'form', 'basis', 'reference_year', 'geography_id',
            ]) }}

),

final as (

    select
        *,
        quantity_tonnes as reserve_tonnes,
        production_share as reserve_share,
        production_share_lower as reserve_share_lower,
        production_share_upper as reserve_share_upper,
        producer_rank as reserve_rank,
        {{ quality_flags({'share_of_parts': 'is_total_below_parts'}) }} as quality_flags,
        -- A reserve printed as a dash is not mined out: who digs it has some.
        case
            when quantity_tonnes > 0 then quantity_tonnes / nullif(mine_production_tonnes, 0)
        end as years_of_supply,
        case
            when production_share is not null then null
            when quantity_tonnes is null then 'figure_' || value_status
            when world_total_tonnes is null
                then 'world_total_' || coalesce(world_total_status, 'not_listed')
            else 'world_total_zero'
        end as null_reason,
        case
            when quantity_tonnes is null then 'reserve_' || value_status
            when quantity_tonnes = 0 then 'reserve_zero'
            when mine_production_tonnes > 0 then null
            when mine_production_tonnes = 0 then 'no_mine_production'
            else 'mine_production_' || coalesce(mine_production_status, 'not_listed')
        end as years_null_reason
    from reserves_with_mining

)

{{ contract_columns() }}
order by mineral_id, form, basis, reference_year, source_id, edition, country_iso3
