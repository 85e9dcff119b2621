{#-
    How far each party, all together, and all but one cover what they use, between the bounds of what no source
    names, and what of it is not known for which reason; and what each could make besides, as scenarios count it. One
    row per party, mineral, stage and year of the look-through, and (without `has_cover`) of a spare without one.
-#}
{#- What a party adds, with what it makes at the least and most, in each reading of what is shipped
    beyond supply: as it stands, from stocks that others used, or made and not told of. -#}
{%- set adds = [] %}
{%- for made, used in [('', ''), ('', 'unexplained_g'), ('unexplained_g', 'unexplained_g')] %}
{%- for rest in ['', ' + production_rest_g'] %}
{%- set all_made = 'all_production_g' ~ rest ~ (' + all_' ~ made if made else '') %}
{%- set all_used = 'all_consumption_g' ~ rest ~ (' + all_' ~ used if used else '') %}
{%- set others_made = 'others_production_g' ~ (' + others_' ~ made if made else '') %}
{%- set others_used = 'others_consumption_g' ~ (' + others_' ~ used if used else '') %}
{%- do adds.append(
    '(' ~ all_made ~ ') / (' ~ all_used ~ ') - (' ~ others_made ~ ') / (' ~ others_used ~ ')'
) %}
{%- endfor %}
{%- endfor %}
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
        {%- for of in ['', 'others_', 'all_'] %}
        coalesce(
            {{ of }}unexplained_g / nullif({{ of }}consumption_g + {{ of }}unexplained_g, 0), 0
        )
            as {{ of }}unexplained_share,
        {%- endfor %}
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

-- What is not named lies between nothing and the rest that the source leaves unnamed. What a
-- party ships beyond all that it makes and buys came from its stocks, and others used it
-- (least), or it was made and not told of (most).
party_bounds as (

    select
        *,
        production_g + production_rest_g as production_high_g,
        consumption_g + production_rest_g as consumption_high_g,
        mined_g + mined_rest_g as mined_high_g,
        {%- for cover, of in [('own_cover', ''), ('all_cover', 'all_')] %}
        {%- set made, used = of ~ 'production_g', of ~ 'consumption_g' %}
        {%- set rest, beyond = of ~ 'production_rest_g', of ~ 'unexplained_g' %}
        case when {{ used }} > 0 then {{ made }} / {{ used }} end as {{ cover }},
        case
            when {{ used }} > 0
                then
                    least(
                        {{ made }} / ({{ used }} + {{ beyond }}),
                        ({{ made }} + {{ rest }}) / ({{ used }} + {{ rest }} + {{ beyond }})
                    )
        end as {{ cover }}_least,
        case
            when {{ used }} > 0
                then
                    greatest(
                        {{ made }} / {{ used }},
                        ({{ made }} + {{ rest }} + {{ beyond }})
                        / ({{ used }} + {{ rest }} + {{ beyond }})
                    )
        end as {{ cover }}_most,
        {%- endfor %}
        {%- for smallest_or_largest, name in [('least', 'adds_least'), ('greatest', 'adds_most')] %}
        case
            when all_consumption_g > 0 and others_consumption_g > 0
                then {{ smallest_or_largest }}({{ adds | join(', ') }})
        end as {{ name }},
        {%- endfor %}
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
            own_null_reason,
            case
                when consumption_g <= 0 then 'no_apparent_supply'
                when unexplained_share > {{ threshold('unexplained_exports_share') }}
                    then 'exports_exceed_supply'
            end
        ) as own_cover_null_reason,
        coalesce(
            all_bound_null_reason,
            case
                when not is_all_known then 'own_production_not_named'
                when all_unexplained_share > {{ threshold('unexplained_exports_share') }}
                    then 'exports_exceed_supply'
            end
        ) as coalition_null_reason,
        coalesce(
            marginal_bound_null_reason,
            case
                when not is_known or not is_others_known then 'own_production_not_named'
                when
                    greatest(all_unexplained_share, others_unexplained_share)
                    > {{ threshold('unexplained_exports_share') }}
                    then 'exports_exceed_supply'
            end
        ) as marginal_null_reason
    from party_bounds

)

select
    {%- for column in ['mineral_id', 'stage', 'reference_year', 'party_id'] %}
    coalesce(answers.{{ column }}, party_sums.{{ column }}) as {{ column }},
    {%- endfor %}
    answers.party_id is not null as has_cover,
    coalesce(answers.unexplained_g > 0 and answers.null_reason is null, false)
        as has_unexplained_exports,
    coalesce(answers.has_exported_outliers and answers.null_reason is null, false)
        as has_exported_outliers,
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
        case when answers.null_reason is null then answers.own_cover_least end as double
    ) as own_cover_low,
    cast(
        case
            when answers.null_reason is null and answers.production_rest_g is not null
                then answers.own_cover_most
        end as double
    ) as own_cover_high,
    cast(
        case when answers.coalition_null_reason is null then answers.all_cover end as double
    ) as coalition_cover,
    cast(
        case
            when answers.all_bound_null_reason is null then answers.all_cover_least
        end as double
    ) as coalition_cover_low,
    cast(
        case
            when
                answers.all_bound_null_reason is null
                and answers.all_production_rest_g is not null
                then answers.all_cover_most
        end as double
    ) as coalition_cover_high,
    cast(
        case
            when
                answers.others_null_reason is null
                and answers.is_others_known
                and answers.others_unexplained_share <= {{ threshold('unexplained_exports_share') }}
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
                then answers.adds_least
        end as double
    ) as marginal_cover_low,
    cast(
        case
            when
                answers.marginal_bound_null_reason is null
                and answers.production_rest_g is not null
                then answers.adds_most
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
