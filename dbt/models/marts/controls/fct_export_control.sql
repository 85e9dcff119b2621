with

final as (

    select * from {{ ref('int_controls__items') }}

)

{{ contract_columns() }}
order by
    event_id, item
