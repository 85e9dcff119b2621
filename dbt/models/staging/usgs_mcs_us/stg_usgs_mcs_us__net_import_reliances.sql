with

net_import_reliances as (

    select * from {{ lake('usgs_mcs_us', 'net_import_reliance') }}
    where {{ known_by_as_of() }}

)

select * from net_import_reliances
