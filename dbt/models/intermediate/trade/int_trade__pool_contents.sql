{#-
    What a pool holds in a year: every line of its series with a flow at its stage, whose code had not drifted
    away and whose cargo is not counted under another line.
-#}
with

series as (

    select * from {{ ref('int_trade__series') }}

),

used as (

    select distinct
        pool_number as series_number,
        line_number,
        reference_year
    from {{ ref('int_trade__current_flows') }}
    where pool_number is not null and not is_code_drift and not is_suspected_double_count

)

select
    used.series_number,
    used.reference_year,
    count(*) as line_count,
    array_to_string(array_sort(array_agg(line.line_code)), ',') as pooled_lines
from used
inner join series as line on used.line_number = line.series_number
group by used.series_number, used.reference_year
