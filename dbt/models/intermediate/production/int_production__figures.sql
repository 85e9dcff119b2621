{#-
    Production, capacity and reserves of every source in one shape, told apart by `statistic`: what is
    done with a world table (total, edition, share) has one home. A new source adds an import and a
    `union all`.
-#}
with

usgs_mcs_production as (

    select * from {{ ref('stg_usgs_mcs__production') }}

),

usgs_mcs_capacity as (

    select * from {{ ref('stg_usgs_mcs__capacities') }}

),

usgs_mcs_reserve as (

    select * from {{ ref('stg_usgs_mcs__reserves') }}

),

iea_production as (

    select * from {{ ref('stg_iea_critical_minerals__production') }}

),

unioned as (

    select
        *,
        'production' as statistic
    from usgs_mcs_production
    union all
    select
        *,
        'capacity' as statistic
    from usgs_mcs_capacity
    union all
    select
        *,
        'reserve' as statistic
    from usgs_mcs_reserve
    union all
    select
        *,
        'production' as statistic
    from iea_production

)

select * from unioned
