with

sources as (select * from {{ ref('stg_reference__sources') }})

select
    cast(source_id as string) as source_id,
    cast(publisher as string) as publisher,
    cast(title as string) as title,
    cast(source_description as string) as source_description,
    cast(landing_page as string) as landing_page,
    cast(licence_id as string) as licence_id,
    cast(licence_title as string) as licence_title,
    cast(licence_url as string) as licence_url,
    cast(credit_line as string) as credit_line,
    cast(is_redistributable as boolean) as is_redistributable
from sources
order by source_id
