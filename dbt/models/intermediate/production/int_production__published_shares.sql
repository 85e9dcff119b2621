{#-
    Shares that a publisher gives without tonnes (the EU study: means over five years). Same columns as
    `int_production__computed_shares`; the study's element or subgroup is the `form` of our mineral, so
    that parts never mix with a whole. `reference_year` is the last year of the mean.
-#}
with

supply_shares as (

    select * from {{ ref('stg_eu_crm__supply_shares') }}
    where scope = 'world'

),

summed as (

    select
        source_id,
        edition,
        material_id,
        stage,
        {{ exact_sum('supply_share') }} as named_share,
        cast(count(case when value_status = 'withheld' then 1 end) as integer)
            as withheld_producer_count
    from supply_shares
    group by source_id, edition, material_id, stage

)

select
    supply_shares.source_id,
    supply_shares.edition,
    supply_shares.released_on,
    'production' as statistic,
    supply_shares.source_row_id,
    supply_shares.mineral_id,
    supply_shares.stage,
    case
        when supply_shares.material_scope = 'whole' then 'as_studied'
        else supply_shares.material_id
    end as form,
    'five_year_mean_share' as basis,
    supply_shares.geography_kind,
    supply_shares.geography_id,
    supply_shares.country_iso3,
    supply_shares.period_to_year as reference_year,
    cast(null as double) as quantity_tonnes,
    supply_shares.value_status,
    false as is_estimated,
    supply_shares.derivation,
    cast(null as double) as world_total_tonnes,
    'not_available' as world_total_status,
    cast(null as double) as named_total_tonnes,
    summed.named_share as coverage_share,
    cast(null as double) as estimated_share,
    cast(null as varchar) as excluded_producers,
    'no_notes' as exclusion_status,
    summed.withheld_producer_count,
    {{ edition_age(['supply_shares.source_id'], table='supply_shares') }} = 1
        as is_current_edition,
    false as is_edition_break,
    false as is_suspected_double_count,
    supply_shares.supply_share as production_share,
    supply_shares.supply_share / greatest(summed.named_share, 1) as share_of_parts
from supply_shares
inner join summed
    on
        supply_shares.source_id = summed.source_id
        and supply_shares.edition = summed.edition
        and supply_shares.material_id = summed.material_id
        and supply_shares.stage = summed.stage
where supply_shares.geography_kind in ('country', 'group')
