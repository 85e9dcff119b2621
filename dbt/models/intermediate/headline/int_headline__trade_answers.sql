{#-
    What trade says in the newest of the last years in which it has an answer; without any, why the newest has none.
    Years are chosen by what importers buy in all, and origins read of those alone, and of the years that they are
    compared with.
-#}
{%- set question = ['importer_number', 'mineral_id', 'stage'] -%}
with

{{ headline_years() }},

asked_years as (

    select
        importer_years.*,
        series_years.mineral_id,
        series_years.stage
    from {{ ref('int_trade__importer_years') }} as importer_years
    inner join series_years
        on importer_years.series_year_number = series_years.series_year_number

),

gaps as (

    select gaps.*
    from {{ ref('int_trade__missing_imports') }} as gaps
    cross join newest
    where gaps.reference_year > newest.newest_year - {{ threshold('headline_years') }}

),

recent_years as (

    select
        asked_years.importer_number,
        asked_years.mineral_id,
        asked_years.stage,
        asked_years.reference_year,
        case
            when asked_years.leader_usd is not null and asked_years.value_usd > 0
                then asked_years.reference_year
        end as answered_year
    from asked_years
    cross join newest
    where asked_years.reference_year > newest.newest_year - {{ threshold('headline_years') }}
    union all by name
    select
        importer_number,
        mineral_id,
        stage,
        reference_year
    from gaps

),

chosen_years as (

    select
        importer_number,
        mineral_id,
        stage,
        coalesce(max(answered_year), max(reference_year)) as reference_year
    from recent_years
    group by importer_number, mineral_id, stage

),

-- The year of the answer, and the one that it is compared with.
importer_years as (

    select
        asked_years.*,
        asked_years.reference_year = chosen_years.reference_year as is_chosen
    from asked_years
    inner join chosen_years on {{ same_key('asked_years', 'chosen_years', question) }}
    where
        asked_years.reference_year in (
            chosen_years.reference_year,
            chosen_years.reference_year - {{ threshold('headline_trend_years') }}
        )

),

{{ answered_imports(carried=['is_chosen']) }},

chosen_rows as (

    select
        *,
        case
            when origin_kind <> 'country' or value_share is null then null
            when quantity_basis = 'gross' then quantity_tonnes_gross
            else quantity_tonnes_contained
        end as known_tonnes
    from answered_rows
    where is_chosen
    union all by name
    select
        gaps.importer_id,
        gaps.importer_kind,
        gaps.mineral_id,
        gaps.stage,
        gaps.reference_year,
        gaps.series_id,
        gaps.null_reason
    from gaps
    inner join chosen_years
        on {{ same_key('gaps', 'chosen_years', question + ['reference_year']) }}

),

-- A country that trade does not name sold nothing that the publisher shows: 0; but a series of some
-- partners alone says nothing of others.
answers as (

    select
        importer_id,
        mineral_id,
        stage,
        reference_year,
        max(importer_kind) as importer_kind,
        max(source_id) as source_id,
        max(edition) as edition,
        max(series_id) as series_id,
        max(leader_origin_id) as leading_origin_id,
        max(leader_value_share) as leading_share,
        case
            when max(leader_value_share) is not null
                then
                    coalesce(
                        max(
                            case
                                when origin_kind = 'country' and origin_id <> leader_origin_id
                                    then value_share
                            end
                        ),
                        0
                    )
        end as second_share,
        max(supplier_hhi) as supplier_hhi,
        bool_or(is_de_minimis) as is_de_minimis,
        case
            when
                max(leader_value_share) is not null
                and importer_id not in ('CHN', 'CHN_HKG')
                and not bool_or(is_truncated_release)
                then coalesce(max(case when origin_id = 'CHN' then value_share end), 0)
            else
                max(
                    case
                        when importer_id <> 'CHN_HKG' and origin_id = 'CHN' then value_share
                    end
                )
        end as china_share,
        -- Whose known tonnes are too few for a share may lead all the same.
        {%- for share in ['quantity_share', 'quantity_share_low', 'quantity_share_high'] %}
        case
            when
                coalesce(
                    max(case when quantity_share is null then known_tonnes end)
                    > max(case when quantity_share is not null then known_tonnes end),
                    false
                )
                then null
            else max(case when origin_kind = 'country' then {{ share }} end)
        end as leading_{{ share }},
        {%- endfor %}
        {{ exact_sum(
            "case when origin_kind = 'country' and value_share is not null"
            ~ " then cast(value_usd as double) end"
        ) }} as import_value_usd,
        max(case when origin_id = leader_origin_id then quality_flags end) as answer_flags,
        case when max(leader_value_share) is null then max(null_reason) end as null_reason
    from chosen_rows
    group by importer_id, mineral_id, stage, reference_year

),

-- The same origin and China in the same series, some years before. Who is not named then sold
-- nothing.
shares_before as (

    select
        answers.importer_id,
        answers.mineral_id,
        answers.stage,
        {%- for of, origin_id in {
            'leading': 'answers.leading_origin_id', 'china': "'CHN'"
        }.items() %}
        max(
            case
                when before.origin_id = {{ origin_id }} then before.value_share
                when not before.is_truncated_release then 0
            end
        ) as {{ of }}_share_before,
        {%- endfor %}
        max(before.reference_year) as reference_year
    from answers
    inner join answered_rows as before
        on {{ same_key('answers', 'before', ['importer_id', 'mineral_id', 'stage', 'series_id']) }}
    where
        not before.is_chosen
        and answers.leading_share is not null
        and before.value_share is not null
    group by answers.importer_id, answers.mineral_id, answers.stage

)

select
    answers.*,
    series_years.series_year_number,
    series_years.lines_held_share,
    series_years.importer_bloc_id is null and not series_years.is_truncated_release
        as is_of_all_trade,
    case
        when
            shares_before.leading_share_before is not null
            or answers.china_share - shares_before.china_share_before is not null
            then shares_before.reference_year
    end as trend_from_year,
    answers.leading_share - shares_before.leading_share_before as leading_share_change,
    answers.china_share - shares_before.china_share_before as china_share_change
from answers
left join series_years
    on
        {{ same_key('answers', 'series_years', [
            'series_id', 'mineral_id', 'stage', 'reference_year',
        ]) }}
left join shares_before
    on {{ same_key('answers', 'shares_before', ['importer_id', 'mineral_id', 'stage']) }}
