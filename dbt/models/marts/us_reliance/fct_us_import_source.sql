with

import_sources as (select * from {{ ref('stg_usgs_mcs_us__import_sources') }}),

final as (

    select
        *,
        'USA' as importer_id,
        country_iso3 as origin_id,
        period_from as period_from_year,
        period_to as period_to_year
    from import_sources

)

{{ contract_columns() }}
order by
    source_id, edition, mineral_id, form, period_from_year, geography_kind, geography_id
