{#-
    Concentration of the world's production, between bounds for the unnamed rest. One row per source, edition,
    mineral, stage, form, basis and year. The one home of an HHI of producers and of the largest one's share.
    `is_first_choice`: the one row of a mineral's stage that says who leads the world's output, of the first source
    of `source_priority` that has a leader, in its newest year.
    `leader_verdict`: whether the leader of an edition's latest year is that of the edition before; only in the
    newest edition. A leader that still shares the first rank (a tie) is unchanged.
-#}
{%- set series = ['source_id', 'mineral_id', 'stage', 'form', 'basis'] %}
with

priorities as (

    select * from {{ ref('source_priority') }}
    where statistic = 'production'

),

production_shares as (

    select * from {{ ref('int_production__shares') }}
    where statistic = 'production'

),

with_edition_age as (

    select
        *,
        {{ edition_age(['source_id']) }} as edition_age,
        max(reference_year) over (partition by {{ series | join(', ') }}, edition) as latest_year
    from production_shares
    where production_share is not null

),

latest as (

    select * from with_edition_age
    where reference_year = latest_year

),

leader_changes as (

    select
        new_leader.*,
        old_leader.edition as previous_edition,
        old_leader.geography_id as previous_leader_iso3,
        old_leader.production_share as previous_leader_share,
        old_leader_now.production_share as previous_leader_share_now,
        old_leader.production_share - coalesce(old_leader_now.production_share, 0)
            as previous_leader_loss,
        case
            when old_leader_now.producer_rank = 1 then 'unchanged'
            when accepted.accepted_on is not null then 'accepted'
            when
                old_leader.production_share - coalesce(old_leader_now.production_share, 0)
                > {{ threshold('leader_loss_that_stops') }}
                then 'changed_with_loss'
            else 'changed'
        end as leader_verdict
    from latest as new_leader
    inner join latest as old_leader
        on
            {{ same_key('new_leader', 'old_leader', series) }}
            and old_leader.edition_age = 2
            and old_leader.producer_order = 1
    left join latest as old_leader_now
        on
            {{ same_key('new_leader', 'old_leader_now', series + ['edition']) }}
            and old_leader.geography_id = old_leader_now.geography_id
    left join {{ ref('accepted_leader_change') }} as accepted
        on
            {{ same_key('new_leader', 'accepted', series + ['edition']) }}
            and old_leader.geography_id = accepted.old_leader_iso3
            and new_leader.geography_id = accepted.new_leader_iso3
    where new_leader.edition_age = 1 and new_leader.producer_order = 1

),

concentration_sums as (

    select
        mineral_id,
        stage,
        form,
        basis,
        reference_year,
        source_id,
        edition,
        is_current_edition,
        is_edition_break,
        is_headline,
        world_total_tonnes,
        world_total_status,
        coverage_share,
        estimated_share,
        excluded_producers,
        exclusion_status,
        withheld_producer_count,
        {{ exact_sum('production_share * production_share') }} as hhi_named,
        {{ exact_sum('share_of_parts * share_of_parts') }} as production_hhi_over_parts,
        {{ exact_sum('production_share') }} as named_share,
        min(case when production_share > 0 then production_share end)
            as smallest_share,
        max(case when producer_order = 1 and production_share is not null then country_iso3 end)
            as leader_country_iso3,
        max(case when producer_order = 1 then production_share end) as leader_share,
        case
            when max(case when producer_order = 1 then production_share end) is not null
                then cast(count(case when producer_rank = 1 then 1 end) as integer)
        end as leader_count,
        {{ exact_sum('case when producer_order <= 3 then production_share end') }}
            as top3_named_share,
        max(case when country_iso3 = 'CHN' then production_share end) as china_share,
        max(case when country_iso3 = 'CHN' then value_status end) as china_status,
        cast(count(size_of_producer) as integer) as named_producer_count
    from production_shares
    group by
        mineral_id, stage, form, basis, reference_year, source_id, edition, is_current_edition,
        is_edition_break, is_headline, world_total_tonnes, world_total_status, coverage_share,
        estimated_share, excluded_producers, exclusion_status, withheld_producer_count

),

hhi_bounds as (

    select
        *,
        -- A rounded total may be smaller than its parts: an index or a share above 1 means 1.
        -- No `least` or `greatest` here: they skip nulls, and an unknown index would come out
        -- as a monopoly.
        case when hhi_named > 1 then 1 else hhi_named end as production_hhi_lower,
        case when top3_named_share > 1 then 1 else top3_named_share end as top3_share,
        case when named_share > 1 then 0 else 1 - named_share end as residual_share,
        case
            when 1 - named_share < smallest_share then 1 - named_share
            else smallest_share
        end as residual_lump_share
    from concentration_sums

),

with_priority as (

    select
        hhi_bounds.*,
        priorities.priority as leader_priority,
        leader_changes.previous_edition,
        leader_changes.previous_leader_iso3,
        leader_changes.previous_leader_share,
        leader_changes.previous_leader_share_now,
        leader_changes.previous_leader_loss,
        leader_changes.leader_verdict
    from hhi_bounds
    left join leader_changes
        on {{ same_key('hhi_bounds', 'leader_changes', series + ['edition', 'reference_year']) }}
    left join priorities
        on
            case
                when
                    hhi_bounds.is_headline
                    and hhi_bounds.is_current_edition
                    and hhi_bounds.leader_share is not null
                    then hhi_bounds.source_id
            end = priorities.source_id

)

select
    *,
    case
        when production_hhi_lower + residual_share * residual_lump_share > 1 then 1
        else production_hhi_lower + residual_share * residual_lump_share
    end as production_hhi_upper,
    1 / nullif(production_hhi_lower, 0) as effective_suppliers,
    case
        when china_share is not null then null
        when china_status in ('numeric', 'zero')
            then 'world_total_' || coalesce(world_total_status, 'not_listed')
        else coalesce(china_status, 'not_listed')
    end as china_null_reason,
    case
        when production_hhi_lower is not null then null
        when world_total_tonnes is null
            then 'world_total_' || coalesce(world_total_status, 'not_listed')
        else 'no_producer_has_a_figure'
    end as null_reason,
    leader_priority is not null
    and row_number() over (
        partition by mineral_id, stage
        order by leader_priority asc nulls last, reference_year desc, form asc
    ) = 1 as is_first_choice
from with_priority
