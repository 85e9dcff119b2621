with

reserves as (

    select * from {{ ref('int_production__shares') }}
    where statistic = 'reserve'

),

mined as (

    select * from {{ ref('int_production__shares') }}
    where
        statistic = 'production'
        and is_current_edition
        and stage = 'mine'

),

-- Years of supply: reserves over the mine production of the same country, series, basis and year.
joined as (

    select
        reserves.*,
        mined.quantity_tonnes as mine_production_tonnes,
        mined.edition as mine_production_edition,
        mined.value_status as mine_production_status
    from reserves
    left join mined
        on
            reserves.source_id = mined.source_id
            and reserves.mineral_id = mined.mineral_id
            and reserves.form = mined.form
            and reserves.basis = mined.basis
            and reserves.reference_year = mined.reference_year
            and reserves.geography_id = mined.geography_id

),

final as (

    select
        cast(mineral_id as varchar) as mineral_id,
        cast(form as varchar) as form,
        cast(basis as varchar) as basis,
        cast(country_iso3 as varchar) as country_iso3,
        cast(reference_year as integer) as reference_year,
        cast(source_id as varchar) as source_id,
        cast(edition as varchar) as edition,
        cast(is_current_edition as boolean) as is_current_edition,
        cast(quantity_tonnes as double) as reserve_tonnes,
        cast(production_share as double) as reserve_share,
        cast(producer_rank as integer) as reserve_rank,
        cast(value_status as varchar) as value_status,
        cast(derivation as varchar) as derivation,
        cast(world_total_tonnes as double) as world_total_tonnes,
        cast(coverage_share as double) as coverage_share,
        cast(mine_production_tonnes as double) as mine_production_tonnes,
        cast(mine_production_edition as varchar) as mine_production_edition,
        -- A reserve printed as a dash is not mined out: who digs it has some.
        cast(
            case
                when quantity_tonnes > 0 then quantity_tonnes / nullif(mine_production_tonnes, 0)
            end as double
        ) as years_of_supply,
        cast(
            case
                when production_share is not null then null
                when quantity_tonnes is null then 'figure_' || value_status
                when world_total_tonnes is null
                    then 'world_total_' || coalesce(world_total_status, 'not_listed')
                else 'world_total_zero'
            end as varchar
        ) as null_reason,
        cast(
            case
                when quantity_tonnes is null then 'reserve_' || value_status
                when quantity_tonnes = 0 then 'reserve_zero'
                when mine_production_tonnes > 0 then null
                when mine_production_tonnes = 0 then 'no_mine_production'
                else 'mine_production_' || coalesce(mine_production_status, 'not_listed')
            end as varchar
        ) as years_null_reason,
        cast(source_row_id as varchar) as source_row_id
    from joined

)

{{ with_names() }}
order by mineral_id, form, basis, reference_year, source_id, edition, country_iso3
