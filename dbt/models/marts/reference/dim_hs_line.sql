with

final as (select * from {{ ref('stg_reference__hs_lines') }})

{{ contract_columns() }}
order by
    hs6, mineral_id
