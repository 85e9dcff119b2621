{#-
    Means of calendar years, of all twelve months or none. A year's row names the cells it is made of:
    they stand one below the other in the publisher's sheet.
-#}
with

months as (

    select * from {{ ref('stg_world_bank_pink_sheet__prices') }}

),

counted as (

    select
        source_id,
        edition,
        released_on,
        source_file,
        mineral_id,
        form,
        reference_year,
        published_commodity,
        published_unit,
        min(file_row) as first_row,
        max(file_row) as last_row,
        min(file_column) as file_column,
        count(price_usd_per_tonne) as month_count,
        {{ exact_sum(
            "cast(case when value_status = 'numeric' then published_value end as double)"
        ) }} as value_sum,
        {{ exact_sum('price_usd_per_tonne') }} as usd_per_tonne_sum
    from months
    group by
        source_id,
        edition,
        released_on,
        source_file,
        mineral_id,
        form,
        reference_year,
        published_commodity,
        published_unit

)

select
    source_id,
    edition,
    released_on,
    source_file,
    mineral_id,
    form,
    reference_year,
    published_commodity,
    published_unit,
    month_count,
    edition || ':' || source_file || ':' || cast(first_row as varchar) || '-'
    || cast(last_row as varchar) || ':' || cast(file_column as varchar) as source_row_id,
    case when month_count = 12 then value_sum / 12 end as price_value,
    case when month_count = 12 then usd_per_tonne_sum / 12 end as value_usd_per_tonne,
    case when month_count = 12 then 'numeric' else 'not_available' end as value_status,
    case when month_count < 12 then 'fewer than twelve months have a price' end as null_reason
from counted
