{#-
    What an importer produces itself, country or bloc, in the headline series of each source's current edition.
    One row per source, mineral, stage, year and importer of whom the source lists at least one member.
    `unknown_status`: a member is listed without a figure. `is_outside_total`: such a member is left out of the
    world total, so that nothing bounds it.
-#}
with

producers as (

    select * from {{ ref('int_production__shares') }}
    where is_headline and is_current_edition and country_iso3 is not null

),

parties as (

    select * from {{ ref('int_trade__parties') }}

),

members as (

    select * from {{ ref('int_trade__bloc_members_by_year') }}

),

owners as (

    select
        producers.*,
        parties.party_number as importer_number
    from producers
    inner join parties on producers.country_iso3 = parties.party_id
    union all
    select
        producers.*,
        members.bloc_number as importer_number
    from producers
    inner join members
        on
            producers.country_iso3 = members.member_id
            and producers.reference_year = members.reference_year

)

select
    source_id,
    mineral_id,
    stage,
    reference_year,
    importer_number,
    {{ exact_sum('quantity_tonnes') }} as quantity_tonnes,
    max(case when quantity_tonnes is null then value_status end) as unknown_status,
    bool_or(
        quantity_tonnes is null
        and coalesce(excluded_producers like '%' || country_iso3 || '%', false)
    ) as is_outside_total,
    cast(count(*) as integer) as listed_count
from owners
group by source_id, mineral_id, stage, reference_year, importer_number
