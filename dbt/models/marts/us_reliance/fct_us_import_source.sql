with

import_sources as (

    select * from {{ ref('stg_usgs_mcs_us__import_sources') }}

),

final as (

    select
        cast(source_row_id as varchar) as source_row_id,
        cast(source_id as varchar) as source_id,
        cast(edition as varchar) as edition,
        cast(released_on as date) as released_on,
        cast('USA' as varchar) as importer_id,
        cast(mineral_id as varchar) as mineral_id,
        cast(form as varchar) as form,
        cast(geography_kind as varchar) as geography_kind,
        cast(geography_id as varchar) as geography_id,
        cast(country_iso3 as varchar) as origin_id,
        cast(period_from as integer) as period_from_year,
        cast(period_to as integer) as period_to_year,
        cast(import_share as double) as import_share,
        cast(import_share_lower as double) as import_share_lower,
        cast(import_share_upper as double) as import_share_upper,
        cast(includes_hong_kong as boolean) as includes_hong_kong,
        cast(value_status as varchar) as value_status,
        cast(is_estimated as boolean) as is_estimated,
        cast(derivation as varchar) as derivation,
        cast(published_commodity as varchar) as published_commodity,
        cast(published_form as varchar) as published_form,
        cast(published_partner as varchar) as published_partner,
        cast(published_value as varchar) as published_value,
        cast(source_file as varchar) as source_file
    from import_sources

)

{{ with_names() }}
order by
    source_id, edition, mineral_id, form, period_from_year, geography_kind, geography_id
