with

reliance as (

    select * from {{ ref('fct_net_import_reliance') }}

),

import_sources as (

    select * from {{ ref('stg_usgs_mcs_us__import_sources') }}

),

across_editions as (

    select
        source_id,
        mineral_id,
        form,
        reference_year,
        min(coalesce(net_import_reliance_share_lower, net_import_reliance_share))
            as lowest_share,
        max(coalesce(net_import_reliance_share_upper, net_import_reliance_share))
            as highest_share,
        count(*) as edition_count
    from reliance
    group by source_id, mineral_id, form, reference_year

),

origins as (

    select
        mineral_id,
        form,
        geography_id,
        country_iso3,
        import_share,
        {{ edition_age(['source_id', 'mineral_id', 'form']) }} as edition_age,
        row_number() over (
            partition by source_id, edition, mineral_id, form
            order by import_share desc nulls last, geography_id asc
        ) as origin_order
    from import_sources
    where geography_kind = 'country'

),

first_origin as (

    select
        mineral_id,
        form,
        max(case when origin_order = 1 then country_iso3 end) as leader_origin_id,
        max(case when origin_order = 1 then import_share end) as leader_origin_share,
        max(case when country_iso3 = 'CHN' then import_share end) as china_import_share
    from origins
    where edition_age = 1
    group by mineral_id, form

),

-- Minerals whose sources are listed at all: for some the two tables count different forms.
sourced as (

    select distinct mineral_id from import_sources

),

final as (

    select
        cast('USA' as varchar) as importer_id,
        cast(reliance.mineral_id as varchar) as mineral_id,
        cast(reliance.form as varchar) as form,
        cast(reliance.reference_year as integer) as reference_year,
        cast(reliance.source_id as varchar) as source_id,
        cast(reliance.edition as varchar) as edition,
        cast(reliance.consumption_basis as varchar) as consumption_basis,
        cast(reliance.net_import_reliance_share as double) as net_import_reliance_share,
        cast(coalesce(
            reliance.net_import_reliance_share_lower, reliance.net_import_reliance_share
        ) as double) as net_import_reliance_share_lower,
        cast(coalesce(
            reliance.net_import_reliance_share_upper, reliance.net_import_reliance_share
        ) as double) as net_import_reliance_share_upper,
        cast(reliance.value_status = 'net_exporter' as boolean) as is_net_exporter,
        cast(reliance.value_status as varchar) as value_status,
        cast(reliance.is_estimated as boolean) as is_estimated,
        cast(across_editions.lowest_share as double) as lowest_share_in_editions,
        cast(across_editions.highest_share as double) as highest_share_in_editions,
        cast(across_editions.edition_count as integer) as edition_count,
        cast(first_origin.leader_origin_id as varchar) as leader_origin_id,
        cast(first_origin.leader_origin_share as double) as leader_origin_share,
        cast(first_origin.china_import_share as double) as china_import_share,
        cast(
            case
                when first_origin.leader_origin_id is not null then null
                when sourced.mineral_id is not null then 'import_sources_of_another_form'
                else 'import_sources_not_listed'
            end as varchar
        ) as leader_origin_null_reason,
        cast(case
            when reliance.net_import_reliance_share is null
                then 'figure_' || reliance.value_status
        end as varchar) as null_reason,
        cast(reliance.source_row_id as varchar) as source_row_id
    from reliance
    inner join across_editions
        on
            reliance.source_id = across_editions.source_id
            and reliance.mineral_id = across_editions.mineral_id
            and reliance.form = across_editions.form
            and reliance.reference_year = across_editions.reference_year
    left join first_origin
        on
            reliance.mineral_id = first_origin.mineral_id
            and reliance.form = first_origin.form
    left join sourced on reliance.mineral_id = sourced.mineral_id
    where reliance.is_current_edition

)

{{ with_names() }}
order by
    mineral_id, form, reference_year
