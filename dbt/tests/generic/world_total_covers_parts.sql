{#-
    Parts (the named countries and "Other countries") may exceed a rounded world total by rounding only:
    half a unit of the total and of each part, the unit being that of the second significant digit, the
    coarsest the publishers print. 40 of 86 series-years of MCS 2026 exceed their total so (gallium 2025:
    909 against 900); a part counted twice, or in another unit, goes beyond.
-#}
{% test world_total_covers_parts(model) %}
select totals.*
from {{ model }} as totals
left join {{ ref('accepted_finding') }} as accepted
    on
        accepted.check_name = 'world_total_covers_its_parts'
        and totals.source_id = accepted.source_id
        and totals.edition = accepted.edition
        and totals.statistic = accepted.statistic
        and totals.mineral_id = accepted.mineral_id
        and totals.form = accepted.form
        and totals.basis = accepted.basis
        and totals.reference_year = accepted.reference_year
where
    totals.world_total_tonnes > 0
    and totals.named_total_tonnes > 0
    and totals.parts_tonnes > totals.world_total_tonnes + totals.rounding_tonnes
    and accepted.check_name is null
{% endtest %}
