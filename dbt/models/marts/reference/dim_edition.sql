with

editions as (

    select * from {{ ref('stg_reference__editions') }}

)

select
    cast(source_id as varchar) as source_id,
    cast(edition as varchar) as edition,
    cast(edition_title as varchar) as edition_title,
    cast(released_on as date) as released_on,
    cast(released_on_verified as varchar) as released_on_verified,
    cast(citation as varchar) as citation,
    cast(url as varchar) as url
from editions
order by source_id, released_on, edition
