with

net_import_reliances as (

    select * from {{ lake('usgs_mcs_us', 'net_import_reliance') }}

)

select * from net_import_reliances
