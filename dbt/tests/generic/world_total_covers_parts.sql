{#-
    Parts (the named countries and "Other countries") may exceed a rounded world total by rounding only:
    half a unit of the total plus half a unit of the largest part, the unit being that of the second
    significant digit, the coarsest the publisher prints. 40 of 86 series-years of MCS 2026 exceed their
    total so (gallium 2025: 909 against 900); a part counted twice, or in another unit, goes beyond.
-#}
{% test world_total_covers_parts(model) %}
with

judged as (

    select
        *,
        named_total_tonnes + coalesce(rest_tonnes, 0) as parts_tonnes,
        0.5 * power(10, floor(log10(world_total_tonnes)) - 1)
        + 0.5 * power(10, floor(log10(nullif(largest_part_tonnes, 0))) - 1)
            as tolerance_tonnes
    from {{ model }}
    where world_total_tonnes > 0 and named_total_tonnes > 0

)

select *
from judged
where parts_tonnes > world_total_tonnes + tolerance_tonnes
{% endtest %}
