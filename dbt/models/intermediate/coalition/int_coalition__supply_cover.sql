{#-
    What each party of the ministerial makes, mines and uses of a mineral at a stage, and how far all together cover
    what they use: with the party and without it. Use is production plus imports less exports, which adds up
    over parties. A country inside the EU adds nothing to the EU: it stands beside, not in the sum. Whom the
    source does not name makes something between nothing and what the source leaves unnamed (`_rest_g`); all
    parties together share that rest, so it counts once. Of a bloc no source names every member: what it makes
    is named in part.
-#}
with

graphs as (

    select * from {{ ref('int_look_through__graphs') }}
    where series_level = 'mineral_stage'

),

supplies as (select * from {{ ref('int_look_through__node_balances') }}),

{{ look_through_cells() }},

members as (

    select * from {{ ref('stg_reference__country_group_members') }}
    where group_id = 'MEETING_2026_01_12'

),

inside as (

    select distinct member_id as country_iso3
    from {{ ref('stg_reference__country_group_members') }}
    where group_id = 'EU27'

),

numbered as (select * from {{ ref('int_trade__parties') }}),

parties as (

    select
        members.party_id,
        numbered.party_number,
        numbered.party_kind,
        case when numbered.party_kind = 'bloc' then numbered.party_number else 0 end as bloc_number,
        max(inside.country_iso3) is not null and numbered.party_kind = 'country'
            as is_inside_another
    from members
    inner join numbered on members.party_id = numbered.party_id
    left join inside on members.party_id = inside.country_iso3
    group by members.party_id, numbered.party_number, numbered.party_kind

),

known as (

    select graph_number
    from supplies
    group by graph_number
    having bool_or(is_named)

),

counted as (

    select
        traded.mineral_id,
        traded.stage,
        traded.reference_year,
        parties.party_id,
        parties.is_inside_another,
        cells.production_source_id,
        case
            when not coalesce(supplies.is_named, false) then 'not_named'
            when parties.party_kind = 'country' then 'named'
            else 'named_in_part'
        end as production_status,
        case
            when not coalesce(mines.is_named, false) then 'not_named'
            when parties.party_kind = 'country' then 'named'
            else 'named_in_part'
        end as mined_status,
        traded.unnamed_rest_g,
        feed.unnamed_rest_g as unnamed_mined_rest_g,
        coalesce(supplies.production_g, 0) as production_g,
        coalesce(
            supplies.production_g + supplies.imports_g - supplies.exports_g, 0
        ) as consumption_g,
        case
            when feed.graph_number is not null and known_feed.graph_number is not null
                then coalesce(mines.production_g, 0)
        end as mined_g,
        case
            when known.graph_number is null then 'production_not_published'
            when cells.is_wider_than_lines then 'production_wider_than_lines'
            when coalesce(supplies.is_withheld, false) then 'own_production_withheld'
        end as null_reason,
        case
            when traded.stage = 'mine' then 'not_refined_yet'
            when cells.mine_null_reason is not null then cells.mine_null_reason
            when feed.graph_number is null or known_feed.graph_number is null
                then 'production_not_published'
            when coalesce(mines.is_withheld, false) then 'own_production_withheld'
        end as mined_null_reason
    from graphs as traded
    inner join parties on traded.bloc_number = parties.bloc_number
    inner join cells
        on {{ same_key('traded', 'cells', ['mineral_id', 'stage', 'reference_year']) }}
    left join known on traded.graph_number = known.graph_number
    left join supplies
        on
            traded.graph_number = supplies.graph_number
            and parties.party_number = supplies.party_number
    left join graphs as feed on traded.feed_graph_number = feed.graph_number
    left join known as known_feed on feed.graph_number = known_feed.graph_number
    left join supplies as mines
        on
            feed.graph_number = mines.graph_number
            and parties.party_number = mines.party_number
    where traded.role = 'traded'

),

together as (

    select
        mineral_id,
        stage,
        reference_year,
        max(production_source_id) as production_source_id,
        count(*) as party_count,
        {%- for made in ['production', 'mined'] %}
        count(case when {{ made }}_status = 'named' then 1 end) as {{ made }}_named_count,
        count(case when {{ made }}_status <> 'not_named' then 1 end) as {{ made }}_heard_count,
        {%- endfor %}
        max(unnamed_rest_g) as unnamed_rest_g,
        max(unnamed_mined_rest_g) as unnamed_mined_rest_g,
        cast(sum(production_g) as bigint) as production_g,
        cast(sum(consumption_g) as bigint) as consumption_g,
        cast(sum(mined_g) as bigint) as mined_g,
        count(null_reason) as missing_count,
        count(mined_null_reason) as missing_mined_count,
        max(null_reason) as null_reason,
        max(mined_null_reason) as mined_null_reason
    from counted
    where not is_inside_another
    group by mineral_id, stage, reference_year

),

-- What is known of all parties, and of all but one.
judged as (

    select
        {%- for made in ['production', 'mined'] %}
        case
            when together.{{ made }}_named_count = together.party_count then 'named'
            when together.{{ made }}_heard_count > 0 then 'named_in_part'
            else 'not_named'
        end as all_{{ made }}_status,
        case
            when counted.is_inside_another then null
            when
                together.{{ made }}_named_count
                - case when counted.{{ made }}_status = 'named' then 1 else 0 end
                = together.party_count - 1
                then 'named'
            when
                together.{{ made }}_heard_count
                - case when counted.{{ made }}_status <> 'not_named' then 1 else 0 end
                > 0
                then 'named_in_part'
            else 'not_named'
        end as others_{{ made }}_status,
        {%- endfor %}
        counted.*
    from counted
    inner join together
        on {{ same_key('counted', 'together', ['mineral_id', 'stage', 'reference_year']) }}

)

select
    judged.mineral_id,
    judged.stage,
    judged.reference_year,
    judged.party_id,
    judged.production_source_id,
    judged.production_status,
    judged.mined_status,
    judged.others_production_status,
    judged.others_mined_status,
    judged.all_production_status,
    judged.all_mined_status,
    case when judged.production_status = 'named' then 0 else judged.unnamed_rest_g end
        as production_rest_g,
    case when judged.mined_status = 'named' then 0 else judged.unnamed_mined_rest_g end
        as mined_rest_g,
    case when judged.all_production_status = 'named' then 0 else together.unnamed_rest_g end
        as all_production_rest_g,
    judged.production_g,
    judged.consumption_g,
    judged.mined_g,
    judged.null_reason,
    judged.mined_null_reason,
    together.production_g - judged.production_g as others_production_g,
    together.consumption_g - judged.consumption_g as others_consumption_g,
    together.mined_g - judged.mined_g as others_mined_g,
    together.production_g as all_production_g,
    together.consumption_g as all_consumption_g,
    together.mined_g as all_mined_g,
    case
        when judged.is_inside_another then 'counted_in_EU27'
        when
            together.null_reason is not null
            and (judged.null_reason is null or together.missing_count > 1)
            then together.null_reason
    end as others_null_reason,
    case
        when judged.is_inside_another then 'counted_in_EU27'
        when
            together.mined_null_reason is not null
            and (judged.mined_null_reason is null or together.missing_mined_count > 1)
            then together.mined_null_reason
    end as others_mined_null_reason,
    together.null_reason as all_null_reason,
    together.mined_null_reason as all_mined_null_reason
from judged
inner join together
    on {{ same_key('judged', 'together', ['mineral_id', 'stage', 'reference_year']) }}
union all
select
    mineral_id,
    stage,
    reference_year,
    'MEETING_2026_01_12' as party_id,
    production_source_id,
    {%- for made in ['production', 'mined'] %}
    case
        when {{ made }}_named_count = party_count then 'named'
        when {{ made }}_heard_count > 0 then 'named_in_part'
        else 'not_named'
    end as {{ made }}_status,
    {%- endfor %}
    cast(null as string) as others_production_status,
    cast(null as string) as others_mined_status,
    {%- for made in ['production', 'mined'] %}
    case
        when {{ made }}_named_count = party_count then 'named'
        when {{ made }}_heard_count > 0 then 'named_in_part'
        else 'not_named'
    end as all_{{ made }}_status,
    {%- endfor %}
    case when production_named_count = party_count then 0 else unnamed_rest_g end
        as production_rest_g,
    case when mined_named_count = party_count then 0 else unnamed_mined_rest_g end
        as mined_rest_g,
    case when production_named_count = party_count then 0 else unnamed_rest_g end
        as all_production_rest_g,
    production_g,
    consumption_g,
    mined_g,
    null_reason,
    mined_null_reason,
    cast(null as bigint) as others_production_g,
    cast(null as bigint) as others_consumption_g,
    cast(null as bigint) as others_mined_g,
    production_g as all_production_g,
    consumption_g as all_consumption_g,
    mined_g as all_mined_g,
    'is_the_coalition' as others_null_reason,
    'is_the_coalition' as others_mined_null_reason,
    null_reason as all_null_reason,
    mined_null_reason as all_mined_null_reason
from together
