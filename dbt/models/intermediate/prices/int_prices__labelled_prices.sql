{#- Monthly prices as `fct_price` names things: label, number, unit. Grain: the source's. -#}
with

prices as (

    select * from {{ ref('stg_world_bank_pink_sheet__prices') }}

)

select
    *,
    form as price_label,
    cast(case when value_status = 'numeric' then published_value end as double) as price_value,
    case published_unit
        when '($/mt)' then 'usd_per_tonne'
        when '($/troy oz)' then 'usd_per_troy_oz'
    end as price_unit
from prices
