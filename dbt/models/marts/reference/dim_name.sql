with

-- Numbers and codes of the publishers' own (M49, WGI) are left to them.
aliases as (

    select * from {{ ref('stg_reference__country_aliases') }}
    where geography_kind = 'country' and scheme not in ('m49', 'wgi_code')

),

minerals as (select * from {{ ref('stg_reference__minerals') }}),

-- A label that is only a part of our mineral names nothing here. Elements of the rare earths are
-- accepted names of the group that holds them.
list_labels as (

    select * from {{ ref('stg_reference__critical_list_members') }}
    where label_covers = 'whole'

),

stages as (select * from {{ ref('stg_reference__stages') }}),
accepted as (select * from {{ ref('accepted_name') }}),

titles as (

    select
        case named_kind when 'mineral' then 'mineral' else 'party' end as name_kind,
        named_id,
        name as title
    from {{ ref('stg_reference__names') }}
    where named_kind in ('country', 'bloc', 'mineral')
    union all
    select
        'stage' as name_kind,
        stage as named_id,
        stage_name as title
    from stages

),

all_names as (

    select
        name_kind,
        named_id as name,
        named_id
    from titles
    union
    select
        name_kind,
        title as name,
        named_id
    from titles
    union
    select
        'party' as name_kind,
        alias as name,
        country_iso3 as named_id
    from aliases
    union
    select
        'mineral' as name_kind,
        chemical_symbol as name,
        mineral_id as named_id
    from minerals
    where mineral_kind = 'element'
    union
    select
        'mineral' as name_kind,
        published_label as name,
        mineral_id as named_id
    from list_labels
    union
    select
        name_kind,
        name,
        named_id
    from accepted

),

final as (

    select
        cast(all_names.name_kind as string) as name_kind,
        cast(all_names.name as string) as name,
        cast(all_names.named_id as string) as named_id,
        cast(titles.title as string) as title
    from all_names
    inner join titles
        on all_names.name_kind = titles.name_kind and all_names.named_id = titles.named_id

)

select * from final
order by
    name_kind, name, named_id
