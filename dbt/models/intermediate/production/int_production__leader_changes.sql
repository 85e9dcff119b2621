{#-
    The largest producer in the newest edition's latest year against that of the edition before. One row
    per source and series that both have. A leader that still shares the first rank (a tie) is unchanged.
-#}
with

shared as (

    select * from {{ ref('int_production__shares') }}
    where statistic = 'production' and production_share is not null

),

accepted as (

    select * from {{ ref('accepted_leader_change') }}

),

ordered as (

    select
        *,
        {{ edition_age(['source_id']) }} as edition_age,
        max(reference_year) over (
            partition by source_id, edition, mineral_id, stage, form, basis
        ) as latest_year
    from shared

),

latest as (

    select * from ordered
    where reference_year = latest_year

),

old_leader as (

    select * from latest
    where edition_age = 2 and producer_order = 1

),

new_leader as (

    select * from latest
    where edition_age = 1 and producer_order = 1

),

old_leader_now as (

    select * from latest
    where edition_age = 1

),

compared as (

    select
        new_leader.source_id,
        new_leader.edition,
        old_leader.edition as previous_edition,
        new_leader.mineral_id,
        new_leader.stage,
        new_leader.form,
        new_leader.basis,
        new_leader.reference_year,
        old_leader.geography_id as old_leader_iso3,
        new_leader.geography_id as new_leader_iso3,
        old_leader.production_share as old_leader_share_before,
        old_leader_now.production_share as old_leader_share_now,
        new_leader.production_share as new_leader_share,
        coalesce(old_leader_now.producer_rank = 1, false) as is_still_first,
        accepted.accepted_on
    from new_leader
    inner join old_leader
        on
            new_leader.source_id = old_leader.source_id
            and new_leader.mineral_id = old_leader.mineral_id
            and new_leader.stage = old_leader.stage
            and new_leader.form = old_leader.form
            and new_leader.basis = old_leader.basis
    left join old_leader_now
        on
            new_leader.source_id = old_leader_now.source_id
            and new_leader.mineral_id = old_leader_now.mineral_id
            and new_leader.stage = old_leader_now.stage
            and new_leader.form = old_leader_now.form
            and new_leader.basis = old_leader_now.basis
            and old_leader.geography_id = old_leader_now.geography_id
    left join accepted
        on
            new_leader.source_id = accepted.source_id
            and new_leader.edition = accepted.edition
            and new_leader.mineral_id = accepted.mineral_id
            and new_leader.stage = accepted.stage
            and new_leader.form = accepted.form
            and new_leader.basis = accepted.basis
            and old_leader.geography_id = accepted.old_leader_iso3
            and new_leader.geography_id = accepted.new_leader_iso3

)

select
    *,
    old_leader_share_before - coalesce(old_leader_share_now, 0) as old_leader_loss,
    case
        when is_still_first then 'unchanged'
        when accepted_on is not null then 'accepted'
        when
            old_leader_share_before - coalesce(old_leader_share_now, 0)
            > {{ threshold('leader_loss_that_stops') }}
            then 'changed_with_loss'
        else 'changed'
    end as verdict
from compared
