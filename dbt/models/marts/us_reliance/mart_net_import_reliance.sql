with

reliance as (select * from {{ ref('fct_net_import_reliance') }}),
import_sources as (select * from {{ ref('stg_usgs_mcs_us__import_sources') }}),

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
        is_estimated,
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
        max(case when country_iso3 = 'CHN' then import_share end) as china_import_share,
        bool_or(case when origin_order = 1 then is_estimated end)
            as is_leader_origin_share_estimated,
        bool_or(case when country_iso3 = 'CHN' then is_estimated end)
            as is_china_import_share_estimated
    from origins
    where edition_age = 1
    group by mineral_id, form

),

-- Minerals whose sources are listed at all: for some the two tables count different forms.
sourced_minerals as (

    select distinct mineral_id from import_sources

),

final as (

    select
        'USA' as importer_id,
        reliance.mineral_id,
        reliance.form,
        reliance.reference_year,
        reliance.source_id,
        reliance.edition,
        reliance.consumption_basis,
        reliance.net_import_reliance_share,
        coalesce(
            reliance.net_import_reliance_share_lower, reliance.net_import_reliance_share
        ) as net_import_reliance_share_lower,
        coalesce(
            reliance.net_import_reliance_share_upper, reliance.net_import_reliance_share
        ) as net_import_reliance_share_upper,
        case
            when reliance.value_status = 'net_exporter' then true
            when coalesce(
                reliance.net_import_reliance_share, reliance.net_import_reliance_share_lower,
                reliance.net_import_reliance_share_upper
            ) is not null then false
        end as is_net_exporter,
        reliance.value_status,
        reliance.is_estimated,
        across_editions.lowest_share as lowest_share_in_editions,
        across_editions.highest_share as highest_share_in_editions,
        across_editions.edition_count,
        first_origin.leader_origin_id,
        first_origin.leader_origin_share,
        first_origin.china_import_share,
        first_origin.is_leader_origin_share_estimated,
        first_origin.is_china_import_share_estimated,
        case
            when first_origin.leader_origin_id is not null then null
            when sourced_minerals.mineral_id is not null then 'import_sources_of_another_form'
            else 'import_sources_not_listed'
        end as leader_origin_null_reason,
        case
            when reliance.net_import_reliance_share is null
                then 'figure_' || reliance.value_status
        end as null_reason,
        reliance.source_row_id
    from reliance
    inner join across_editions
        on
            {{ same_key('reliance', 'across_editions', [
                'source_id', 'mineral_id', 'form', 'reference_year',
            ]) }}
    left join first_origin
        on {{ same_key('reliance', 'first_origin', ['mineral_id', 'form']) }}
    left join sourced_minerals on reliance.mineral_id = sourced_minerals.mineral_id
    where reliance.is_current_edition

)

{{ contract_columns() }}
order by
    mineral_id, form, reference_year
