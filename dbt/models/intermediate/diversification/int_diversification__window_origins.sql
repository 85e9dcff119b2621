{#-
    What each importer bought from each origin in the three years of a window, and the mean of the yearly
    shares. Who sold nothing in a year has 0 of it; who sold for dollars with no tonnes beside them
    (`is_unweighed`) has a part of the tonnes that nobody knows. Only importers that bought in all three years.
-#}
with

totals as (

    select * from {{ ref('int_diversification__importer_windows') }}
    where years_bought = 3

),

imports as (

    select * from {{ ref('int_trade__imports_by_origin') }}
    where not is_inside and not is_code_drift

),

years as (

    select
        totals.series_number,
        totals.window_id,
        totals.is_one_line,
        cast(totals.first_year + slots.slot - 1 as smallint) as reference_year,
        slots.slot,
        totals.importer_number
    from totals
    cross join (values (1), (2), (3)) as slots (slot)

),

by_year as (

    select
        years.series_number,
        years.window_id,
        years.slot,
        imports.importer_number,
        imports.origin_number,
        imports.is_bloc_origin,
        imports.value_usd,
        case when years.is_one_line then imports.quantity_kg else imports.contained_g end
            as quantity,
        imports.has_double_count,
        coalesce(
            imports.outlier_kg > {{ threshold('outlier_quantity_share') }} * imports.quantity_kg,
            false
        ) as has_outliers
    from years
    inner join imports
        on
            years.series_number = imports.series_number
            and years.reference_year = imports.reference_year
            and years.importer_number = imports.importer_number

),

summed as (

    select
        series_number,
        window_id,
        importer_number,
        origin_number,
        is_bloc_origin,
        {%- for slot in range(1, 4) %}
        coalesce(max(case when slot = {{ slot }} then value_usd end), 0) as value_{{ slot }},
        coalesce(max(case when slot = {{ slot }} then quantity end), 0) as quantity_{{ slot }},
        {%- endfor %}
        bool_or(slot = 3) as is_recorded_3,
        bool_or(quantity is null) as is_unweighed,
        bool_or(has_double_count) as has_double_count,
        bool_or(has_outliers) as has_outliers
    from by_year
    group by series_number, window_id, importer_number, origin_number, is_bloc_origin

)

select
    summed.*,
    (
        summed.value_1 / totals.value_1
        + summed.value_2 / totals.value_2
        + summed.value_3 / totals.value_3
    ) / 3 as value_share,
    case
        when totals.is_weighed and not summed.is_unweighed
            then
                (
                    summed.quantity_1 / totals.quantity_1
                    + summed.quantity_2 / totals.quantity_2
                    + summed.quantity_3 / totals.quantity_3
                ) / 3
    end as quantity_share
from summed
inner join totals
    on
        summed.series_number = totals.series_number
        and summed.window_id = totals.window_id
        and summed.importer_number = totals.importer_number
