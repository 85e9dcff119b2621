{#-
    Factors of a pool that are known as a range only, numbered. One factor holds for all cargo under its key.
-#}
with

used as (

    select distinct
        pool_number,
        contained_factor_key
    from {{ ref('int_trade__measured_flows') }}
    where is_current_edition and pool_number is not null

),

factors as (

    select * from {{ ref('stg_reference__contained_factors') }}

)

select
    used.pool_number,
    used.contained_factor_key,
    factors.factor_low,
    factors.factor_high,
    row_number() over (partition by used.pool_number order by used.contained_factor_key)
        as key_number
from used
inner join factors on used.contained_factor_key = factors.factor_key
where factors.factor_low < factors.factor_high
