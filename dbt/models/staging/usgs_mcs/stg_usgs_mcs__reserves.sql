with

reserves as (

    select * from {{ lake('usgs_mcs', 'reserve') }}

)

select * from reserves
