{#-
    What an importer buys in all from one set of origins: shares are of it. What holds of all goods of the set: its
    contained factor.
-#}
with

measured as (

    select
        importer_years.*,
        series_years.quantity_basis = 'gross' as is_gross
    from {{ ref('int_trade__importer_years') }} as importer_years
    inner join {{ ref('int_trade__series_by_year') }} as series_years
        on importer_years.series_year_number = series_years.series_year_number
    where importer_years.importer_year_number = importer_years.origin_set_number

)

select
    origin_set_number,
    value_usd,
    value_all_usd - coalesce(value_usd, 0) as value_inside_usd,
    value_usd
    - coalesce(case when is_gross then value_weighed_usd else value_contained_usd end, 0)
        as value_unmeasured_usd,
    case when is_gross then quantity_kg end as quantity_kg,
    case when not is_gross then contained_g end as contained_g,
    coalesce(
        outlier_kg > {{ threshold('outlier_quantity_share') }} * quantity_kg, false
    ) as has_outliers,
    leader_number,
    leader_usd,
    value_squared
from measured
order by origin_set_number
