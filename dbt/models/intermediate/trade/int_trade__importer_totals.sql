{#-
    Imports in all of each importer, series and year: from everywhere, and from outside the bloc, which is
    what shares of a bloc are taken of. Squares are summed as whole numbers, so that the order of rows
    changes no digit.
-#}
with

imports as (

    select * from {{ ref('int_trade__imports_by_origin') }}
    where not is_bloc_origin

)

select
    series_number,
    reference_year,
    importer_number,
    cast(sum(value_usd) as bigint) as value_all_usd,
    cast(sum(quantity_kg) as bigint) as quantity_all_kg,
    cast(sum(case when not is_inside then value_usd end) as bigint) as value_usd,
    cast(sum(case when not is_inside then quantity_kg end) as bigint) as quantity_kg,
    cast(sum(case when not is_inside then contained_g end) as bigint) as contained_g,
    cast(sum(case when not is_inside then outlier_kg end) as bigint) as outlier_kg,
    cast(sum(case when not is_inside then value_weighed_usd end) as bigint) as value_weighed_usd,
    cast(sum(case when not is_inside then value_contained_usd end) as bigint)
        as value_contained_usd,
    cast(
        sum(
            case when not is_inside then cast(value_usd as decimal(19, 0)) * value_usd end
        ) as double
    ) as value_squared,
    -- Of two that sell the same, the first by name.
    min(case when origin_rank = 1 then origin_number end) as leader_number,
    max(case when origin_rank = 1 then value_usd end) as leader_usd
from imports
group by series_number, reference_year, importer_number
