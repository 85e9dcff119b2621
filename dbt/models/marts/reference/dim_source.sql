with

sources as (

    select * from {{ ref('stg_reference__sources') }}

)

select
    cast(source_id as varchar) as source_id,
    cast(publisher as varchar) as publisher,
    cast(title as varchar) as title,
    cast(source_description as varchar) as source_description,
    cast(landing_page as varchar) as landing_page,
    cast(licence_id as varchar) as licence_id,
    cast(licence_title as varchar) as licence_title,
    cast(licence_url as varchar) as licence_url,
    cast(credit_line as varchar) as credit_line,
    cast(is_redistributable as boolean) as is_redistributable
from sources
order by source_id
