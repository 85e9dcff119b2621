with

import_sources as (

    select * from {{ lake('usgs_mcs_us', 'us_import_source') }}
    where {{ known_by_as_of() }}

)

select * from import_sources
