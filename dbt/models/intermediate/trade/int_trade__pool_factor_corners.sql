{#-
    Every combination of the lowest and the highest factor of a pool's keys. A share of contained tonnes
    rises or falls with each factor alone, so that its extremes lie at these corners.
-#}
with

pool_keys as (

    select * from {{ ref('int_trade__pool_factors') }}

),

pools as (

    select
        {%- for number in range(1, 5) %}
        max(case when key_number = {{ number }} then factor_low end) as low_{{ number }},
        max(case when key_number = {{ number }} then factor_high end) as high_{{ number }},
        {%- endfor %}
        pool_number
    from pool_keys
    group by pool_number

)

select
    pools.pool_number,
    {%- for number in range(1, 5) %}
    coalesce(
        case
            when side_{{ number }}.is_high = 1 then pools.high_{{ number }}
            else pools.low_{{ number }}
        end,
        0
    ) as factor_{{ number }},
    {%- endfor %}
    side_1.is_high + 2 * side_2.is_high + 4 * side_3.is_high + 8 * side_4.is_high as corner
from pools
cross join (values (0), (1)) as side_1 (is_high)
cross join (values (0), (1)) as side_2 (is_high)
cross join (values (0), (1)) as side_3 (is_high)
cross join (values (0), (1)) as side_4 (is_high)
where
    (pools.low_1 is not null or side_1.is_high = 0)
    and (pools.low_2 is not null or side_2.is_high = 0)
    and (pools.low_3 is not null or side_3.is_high = 0)
    and (pools.low_4 is not null or side_4.is_high = 0)
