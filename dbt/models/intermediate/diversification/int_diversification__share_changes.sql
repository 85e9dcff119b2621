{#-
    Every comparison that can be made, for China, China with Hong Kong and Macao, and the origins that lead in
    either window: mean shares then and now, and what of the change is the origin's own doing. One row per
    importer, line or pool, base, measure and origin. Dollars with tonnes for too few of them are no share by tonnes.
    A change of contained tonnes' shares moves with the factors: the lowest and the highest stand over the
    corners of their ranges, the same factors then and now.
-#}
with

cases as (

    select * from {{ ref('int_diversification__comparison_cases') }}
    where null_reason is null

),

origins as {{ inline_cte() }} (

    select * from {{ ref('int_diversification__window_imports') }}
    where origin_number is not null

),

parties as (select * from {{ ref('int_trade__parties') }}),
members as (select * from {{ ref('int_trade__bloc_members_by_year') }}),

corner_shares as {{ inline_cte() }} (

    select * from {{ ref('int_trade__shares_at_corners') }}

),

corners as (

    select distinct
        series_number,
        corner
    from corner_shares

),

-- Nobody buys from itself, nor from the bloc it belongs to or consists of.
related_parties as (

    select
        bloc_number as importer_number,
        member_number as origin_number
    from members
    union
    select
        member_number as importer_number,
        bloc_number as origin_number
    from members
    union
    select
        party_number as importer_number,
        party_number as origin_number
    from parties

),

-- Of China as of others that lead, then or now; ties all lead.
leaders as (

    select
        cases.series_number,
        cases.base_id,
        cases.importer_number,
        cases.measure,
        origins.origin_number
    from cases
    inner join origins
        on {{ same_key('cases', 'origins', ['series_number', 'importer_number']) }}
    where
        not origins.is_bloc_origin
        and (
            (
                origins.window_id = 'now'
                and case
                    when cases.measure = 'value' then origins.value_share
                    else origins.known_quantity_share
                end = cases.top_share_now
            )
            or (
                origins.window_id = cases.base_id
                and case
                    when cases.measure = 'value' then origins.value_share
                    else origins.known_quantity_share
                end = cases.top_share_base
            )
        )

),

pairs as (

    select
        cases.series_number,
        cases.base_id,
        cases.importer_number,
        cases.measure,
        parties.party_number as origin_number
    from cases
    cross join parties
    left join related_parties
        on
            cases.importer_number = related_parties.importer_number
            and parties.party_number = related_parties.origin_number
    where parties.party_id in ('CHN', 'CHN_HKG') and related_parties.importer_number is null
    union
    select * from leaders

),

compared_pairs as (

    select
        cases.*,
        pairs.origin_number,
        {%- for window in ['base', 'now'] %}
        {%- for slot in range(1, 4) %}
        case
            when
                cases.measure = 'tonnes'
                and (coalesce(base.is_unweighed, false) or coalesce(now.is_unweighed, false))
                then null
            else
                coalesce(
                    case
                        when cases.measure = 'value' then {{ window }}.value_{{ slot }}
                        else {{ window }}.quantity_{{ slot }}
                    end,
                    0
                )
        end as {{ window }}_own_{{ slot }},
        {%- endfor %}
        {%- endfor %}
        coalesce(base.known_quantity_share, 0) + coalesce(now.known_quantity_share, 0) > 0
            as has_tonnage,
        base.origin_number is not null as is_recorded_base,
        now.origin_number is not null as is_recorded_now,
        coalesce(now.is_recorded_3, false) as is_recorded_latest,
        coalesce(base.has_double_count, false) or coalesce(now.has_double_count, false)
            as has_double_count,
        coalesce(base.is_at_another_stage, false) or coalesce(now.is_at_another_stage, false)
            as is_at_another_stage,
        cases.has_outliers
        or (
            cases.measure = 'tonnes'
            and (coalesce(base.has_outliers, false) or coalesce(now.has_outliers, false))
        ) as origin_has_outliers
    from cases
    inner join pairs
        on
            {{ same_key('cases', 'pairs', [
                'series_number', 'base_id', 'importer_number', 'measure',
            ]) }}
    left join origins as base
        on
            {{ same_key('pairs', 'base', ['series_number', 'importer_number', 'origin_number']) }}
            and pairs.base_id = base.window_id
    left join origins as now
        on
            {{ same_key('pairs', 'now', ['series_number', 'importer_number', 'origin_number']) }}
            and now.window_id = 'now'

),

-- Means over the years, and the shares that would be, had only the sales of the origin moved, or
-- only those of the others: means over the nine pairs of a year then and a year now.
shares as (

    select
        *,
        {%- for window in ['base', 'now'] %}
        (
            {{ window }}_own_1 / {{ window }}_total_1
            + {{ window }}_own_2 / {{ window }}_total_2
            + {{ window }}_own_3 / {{ window }}_total_3
        )
        / 3 as share_{{ window }},
        (cast({{ window }}_own_1 as double) + {{ window }}_own_2 + {{ window }}_own_3) / 3
            as own_{{ window }},
        (cast({{ window }}_total_1 as double) + {{ window }}_total_2 + {{ window }}_total_3) / 3
            as total_{{ window }},
        {%- endfor %}
        {%- for slot in range(1, 4) %}
        now_own_{{ slot }} / now_total_{{ slot }} as share_now_{{ slot }},
        {%- endfor %}
        (
            0
            {%- for now in range(1, 4) %}
            {%- for base in range(1, 4) %}
            + coalesce(
                now_own_{{ now }}
                / nullif(now_own_{{ now }} + base_total_{{ base }} - base_own_{{ base }}, 0),
                0
            )
            {%- endfor %}
            {%- endfor %}
        )
        / 9 as share_if_own_moved,
        (
            0
            {%- for now in range(1, 4) %}
            {%- for base in range(1, 4) %}
            + coalesce(
                base_own_{{ base }}
                / nullif(base_own_{{ base }} + now_total_{{ now }} - now_own_{{ now }}, 0),
                0
            )
            {%- endfor %}
            {%- endfor %}
        )
        / 9 as share_if_others_moved
    from compared_pairs

),

-- A pool of one line is shared as shipped: no factor moves it.
by_factor as (

    select * from shares
    where
        measure = 'tonnes'
        and not is_one_line
        and share_base is not null
        and share_now is not null

),

-- Who sold nothing in a year has 0 of it. Added up in the order of the years.
{%- for window in ['base', 'now'] %}

{{ window }}_corners as (

    select
        by_factor.series_number,
        by_factor.base_id,
        by_factor.importer_number,
        by_factor.origin_number,
        corner_shares.corner,
        (
            {%- for slot in range(3) %}
            {{ '+ ' if not loop.first -}}
            coalesce(
                max(
                    case
                        when
                            corner_shares.reference_year
                            = by_factor.{{ window }}_first_year + {{ slot }}
                            then corner_shares.quantity_share
                    end
                ),
                0
            )
            {%- endfor %}
        )
        / 3 as quantity_share
    from by_factor
    inner join corner_shares
        on
            by_factor.series_number = corner_shares.series_number
            and by_factor.importer_number = corner_shares.importer_number
            and by_factor.origin_number = corner_shares.origin_number
            and by_factor.{{ window }}_first_year <= corner_shares.reference_year
            and by_factor.{{ window }}_last_year >= corner_shares.reference_year
    group by
        by_factor.series_number, by_factor.base_id, by_factor.importer_number,
        by_factor.origin_number, corner_shares.corner

),
{%- endfor %}

change_ranges as (

    select
        by_factor.series_number,
        by_factor.base_id,
        by_factor.importer_number,
        by_factor.origin_number,
        min(coalesce(now.quantity_share, 0) - coalesce(base.quantity_share, 0)) as change_low,
        max(coalesce(now.quantity_share, 0) - coalesce(base.quantity_share, 0)) as change_high
    from by_factor
    inner join corners on by_factor.series_number = corners.series_number
    {%- for window in ['base', 'now'] %}
    left join {{ window }}_corners as {{ window }}
        on
            by_factor.series_number = {{ window }}.series_number
            and by_factor.base_id = {{ window }}.base_id
            and by_factor.importer_number = {{ window }}.importer_number
            and by_factor.origin_number = {{ window }}.origin_number
            and corners.corner = {{ window }}.corner
    {%- endfor %}
    group by
        by_factor.series_number, by_factor.base_id, by_factor.importer_number,
        by_factor.origin_number

)

select
    shares.series_number,
    shares.base_id,
    shares.importer_number,
    shares.measure,
    shares.origin_number,
    shares.is_de_minimis,
    shares.origin_has_outliers as has_outliers,
    shares.has_double_count,
    shares.is_at_another_stage,
    shares.is_recorded_base,
    shares.is_recorded_now,
    shares.is_recorded_latest,
    case
        when shares.share_base is not null and shares.share_now is not null then null
        when shares.has_tonnage then 'origin_tonnage_partly_published'
        else 'origin_tonnage_not_published'
    end as null_reason,
    shares.share_base,
    shares.share_now,
    shares.share_now_3 as share_latest,
    shares.share_now - shares.share_base as share_change,
    -- Without a range of factors the change is its own; the last digits are rounding.
    case
        when shares.measure = 'tonnes' and not shares.is_one_line
            then least(shares.share_now - shares.share_base, change_ranges.change_low)
    end as share_change_low,
    case
        when shares.measure = 'tonnes' and not shares.is_one_line
            then greatest(shares.share_now - shares.share_base, change_ranges.change_high)
    end as share_change_high,
    shares.share_now_3 - shares.share_base as latest_change,
    (
        shares.share_now - shares.share_base + shares.share_if_own_moved
        - shares.share_if_others_moved
    ) / 2 as exit_effect,
    (
        shares.share_now - shares.share_base - shares.share_if_own_moved
        + shares.share_if_others_moved
    ) / 2 as growth_effect,
    shares.share_now_1 <> shares.share_base
    and sign(shares.share_now_1 - shares.share_base)
    = sign(shares.share_now_2 - shares.share_base)
    and sign(shares.share_now_2 - shares.share_base)
    = sign(shares.share_now_3 - shares.share_base) as is_sign_consistent,
    shares.supplier_hhi_base,
    shares.supplier_hhi_now,
    shares.own_base,
    shares.own_now,
    shares.total_base - shares.own_base as others_base,
    shares.total_now - shares.own_now as others_now
from shares
left join change_ranges
    on
        case when shares.measure = 'tonnes' then shares.series_number end
        = change_ranges.series_number
        and shares.base_id = change_ranges.base_id
        and shares.importer_number = change_ranges.importer_number
        and shares.origin_number = change_ranges.origin_number
