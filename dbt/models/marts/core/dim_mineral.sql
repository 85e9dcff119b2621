with

minerals as (

    select * from {{ ref('stg_reference__minerals') }}

)

select
    cast(mineral_id as varchar) as mineral_id,
    cast(mineral_name as varchar) as mineral_name,
    cast(parent_mineral_id as varchar) as parent_mineral_id,
    cast(chemical_symbol as varchar) as chemical_symbol,
    cast(mineral_kind as varchar) as mineral_kind
from minerals
order by mineral_id
