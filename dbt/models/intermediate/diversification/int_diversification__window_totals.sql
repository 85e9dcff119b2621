{#-
    Imports in all of each importer in the three years of a window: dollars, and kilograms (one line) or grams
    of metal (lines pooled). `is_weighed`: all three years have tonnes for enough of the value.
-#}
with

windows as (

    select * from {{ ref('int_diversification__comparison_windows') }}
    where is_whole

),

importers as (

    select * from {{ ref('int_diversification__importers') }}

),

totals as (

    select * from {{ ref('int_trade__importer_totals') }}
    where value_usd > 0

),

by_year as (

    select
        windows.series_number,
        windows.window_id,
        totals.importer_number,
        totals.reference_year - windows.first_year + 1 as slot,
        totals.value_usd,
        totals.value_squared / (cast(totals.value_usd as double) * totals.value_usd) as value_hhi,
        case when windows.is_one_line then totals.quantity_kg else totals.contained_g end
            as quantity,
        case
            when windows.is_one_line then totals.value_weighed_usd
            else totals.value_contained_usd
        end as value_weighed_usd,
        totals.value_usd < {{ threshold('de_minimis_usd') }} as is_de_minimis,
        coalesce(
            totals.outlier_kg > {{ threshold('outlier_quantity_share') }} * totals.quantity_kg,
            false
        ) as has_outliers
    from windows
    inner join totals
        on
            windows.series_number = totals.series_number
            and windows.first_year <= totals.reference_year
            and windows.last_year >= totals.reference_year
    inner join importers
        on
            totals.series_number = importers.series_number
            and totals.importer_number = importers.importer_number

)

select
    series_number,
    window_id,
    importer_number,
    {%- for slot in range(1, 4) %}
    max(case when slot = {{ slot }} then value_usd end) as value_{{ slot }},
    max(case when slot = {{ slot }} then quantity end) as quantity_{{ slot }},
    max(case when slot = {{ slot }} then value_hhi end) as value_hhi_{{ slot }},
    {%- endfor %}
    count(*) as years_bought,
    count(
        case
            when
                quantity > 0
                and value_weighed_usd >= {{ threshold('quantity_coverage_minimum') }} * value_usd
                then 1
        end
    ) = 3 as is_weighed,
    bool_or(is_de_minimis) as is_de_minimis,
    bool_or(has_outliers) as has_outliers
from by_year
group by series_number, window_id, importer_number
