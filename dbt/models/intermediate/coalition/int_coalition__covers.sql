{#-
    How far each party, all together, and all but one cover what they use, between the bounds of what no source
    names, and what of it is not known for which reason; and what each could make besides, as scenarios count it. One
    row per party, mineral, stage and year of the look-through, and (without `has_cover`) of a spare without one.
-#}
with

members as (

    select * from {{ ref('stg_reference__country_group_members') }}
    where group_id = 'MEETING_2026_01_12'

),

party_members as (

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

producers as (

    select * from {{ ref('int_disruption__spares') }}
    where origin_view = 'declared_origin'

),

party_sums as (

    select
        party_members.party_id,
        spares.mineral_id,
        spares.stage,
        spares.reference_year,
        -- To the gram, in words: by a cast alone DuckDB rounds and Spark cuts.
        cast(round({{ spare_at_least('spares.spare_g') }}) as bigint) as spare_g,
        cast(round({{ spare_at_most('spares.spare_high_g') }}) as bigint) as spare_high_g,
        {{ spare_basis_of_sum() }} as spare_basis,
        {{ spare_estimated_share('spares.spare_g') }} as spare_estimated_share,
        {{ spare_excluded('spares.country_iso3') }} as excluded_producers,
        max(spares.source_id) as source_id,
        max(spares.capacity_edition) as capacity_edition,
        case when count(spares.spare_g) = 0 then max(spares.null_reason) end as null_reason
    from producers as spares
    inner join party_members on spares.country_iso3 = party_members.member_id
    group by party_members.party_id, spares.mineral_id, spares.stage, spares.reference_year

),

-- Known is what is named: of a country also a printed zero, of several countries something.
covers as (

    select
        *,
        production_status = 'named'
        or (production_status = 'named_in_part' and production_g > 0) as is_known,
        mined_status = 'named' or (mined_status = 'named_in_part' and mined_g > 0)
            as is_mined_known,
        others_production_status = 'named'
        or (others_production_status = 'named_in_part' and others_production_g > 0)
            as is_others_known,
        others_mined_status = 'named'
        or (others_mined_status = 'named_in_part' and others_mined_g > 0)
            as is_others_mined_known,
        all_production_status = 'named'
        or (all_production_status = 'named_in_part' and all_production_g > 0)
            as is_all_known,
        all_mined_status = 'named'
        or (all_mined_status = 'named_in_part' and all_mined_g > 0)
            as is_all_mined_known
    from {{ ref('int_coalition__supply_cover') }}

),

-- What is not named lies between nothing and the rest that the source leaves unnamed.
party_bounds as (

    select
        *,
        production_g + production_rest_g as production_high_g,
        consumption_g + production_rest_g as consumption_high_g,
        mined_g + mined_rest_g as mined_high_g,
        case when consumption_g > 0 then production_g / consumption_g end as own_cover,
        case
            when consumption_g > 0
                then (production_g + production_rest_g) / (consumption_g + production_rest_g)
        end as own_cover_with_rest,
        case when all_consumption_g > 0 then all_production_g / all_consumption_g end as all_cover,
        case
            when all_consumption_g > 0
                then
                    (all_production_g + all_production_rest_g)
                    / (all_consumption_g + all_production_rest_g)
        end as all_cover_with_rest,
        case
            when all_consumption_g > 0
                then
                    (all_production_g + production_rest_g)
                    / (all_consumption_g + production_rest_g)
        end as all_cover_with_own_rest,
        case when others_consumption_g > 0 then others_production_g / others_consumption_g end
            as others_cover,
        coalesce(
            all_null_reason,
            case when all_consumption_g <= 0 then 'no_apparent_supply' end
        ) as all_bound_null_reason,
        coalesce(
            all_null_reason,
            others_null_reason,
            case
                when all_consumption_g <= 0 or others_consumption_g <= 0 then 'no_apparent_supply'
            end
        ) as marginal_bound_null_reason,
        coalesce(
            null_reason, case when not is_known then 'own_production_not_named' end
        ) as own_null_reason
    from covers

),

answers as (

    select
        *,
        coalesce(
            mined_null_reason, case when not is_mined_known then 'own_production_not_named' end
        ) as own_mined_null_reason,
        coalesce(
            own_null_reason, case when consumption_g <= 0 then 'no_apparent_supply' end
        ) as own_cover_null_reason,
        coalesce(
            all_bound_null_reason,
            case when not is_all_known then 'own_production_not_named' end
        ) as coalition_null_reason,
        coalesce(
            marginal_bound_null_reason,
            case
                when not is_known or not is_others_known then 'own_production_not_named'
            end
        ) as marginal_null_reason
    from party_bounds

)

select
    {%- for column in ['mineral_id', 'stage', 'reference_year', 'party_id'] %}
    coalesce(answers.{{ column }}, party_sums.{{ column }}) as {{ column }},
    {%- endfor %}
    answers.party_id is not null as has_cover,
    answers.production_source_id,
    answers.production_status,
    answers.mined_status,
    {%- for made, reason in [
        ('production', 'null_reason'), ('consumption', 'null_reason'),
        ('mined', 'mined_null_reason')
    ] %}
    cast(
        case when answers.own_{{ reason }} is null then answers.{{ made }}_g / 1000000 end
        as double
    ) as {{ made }}_tonnes,
    cast(
        case when answers.{{ reason }} is null then answers.{{ made }}_g / 1000000 end as double
    ) as {{ made }}_tonnes_low,
    cast(
        case when answers.{{ reason }} is null then answers.{{ made }}_high_g / 1000000 end
        as double
    ) as {{ made }}_tonnes_high,
    {%- endfor %}
    cast(
        case when answers.own_cover_null_reason is null then answers.own_cover end as double
    ) as own_cover,
    cast(
        case
            when answers.null_reason is null
                then
                    case
                        when answers.production_rest_g is null then answers.own_cover
                        else least(answers.own_cover, answers.own_cover_with_rest)
                    end
        end as double
    ) as own_cover_low,
    cast(
        case
            when answers.null_reason is null and answers.production_rest_g is not null
                then greatest(answers.own_cover, answers.own_cover_with_rest)
        end as double
    ) as own_cover_high,
    cast(
        case when answers.coalition_null_reason is null then answers.all_cover end as double
    ) as coalition_cover,
    cast(
        case
            when answers.all_bound_null_reason is null
                then least(answers.all_cover, answers.all_cover_with_rest)
        end as double
    ) as coalition_cover_low,
    cast(
        case
            when
                answers.all_bound_null_reason is null
                and answers.all_production_rest_g is not null
                then greatest(answers.all_cover, answers.all_cover_with_rest)
        end as double
    ) as coalition_cover_high,
    cast(
        case
            when answers.others_null_reason is null and answers.is_others_known
                then answers.others_cover
        end as double
    ) as coalition_cover_without,
    cast(
        case
            when answers.marginal_null_reason is null
                then answers.all_cover - answers.others_cover
        end as double
    ) as marginal_cover,
    cast(
        case
            when answers.marginal_bound_null_reason is null
                then
                    least(answers.all_cover, answers.all_cover_with_own_rest)
                    - answers.others_cover
        end as double
    ) as marginal_cover_low,
    cast(
        case
            when
                answers.marginal_bound_null_reason is null
                and answers.production_rest_g is not null
                then
                    greatest(answers.all_cover, answers.all_cover_with_own_rest)
                    - answers.others_cover
        end as double
    ) as marginal_cover_high,
    cast(
        case
            when
                answers.coalition_null_reason is null
                and answers.all_mined_null_reason is null
                and answers.is_all_mined_known
                then answers.all_mined_g / answers.all_consumption_g
        end as double
    ) as coalition_mined_cover,
    cast(
        case
            when
                answers.marginal_null_reason is null
                and answers.all_mined_null_reason is null
                and answers.others_mined_null_reason is null
                and answers.is_mined_known
                and answers.is_others_mined_known
                then
                    answers.all_mined_g / answers.all_consumption_g
                    - answers.others_mined_g / answers.others_consumption_g
        end as double
    ) as marginal_mined_cover,
    cast(
        case
            when
                answers.marginal_bound_null_reason is null
                and answers.all_mined_null_reason is null
                and answers.others_mined_null_reason is null
                and answers.production_rest_g is not null
                then
                    answers.all_mined_g / (answers.all_consumption_g + answers.production_rest_g)
                    - answers.others_mined_g / answers.others_consumption_g
        end as double
    ) as marginal_mined_cover_low,
    cast(
        case
            when
                answers.marginal_bound_null_reason is null
                and answers.all_mined_null_reason is null
                and answers.others_mined_null_reason is null
                and answers.mined_rest_g is not null
                then
                    (answers.all_mined_g + answers.mined_rest_g) / answers.all_consumption_g
                    - answers.others_mined_g / answers.others_consumption_g
        end as double
    ) as marginal_mined_cover_high,
    case
        when answers.party_id is not null and answers.own_cover_null_reason is null
            then (answers.production_g + party_sums.spare_g) / answers.consumption_g
    end as own_cover_with_spare,
    party_sums.spare_g / 1000000 as spare_tonnes_low,
    party_sums.spare_high_g / 1000000 as spare_tonnes_high,
    party_sums.spare_basis,
    party_sums.spare_estimated_share,
    party_sums.source_id as spare_source_id,
    party_sums.capacity_edition as spare_edition,
    party_sums.excluded_producers as spare_excluded_producers,
    case
        when party_sums.spare_g is null
            then
                coalesce(
                    party_sums.null_reason, answers.own_null_reason, 'no_output_to_add_to'
                )
    end as spare_null_reason,
    answers.own_null_reason,
    answers.own_cover_null_reason,
    answers.own_mined_null_reason,
    answers.coalition_null_reason,
    case
        when answers.coalition_null_reason is not null then answers.coalition_null_reason
        when answers.all_mined_null_reason is not null then answers.all_mined_null_reason
        when not answers.is_all_mined_known then 'own_production_not_named'
    end as coalition_mined_null_reason,
    answers.marginal_null_reason
from answers
full outer join party_sums
    on
        {{ same_key(
            'answers', 'party_sums', ['party_id', 'mineral_id', 'stage', 'reference_year']
        ) }}
