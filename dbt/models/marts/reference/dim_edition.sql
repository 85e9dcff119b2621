with

editions as (select * from {{ ref('stg_reference__editions') }})

select
    cast(source_id as string) as source_id,
    cast(edition as string) as edition,
    cast(edition_title as string) as edition_title,
    cast(released_on as date) as released_on,
    cast(released_on_verified as string) as released_on_verified,
    cast(citation as string) as citation,
    cast(url as string) as url
from editions
order by source_id, released_on, edition
