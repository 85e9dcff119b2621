with

final as (select * from {{ ref('int_concentration__producer_hhi') }})

{{ contract_columns() }}
order by mineral_id, stage, form, basis, reference_year, source_id, edition
