{#- Factors by numbers: narrow to keep beside every row of trade. -#}
select
    cast(row_number() over (order by factor_key) as smallint) as factor_number,
    factor_key,
    factor,
    factor_low,
    factor_high
from {{ ref('stg_reference__contained_factors') }}
