with

lists as (select * from {{ ref('reviewed_list') }})

select
    cast(list_file as string) as list_file,
    cast(checked_on as date) as checked_on,
    cast(review_days as integer) as review_days,
    cast(checked_on + review_days as date) as review_by,
    cast(reason as string) as reason
from lists
order by list_file
