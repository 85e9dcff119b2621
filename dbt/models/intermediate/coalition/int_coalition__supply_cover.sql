{#-
    What each party of the ministerial makes, mines and uses of a mineral at a stage, and how far all together cover
    what they use: with the party and without it. Use is production plus imports less exports, which adds up
    over parties. What leaves beyond all that comes (`unexplained_g`) would lessen what the others use: it is kept
    beside. A country inside the EU adds nothing to the EU: it stands beside, not in the sum. Whom the
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

eu_members as (

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
        max(eu_members.country_iso3) is not null and numbered.party_kind = 'country'
            as is_inside_another
    from members
    inner join numbered on members.party_id = numbered.party_id
    left join eu_members on members.party_id = eu_members.country_iso3
    group by members.party_id, numbered.party_number, numbered.party_kind

),

named_graphs as (

    select graph_number
    from supplies
    group by graph_number
    having bool_or(is_named)

),

party_cells as (

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
        supplies.exported_outlier_g,
        case
            when feed.graph_number is not null and known_feed.graph_number is not null
                then coalesce(mines.production_g, 0)
        end as mined_g,
        case
            when named_graphs.graph_number is null then 'production_not_published'
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
    left join named_graphs on traded.graph_number = named_graphs.graph_number
    left join supplies
        on
            traded.graph_number = supplies.graph_number
            and parties.party_number = supplies.party_number
    left join graphs as feed on traded.feed_graph_number = feed.graph_number
    left join named_graphs as known_feed on feed.graph_number = known_feed.graph_number
    left join supplies as mines
        on
            feed.graph_number = mines.graph_number
            and parties.party_number = mines.party_number
    where traded.role = 'traded'

),

-- What leaves beyond all that comes and may be made: of stocks, or a figure is wrong.
balances as (

    select
        *,
        greatest(
            -consumption_g - case when production_status = 'named' then 0 else unnamed_rest_g end,
            0
        ) as unexplained_g,
        -- What is sold counts where it is subtracted.
        coalesce(
            exported_outlier_g
            > {{ threshold('outlier_quantity_share') }} * greatest(consumption_g, 0),
            false
        ) as has_exported_outliers
    from party_cells

),

all_parties as (

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
        cast(sum(unexplained_g) as bigint) as unexplained_g,
        cast(sum(mined_g) as bigint) as mined_g,
        bool_or(has_exported_outliers) as has_exported_outliers,
        count(null_reason) as missing_count,
        count(mined_null_reason) as missing_mined_count,
        max(null_reason) as null_reason,
        max(mined_null_reason) as mined_null_reason
    from balances
    where not is_inside_another
    group by mineral_id, stage, reference_year

),

-- What is known of all parties, and of all but one.
party_supply as (

    select
        {%- for made in ['production', 'mined'] %}
        case
            when all_parties.{{ made }}_named_count = all_parties.party_count then 'named'
            when all_parties.{{ made }}_heard_count > 0 then 'named_in_part'
            else 'not_named'
        end as all_{{ made }}_status,
        case
            when balances.is_inside_another then null
            when
                all_parties.{{ made }}_named_count
                - case when balances.{{ made }}_status = 'named' then 1 else 0 end
                = all_parties.party_count - 1
                then 'named'
            when
                all_parties.{{ made }}_heard_count
                - case when balances.{{ made }}_status <> 'not_named' then 1 else 0 end
                > 0
                then 'named_in_part'
            else 'not_named'
        end as others_{{ made }}_status,
        {%- endfor %}
        balances.*
    from balances
    inner join all_parties
        on {{ same_key('balances', 'all_parties', ['mineral_id', 'stage', 'reference_year']) }}

)

select
    party_supply.mineral_id,
    party_supply.stage,
    party_supply.reference_year,
    party_supply.party_id,
    party_supply.production_source_id,
    party_supply.production_status,
    party_supply.mined_status,
    party_supply.others_production_status,
    party_supply.others_mined_status,
    party_supply.all_production_status,
    party_supply.all_mined_status,
    case when party_supply.production_status = 'named' then 0 else party_supply.unnamed_rest_g end
        as production_rest_g,
    case when party_supply.mined_status = 'named' then 0 else party_supply.unnamed_mined_rest_g end
        as mined_rest_g,
    case
        when party_supply.all_production_status = 'named' then 0 else all_parties.unnamed_rest_g
    end
        as all_production_rest_g,
    party_supply.production_g,
    party_supply.consumption_g,
    party_supply.unexplained_g,
    party_supply.mined_g,
    party_supply.has_exported_outliers,
    party_supply.null_reason,
    party_supply.mined_null_reason,
    all_parties.production_g - party_supply.production_g as others_production_g,
    all_parties.consumption_g - party_supply.consumption_g as others_consumption_g,
    all_parties.unexplained_g - party_supply.unexplained_g as others_unexplained_g,
    all_parties.mined_g - party_supply.mined_g as others_mined_g,
    all_parties.production_g as all_production_g,
    all_parties.consumption_g as all_consumption_g,
    all_parties.unexplained_g as all_unexplained_g,
    all_parties.mined_g as all_mined_g,
    case
        when party_supply.is_inside_another then 'counted_in_EU27'
        when
            all_parties.null_reason is not null
            and (party_supply.null_reason is null or all_parties.missing_count > 1)
            then all_parties.null_reason
    end as others_null_reason,
    case
        when party_supply.is_inside_another then 'counted_in_EU27'
        when
            all_parties.mined_null_reason is not null
            and (party_supply.mined_null_reason is null or all_parties.missing_mined_count > 1)
            then all_parties.mined_null_reason
    end as others_mined_null_reason,
    all_parties.null_reason as all_null_reason,
    all_parties.mined_null_reason as all_mined_null_reason
from party_supply
inner join all_parties
    on {{ same_key('party_supply', 'all_parties', ['mineral_id', 'stage', 'reference_year']) }}
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
    unexplained_g,
    mined_g,
    has_exported_outliers,
    null_reason,
    mined_null_reason,
    cast(null as bigint) as others_production_g,
    cast(null as bigint) as others_consumption_g,
    cast(null as bigint) as others_unexplained_g,
    cast(null as bigint) as others_mined_g,
    production_g as all_production_g,
    consumption_g as all_consumption_g,
    unexplained_g as all_unexplained_g,
    mined_g as all_mined_g,
    'is_the_coalition' as others_null_reason,
    'is_the_coalition' as others_mined_null_reason,
    null_reason as all_null_reason,
    mined_null_reason as all_mined_null_reason
from all_parties
