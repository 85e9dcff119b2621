with

minerals as (select * from {{ ref('stg_reference__minerals') }}),

list_members as (

    select * from {{ ref('stg_reference__critical_list_members') }}
    where mineral_id is not null

),

-- What is a part of a listed mineral is listed too; goods made of it only where the label covers
-- the whole. A group of which a list names a part is on it, as a mineral is in one of its grades.
listed_minerals as (

    select
        list_id,
        mineral_id
    from list_members
    union
    select
        list_members.list_id,
        minerals.mineral_id
    from list_members
    inner join minerals on list_members.mineral_id = minerals.parent_mineral_id
    where list_members.label_covers = 'whole' or minerals.mineral_kind <> 'product'
    union
    select
        list_members.list_id,
        minerals.parent_mineral_id as mineral_id
    from list_members
    inner join minerals on list_members.mineral_id = minerals.mineral_id
    where minerals.mineral_kind <> 'product'

),

hosts as (select * from {{ ref('stg_reference__byproduct_hosts') }}),

list_flags as (

    select
        mineral_id,
        max(case when list_id = 'US2025' then 1 else 0 end) as on_us_2025,
        max(case when list_id = 'EU2023' then 1 else 0 end) as on_eu_2023,
        max(case when list_id = 'EU2023_STRATEGIC' then 1 else 0 end) as on_eu_2023_strategic
    from listed_minerals
    group by mineral_id

),

main_hosts as (

    select
        mineral_id,
        max(case when dependence in ('sole', 'main') then 1 else 0 end) as mainly_hosted
    from hosts
    group by mineral_id

),

final as (

    select
        cast(minerals.mineral_id as string) as mineral_id,
        cast(minerals.mineral_name as string) as mineral_name,
        cast(minerals.parent_mineral_id as string) as parent_mineral_id,
        cast(minerals.chemical_symbol as string) as chemical_symbol,
        cast(minerals.mineral_kind as string) as mineral_kind,
        cast(coalesce(list_flags.on_us_2025, 0) = 1 as boolean) as is_on_us_2025_list,
        cast(coalesce(list_flags.on_eu_2023, 0) = 1 as boolean) as is_on_eu_2023_list,
        cast(coalesce(list_flags.on_eu_2023_strategic, 0) = 1 as boolean)
            as is_on_eu_2023_strategic_list,
        -- Of what has no recorded host nobody says that it comes alone.
        cast(main_hosts.mainly_hosted = 1 as boolean) as is_mainly_byproduct
    from minerals
    left join list_flags on minerals.mineral_id = list_flags.mineral_id
    left join main_hosts on minerals.mineral_id = main_hosts.mineral_id

)

select * from final
order by
    mineral_id
