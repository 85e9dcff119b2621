{#-
    China's and the largest supplier's share of a mineral that a sector needs: of the world's production by
    each publisher's current headline, and of the imports of parties in the latest year of trade. One row per
    mineral, stage, importer and measure, and per source of production; with a figure or a reason.
-#}
with

minerals as (

    select distinct
        uses.mineral_id,
        minerals.parent_mineral_id
    from {{ ref('stg_reference__end_uses') }} as uses
    inner join {{ ref('stg_reference__minerals') }} as minerals
        on uses.mineral_id = minerals.mineral_id

),

stages as (

    select stage
    from {{ ref('stg_reference__stages') }}
    where stage in ('mine', 'refined')

),

concentration as (

    select
        *,
        max(case when leader_share is not null then reference_year end) over (
            partition by mineral_id, stage, source_id
        ) as latest_year
    from {{ ref('int_concentration__producer_hhi') }}
    where is_headline and is_current_edition

),

headline_stages as (

    select distinct
        mineral_id,
        stage
    from concentration

),

priorities as (

    select * from {{ ref('source_priority') }}
    where statistic = 'production'

),

-- A mineral without a headline of its own stands under its group's: refined graphite is one.
figure_minerals as (

    select
        minerals.mineral_id,
        stages.stage,
        coalesce(own.mineral_id, grouped.mineral_id) as figure_mineral_id
    from minerals
    cross join stages
    left join headline_stages as own
        on minerals.mineral_id = own.mineral_id and stages.stage = own.stage
    left join headline_stages as grouped
        on minerals.parent_mineral_id = grouped.mineral_id and stages.stage = grouped.stage

),

production as (

    select
        figure_minerals.mineral_id,
        figure_minerals.stage,
        'WLD' as importer_id,
        'world' as importer_kind,
        'production' as measure,
        coalesce(figure_minerals.figure_mineral_id, figure_minerals.mineral_id)
            as figure_mineral_id,
        concentration.source_id,
        concentration.edition,
        concentration.form,
        concentration.basis,
        concentration.reference_year,
        concentration.china_share,
        concentration.leader_country_iso3 as leader_id,
        concentration.leader_share,
        concentration.coverage_share,
        cast(null as double) as import_value_usd,
        {{ quality_flags({
            'edition_break': "concentration.is_edition_break",
            'excluded_producers': "concentration.excluded_producers is not null",
            'exclusion_not_told': "concentration.exclusion_status = 'withheld_not_told'",
            'group_figure': "figure_minerals.figure_mineral_id <> figure_minerals.mineral_id",
        }) }} as quality_flags,
        case
            when concentration.leader_share is null
                then coalesce(concentration.null_reason, 'no_production_published')
        end as null_reason,
        concentration.china_null_reason,
        row_number() over (
            partition by figure_minerals.mineral_id, figure_minerals.stage
            order by priorities.priority, concentration.source_id
        ) = 1 as is_headline_source
    from figure_minerals
    left join concentration
        on
            figure_minerals.figure_mineral_id = concentration.mineral_id
            and figure_minerals.stage = concentration.stage
            and concentration.reference_year = concentration.latest_year
    left join priorities on concentration.source_id = priorities.source_id

),

importers as (

    select party_id as importer_id
    from {{ ref('stg_reference__country_group_members') }}
    where group_id = 'MEETING_2026_01_12'
    union
    select group_id as importer_id
    from {{ ref('stg_reference__country_group_members') }}
    where group_id in ('EU27', 'G7', 'MEETING_2026_01_12')

),

all_parties as (select * from {{ ref('int_trade__parties') }}),

parties as (

    select
        importers.importer_id,
        all_parties.party_kind as importer_kind,
        all_parties.party_number as importer_number
    from importers
    inner join all_parties on importers.importer_id = all_parties.party_id

),

latest as (

    select {{ newest_trade_year() }} as reference_year
    from {{ ref('int_trade__series_by_year') }}
    where is_current_series

),

contradicted_imports as (

    select distinct
        series_number,
        reference_year,
        importer_number
    from {{ ref('int_trade__series_conflicts') }}

),

pools as (

    select
        series.*,
        series.line_count = 1 as is_one_line
    from {{ ref('int_trade__series_by_year') }} as series
    inner join latest on series.reference_year = latest.reference_year
    where
        series.is_current_series
        and series.series_level = 'mineral_stage'
        and series.stage in ('mine', 'refined')

),

-- As mart_import_dependency has them, which a golden test compares; that view takes seconds to ask.
origin_shares as (

    select
        parties.importer_id,
        pools.mineral_id,
        pools.stage,
        pools.source_id,
        pools.edition,
        pools.series_id,
        case when pools.is_one_line then 'gross' else 'contained' end as quantity_basis,
        origins.party_id as origin_id,
        imports.value_usd / totals.value_usd as value_share,
        case
            when pools.is_one_line then totals.value_weighed_usd else totals.value_contained_usd
        end / totals.value_usd as quantity_coverage_share,
        {{ is_weighed_by('imports', 'pools.is_one_line') }} as is_weighed,
        case
            when pools.is_one_line then imports.quantity_kg / totals.quantity_kg
            else imports.contained_g / totals.contained_g
        end as quantity_share,
        totals.value_usd as import_value_usd,
        imports.quantity_kg is not null
        and pools.lines_without_factor > 0
        and not pools.is_one_line as is_without_factor,
        {{ quality_flags({
            'de_minimis': "totals.value_usd < " ~ threshold('de_minimis_usd'),
            'grade_heterogeneous': "pools.is_grade_heterogeneous",
            'lines_missing': "pools.has_missing_lines",
            'mixed_line': "pools.is_mixed_line",
            'series_break': "pools.is_series_break",
            'series_conflict': "contradicted_imports.importer_number is not null",
            'truncated_release': "pools.is_truncated_release",
        }) }} as quality_flags,
        coalesce(
            totals.outlier_kg > {{ threshold('outlier_quantity_share') }} * totals.quantity_kg,
            false
        ) as has_outliers_in_all,
        coalesce(
            imports.outlier_kg > {{ threshold('outlier_quantity_share') }} * imports.quantity_kg,
            false
        ) as has_outliers
    from {{ ref('int_trade__imports_by_origin') }} as imports
    inner join pools
        on {{ same_key('imports', 'pools', ['series_number', 'reference_year']) }}
    inner join parties on imports.importer_number = parties.importer_number
    inner join {{ ref('int_trade__importer_years') }} as totals
        on
            imports.series_number = totals.series_number
            and imports.reference_year = totals.reference_year
            and imports.importer_number = totals.importer_number
    inner join all_parties as origins on imports.origin_number = origins.party_number
    left join contradicted_imports
        on
            {{ same_key('imports', 'contradicted_imports', [
                'series_number', 'reference_year', 'importer_number',
            ]) }}
    where not imports.is_inside and not imports.is_bloc_origin

),

gaps as (

    select
        gaps.importer_id,
        gaps.mineral_id,
        gaps.stage,
        gaps.series_id,
        gaps.null_reason
    from {{ ref('int_trade__missing_imports') }} as gaps
    inner join latest on gaps.reference_year = latest.reference_year

),

by_measure as (

    select
        *,
        'import_value' as measure,
        value_share as origin_share,
        value_share as known_share
    from origin_shares
    union all by name
    select
        *,
        'import_tonnes' as measure,
        case
            when
                quantity_coverage_share >= {{ threshold('quantity_coverage_minimum') }}
                and is_weighed
                then quantity_share
        end as origin_share,
        case
            when quantity_coverage_share >= {{ threshold('quantity_coverage_minimum') }}
                then quantity_share
        end as known_share,
        {{ tonnage_null_reason('quantity_share', 'is_without_factor') }} as share_null_reason
    from origin_shares

),

ranked_origins as (

    select
        *,
        row_number() over (
            partition by importer_id, mineral_id, stage, measure
            order by known_share desc nulls last, origin_id asc
        ) as origin_rank
    from by_measure

),

-- China without a row sold nothing that the publisher shows, where there is an answer at all; with
-- a row that has dollars and no tonnes it has no share by tonnes, and not 0.
answers as (

    select
        importer_id,
        mineral_id,
        stage,
        measure,
        max(source_id) as source_id,
        max(edition) as edition,
        max(series_id) as series_id,
        max(case when measure = 'import_tonnes' then quantity_basis end) as basis,
        case
            when max(known_share) is not null and not bool_or(origin_id = 'CHN') then 0
            else max(case when origin_id = 'CHN' then origin_share end)
        end as china_share,
        max(case when origin_rank = 1 and origin_share >= 0 then origin_id end) as leader_id,
        max(case when origin_rank = 1 then origin_share end) as leader_share,
        max(case when measure = 'import_tonnes' then coalesce(quantity_coverage_share, 0) end)
            as coverage_share,
        cast(max(import_value_usd) as double) as import_value_usd,
        -- The same in every row: they are of all that the importer buys.
        max(quality_flags) as quality_flags,
        -- Of all of it, or of one of the two whose shares stand here.
        bool_or(
            has_outliers_in_all or (has_outliers and (origin_id = 'CHN' or origin_rank = 1))
        ) as has_outliers,
        not bool_or(origin_id = 'CHN') as is_none_recorded,
        case
            when max(case when origin_rank = 1 then origin_share end) is null
                then
                    coalesce(
                        max(
                            case
                                when origin_rank = 1 and known_share > 0 then share_null_reason
                            end
                        ),
                        max(share_null_reason)
                    )
        end as null_reason,
        max(case when origin_id = 'CHN' and origin_share is null then share_null_reason end)
            as china_null_reason
    from ranked_origins
    group by importer_id, mineral_id, stage, measure

)

select * from production
union all by name
select
    minerals.mineral_id,
    stages.stage,
    parties.importer_id,
    parties.importer_kind,
    measures.measure,
    minerals.mineral_id as figure_mineral_id,
    answers.source_id,
    answers.edition,
    answers.basis,
    latest.reference_year,
    coalesce(answers.series_id, gaps.series_id) as series_id,
    true as is_headline_source,
    answers.china_share,
    answers.leader_id,
    answers.leader_share,
    answers.coverage_share,
    answers.import_value_usd,
    {{ quality_flags(
        {
            'none_recorded': "answers.is_none_recorded",
            'unit_value_outlier': "answers.has_outliers",
        },
        beside='answers.quality_flags',
    ) }} as quality_flags,
    case
        when answers.importer_id is not null then answers.null_reason
        else coalesce(gaps.null_reason, 'no_line_at_this_stage')
    end as null_reason,
    answers.china_null_reason
from minerals
cross join stages
cross join parties
cross join (values ('import_value'), ('import_tonnes')) as measures (measure)
cross join latest
left join answers
    on
        minerals.mineral_id = answers.mineral_id
        and stages.stage = answers.stage
        and parties.importer_id = answers.importer_id
        and measures.measure = answers.measure
left join gaps
    on
        minerals.mineral_id = gaps.mineral_id
        and stages.stage = gaps.stage
        and parties.importer_id = gaps.importer_id
