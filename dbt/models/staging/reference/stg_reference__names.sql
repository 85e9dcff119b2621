{#-
    The name to show of every id that a mart has for a country, bloc or mineral. Ids of parties are in capitals
    and those of minerals are not, so one list serves all. A mixed line stands under its group's id.
-#}
with

countries as (select * from {{ ref('stg_reference__countries') }}),

blocs as (

    select distinct
        group_id,
        group_name
    from {{ ref('stg_reference__country_group_members') }}

),

minerals as (select * from {{ ref('stg_reference__minerals') }}),

-- What stands in a column of parties and is neither a country nor a bloc.
aggregates (party_id, party_name) as (

    values
    ('WLD', 'World'),
    ('REST', 'Rest of the world'),
    ('ALL', 'All countries')

),

mixed_lines as (

    select distinct lines.group_id
    from {{ ref('stg_reference__hs_lines') }} as lines
    left join minerals on lines.group_id = minerals.mineral_id
    where lines.group_id is not null and minerals.mineral_id is null

)

select
    country_iso3 as named_id,
    'country' as named_kind,
    country_name as name
from countries
union all
select
    group_id as named_id,
    'bloc' as named_kind,
    group_name as name
from blocs
union all
select
    party_id as named_id,
    'aggregate' as named_kind,
    party_name as name
from aggregates
union all
select
    mineral_id as named_id,
    'mineral' as named_kind,
    mineral_name as name
from minerals
union all
select
    group_id as named_id,
    'mixed_line' as named_kind,
    'Mixed line: ' || replace(replace(group_id, '_', ' '), ' nec', ' n.e.c.') as name
from mixed_lines
