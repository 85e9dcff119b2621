{{ config(meta={'dagster': {'ref': {'name': 'mart_import_dependency'}}}) }}
{#-
    A bloc's imports of a line are its members' imports from non-members: counted again from the flows and
    the dated list of members, by another way than the mart goes.
-#}
with

members as (

    select
        bloc_id,
        country_iso3,
        coalesce(valid_from, cast('0001-01-01' as date)) as valid_from,
        coalesce(valid_to, cast('9999-12-31' as date)) as valid_to
    from {{ ref('bridge_bloc_member') }}
    where bloc_id in ('EU', 'EU27', 'G7', 'MEETING_2026_01_12')
    union
    -- One area until 1998 in the data.
    select
        bloc_id,
        'XBL' as country_iso3,
        coalesce(valid_from, cast('0001-01-01' as date)) as valid_from,
        coalesce(valid_to, cast('9999-12-31' as date)) as valid_to
    from {{ ref('bridge_bloc_member') }}
    where bloc_id in ('EU', 'EU27', 'MEETING_2026_01_12') and country_iso3 = 'BEL'

),

flows as (

    select
        *,
        cast(cast(reference_year as string) || '-07-01' as date) as day_of_membership
    from {{ ref('fct_trade') }}
    where is_current_edition and series_id = 'hs92'

),

outside as (

    select
        buyer.bloc_id,
        flows.hs6,
        flows.reference_year,
        cast(sum(flows.value_usd) as bigint) as value_usd
    from flows
    inner join members as buyer
        on
            flows.importer_id = buyer.country_iso3
            and flows.day_of_membership between buyer.valid_from and buyer.valid_to
    left join members as seller
        on
            buyer.bloc_id = seller.bloc_id
            and flows.exporter_id = seller.country_iso3
            and flows.day_of_membership between seller.valid_from and seller.valid_to
    where seller.bloc_id is null
    group by buyer.bloc_id, flows.hs6, flows.reference_year

),

marts as (

    select
        importer_id as bloc_id,
        hs6,
        reference_year,
        cast(sum(value_usd) as bigint) as value_usd
    from {{ ref('mart_import_dependency') }}
    where
        series_level = 'hs6'
        and series_id = 'hs92'
        and importer_id in ('EU', 'EU27', 'G7', 'MEETING_2026_01_12')
        and origin_kind = 'country'
        and coalesce(null_reason, '') <> 'inside_the_bloc'
    group by importer_id, hs6, reference_year

)

select
    coalesce(outside.bloc_id, marts.bloc_id) as bloc_id,
    coalesce(outside.hs6, marts.hs6) as hs6,
    coalesce(outside.reference_year, marts.reference_year) as reference_year,
    outside.value_usd as value_outside_usd,
    marts.value_usd
from outside
full outer join marts
    on {{ same_key('outside', 'marts', ['bloc_id', 'hs6', 'reference_year']) }}
where outside.value_usd is distinct from marts.value_usd
