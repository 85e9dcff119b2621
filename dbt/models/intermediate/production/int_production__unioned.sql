{#- Every source's production in one shape. A new source adds one import and one `union all`. -#}
with

usgs_mcs as (

    select * from {{ ref('stg_usgs_mcs__production') }}

),

unioned as (

    select * from usgs_mcs

)

select * from unioned
