{#-
    Parts (the named countries and "Other countries") may exceed a rounded world total by rounding only:
    half a unit of the total and of each part, the unit being that of the second significant digit, the
    coarsest the publishers print. 40 of 86 series-years of MCS 2026 exceed their total so (gallium 2025:
    909 against 900); a part counted twice, or in another unit, goes beyond.
-#}
{% test world_total_covers_parts(model) %}
with

with_tolerance as (

    select
        *,
        named_total_tonnes + coalesce(rest_tonnes, 0) as parts_tonnes,
        0.5 * power(10, floor(log10(world_total_tonnes)) - 1) + parts_rounding_tonnes
            as tolerance_tonnes
    from {{ model }}
    where world_total_tonnes > 0 and named_total_tonnes > 0

)

select with_tolerance.*
from with_tolerance
left join {{ ref('accepted_finding') }} as accepted
    on
        accepted.check_name = 'world_total_covers_its_parts'
        and with_tolerance.source_id = accepted.source_id
        and with_tolerance.edition = accepted.edition
        and with_tolerance.statistic = accepted.statistic
        and with_tolerance.mineral_id = accepted.mineral_id
        and with_tolerance.form = accepted.form
        and with_tolerance.basis = accepted.basis
        and with_tolerance.reference_year = accepted.reference_year
where
    with_tolerance.parts_tonnes > with_tolerance.world_total_tonnes + with_tolerance.tolerance_tonnes
    and accepted.check_name is null
{% endtest %}
