with

import_sources as (

    select * from {{ lake('usgs_mcs_us', 'us_import_source') }}

)

select * from import_sources
