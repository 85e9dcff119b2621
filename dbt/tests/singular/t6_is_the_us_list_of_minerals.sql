{{ config(severity='warn', meta={'dagster': {'ref': {'name': 'bridge_critical_list_member'}}}) }}
{#-
    Table T6 of USGS's newest book and the list US2025 name the same minerals. Where they do not, the United States
    have another list, and ours of it must be a new one.
-#}
with

editions as (

    select
        *,
        {{ edition_age(['source_id']) }} = 1 as is_newest
    from {{ ref('stg_usgs_mcs_us__critical_mineral_t6s') }}

),

listed_by_usgs as (

    select distinct published_mineral
    from editions
    where is_newest

),

ours as (

    select distinct published_label
    from {{ ref('bridge_critical_list_member') }}
    where list_id = 'US2025'

)

select
    listed_by_usgs.published_mineral,
    ours.published_label
from listed_by_usgs
full outer join ours on listed_by_usgs.published_mineral = ours.published_label
where
    (listed_by_usgs.published_mineral is null or ours.published_label is null)
    -- As of a day before the table was out there is nothing to compare.
    and exists (select 1 from listed_by_usgs)
