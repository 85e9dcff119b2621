{#-
    What each party, and all together, could make besides in a year, as scenarios count it, or why that is not known.
    One row per party, mineral, stage and year in which something is said of one of its members.
-#}
with

members as (

    select * from {{ ref('stg_reference__country_group_members') }}
    where group_id = 'MEETING_2026_01_12'

),

seats as (

    select
        party_id,
        member_id
    from members
    union
    select
        group_id as party_id,
        member_id
    from members

),

spares as (

    select * from {{ ref('int_disruption__spares') }}
    where origin_view = 'declared_origin'

)

select
    seats.party_id,
    spares.mineral_id,
    spares.stage,
    spares.reference_year,
    -- To the gram, in words: by a cast alone DuckDB rounds and Spark cuts.
    cast(round({{ spare_at_least('spares.spare_g') }}) as bigint) as spare_g,
    cast(round({{ spare_at_most('spares.spare_high_g') }}) as bigint) as spare_high_g,
    {{ spare_basis_of_sum() }} as spare_basis,
    {{ spare_excluded('spares.country_iso3') }} as excluded_producers,
    max(spares.source_id) as source_id,
    max(spares.capacity_edition) as capacity_edition,
    case when count(spares.spare_g) = 0 then max(spares.null_reason) end as null_reason
from spares
inner join seats on spares.country_iso3 = seats.member_id
group by seats.party_id, spares.mineral_id, spares.stage, spares.reference_year
