{#-
    What a publisher says of somebody's imports beside the same goods in our trade. One row per importer, mineral,
    goods, period, edition and origin.
    USGS's US import sources: summed over the same years, by value, and by tonnes where `quantity_coverage_minimum` of
    the value has them. A form that the seed `us_import_source_line` does not match keeps its row, without figures of
    trade. An origin that the trade of these years lacks counts there as 0; where one of the years comes from a release
    cut to the largest partners, it is unknown.
    Eurostat: China in the EU's imports from outside, by value, beside BACI; each mineral, stage and year that both
    pool. Eurostat counts CIF by country of origin, BACI FOB by exporter.
-#}
with

import_sources as (

    select
        *,
        case
            when geography_id = 'CHN' and includes_hong_kong then 'CHN_HKG'
            else geography_id
        end as origin_id
    from {{ ref('stg_usgs_mcs_us__import_sources') }}
    where geography_kind = 'country'

),

matches as (select * from {{ ref('us_import_source_line') }}),

-- The series that answers first where all importers are in it.
answering_sources as (

    select source_id
    from {{ ref('trade_series') }}
    where priority = 1

),

series as (select * from {{ ref('int_trade__series_by_year') }}),
parties as (select * from {{ ref('int_trade__parties') }}),

totals as (

    select
        totals.*,
        parties.party_id as importer_id
    from {{ ref('int_trade__importer_years') }} as totals
    inner join parties on totals.importer_number = parties.party_number
    where parties.party_id in ('USA', 'EU27')

),

imports as (

    select
        imports.*,
        importers.party_id as importer_id,
        origins.party_id as origin_id
    from {{ ref('int_trade__imports_by_origin') }} as imports
    inner join parties as importers on imports.importer_number = importers.party_number
    inner join parties as origins on imports.origin_number = origins.party_number
    where importers.party_id in ('USA', 'EU27')

),

periods as (

    select distinct
        period_from,
        period_to
    from import_sources

),

matched_series as (

    select
        matches.mineral_id,
        matches.form,
        series.stage,
        series.series_number,
        series.series_id,
        series.edition,
        series.is_truncated_release,
        series.quantity_basis,
        series.reference_year
    from matches
    inner join series
        on
            series.is_current_series
            and matches.series_level = series.series_level
            and (
                matches.hs6 = series.hs6
                or (
                    matches.series_level = 'mineral_stage'
                    and matches.mineral_id = series.mineral_id
                    and matches.stage = series.stage
                )
            )

),

-- What the United States import of the goods in all, over the years of a period.
all_imports as (

    select
        matched_series.mineral_id,
        matched_series.form,
        periods.period_from,
        periods.period_to,
        max(matched_series.stage) as stage,
        max(matched_series.edition) as edition,
        case
            when min(matched_series.series_id) = max(matched_series.series_id)
                then min(matched_series.series_id)
            else min(matched_series.series_id) || ',' || max(matched_series.series_id)
        end as series_id,
        count(*) as year_count,
        bool_or(matched_series.is_truncated_release) as is_truncated_release,
        cast(sum(totals.value_usd) as bigint) as value_usd,
        cast(
            sum(
                case
                    when matched_series.quantity_basis = 'gross' then totals.quantity_kg * 1000
                    else totals.contained_g
                end
            ) as bigint
        ) as quantity_g,
        cast(
            sum(
                case
                    when matched_series.quantity_basis = 'gross' then totals.value_weighed_usd
                    else totals.value_contained_usd
                end
            ) as bigint
        ) as value_measured_usd
    from matched_series
    inner join totals
        on
            totals.importer_id = 'USA'
            and matched_series.series_number = totals.series_number
            and matched_series.reference_year = totals.reference_year
    inner join periods
        on
            matched_series.reference_year >= periods.period_from
            and matched_series.reference_year <= periods.period_to
    group by
        matched_series.mineral_id, matched_series.form, periods.period_from, periods.period_to

),

by_origin as (

    select
        matched_series.mineral_id,
        matched_series.form,
        periods.period_from,
        periods.period_to,
        imports.origin_id,
        cast(sum(imports.value_usd) as bigint) as value_usd,
        cast(
            sum(
                case
                    when matched_series.quantity_basis = 'gross' then imports.quantity_kg * 1000
                    else imports.contained_g
                end
            ) as bigint
        ) as quantity_g,
        cast(
            sum(
                case
                    when matched_series.quantity_basis = 'gross' then imports.value_weighed_usd
                    else imports.value_contained_usd
                end
            ) as bigint
        ) as value_measured_usd
    from matched_series
    inner join imports
        on
            imports.importer_id = 'USA'
            and matched_series.series_number = imports.series_number
            and matched_series.reference_year = imports.reference_year
    inner join periods
        on
            matched_series.reference_year >= periods.period_from
            and matched_series.reference_year <= periods.period_to
    group by
        matched_series.mineral_id, matched_series.form, periods.period_from,
        periods.period_to, imports.origin_id

),

us_sources as (

    select
        'USA' as importer_id,
        import_sources.source_row_id,
        import_sources.mineral_id,
        all_imports.stage,
        import_sources.form as goods,
        matches.series_level,
        matches.hs6,
        import_sources.origin_id,
        import_sources.period_from as period_from_year,
        import_sources.period_to as period_to_year,
        import_sources.source_id,
        import_sources.edition,
        import_sources.import_share,
        import_sources.import_share_lower,
        import_sources.import_share_upper,
        import_sources.is_estimated,
        coalesce(matches.share_measure, 'not_published') as share_measure,
        answering_sources.source_id as other_source_id,
        all_imports.edition as other_edition,
        all_imports.series_id as other_series_id,
        all_imports.value_usd as other_import_value_usd,
        coalesce(all_imports.is_truncated_release, false) as is_truncated_release,
        matches.goods_match,
        case
            when by_origin.value_usd is not null then by_origin.value_usd / all_imports.value_usd
            when not all_imports.is_truncated_release then 0
        end as other_value_share,
        case
            when not {{ is_weighed('all_imports.value_measured_usd', 'all_imports.value_usd') }}
                then null
            when by_origin.value_usd is null
                then case when not all_imports.is_truncated_release then 0 end
            when {{ is_weighed('by_origin.value_measured_usd', 'by_origin.value_usd') }}
                then by_origin.quantity_g / all_imports.quantity_g
        end as other_quantity_share,
        case
            when matches.mineral_id is null then 'no_line_of_the_same_goods'
            when all_imports.value_usd is null then 'no_trade_in_these_years'
            when by_origin.value_usd is null and all_imports.is_truncated_release
                then 'origin_cut_off_in_release'
        end as null_reason
    from import_sources
    cross join answering_sources
    left join matches
        on {{ same_key('import_sources', 'matches', ['mineral_id', 'form']) }}
    -- Of fewer years than USGS's no share is taken.
    left join all_imports
        on
            {{ same_key('import_sources', 'all_imports', [
                'mineral_id', 'form', 'period_from', 'period_to',
            ]) }}
            and all_imports.year_count = import_sources.period_to - import_sources.period_from + 1
    left join by_origin
        on
            all_imports.mineral_id = by_origin.mineral_id
            and all_imports.form = by_origin.form
            and all_imports.period_from = by_origin.period_from
            and all_imports.period_to = by_origin.period_to
            and import_sources.origin_id = by_origin.origin_id

),

-- HS lines that a pool is made of, in the year.
pooled_lines as (

    select distinct
        flows.pool_number as series_number,
        flows.reference_year,
        lines.hs6
    from {{ ref('int_trade__measured_flows') }} as flows
    inner join {{ ref('int_trade__series') }} as lines on flows.line_number = lines.series_number
    where flows.is_current_edition and flows.pool_number is not null

),

pools as (

    select
        series.series_number,
        series.mineral_id,
        series.stage,
        series.source_id,
        series.edition,
        series.series_id,
        series.is_truncated_release,
        series.importer_bloc_id is not null as is_of_one_bloc,
        series.reference_year,
        totals.value_usd as import_value_usd,
        from_china.value_usd
    from series
    inner join totals
        on
            totals.importer_id = 'EU27'
            and series.series_number = totals.series_number
            and series.reference_year = totals.reference_year
    left join imports as from_china
        on
            from_china.importer_id = 'EU27'
            and from_china.origin_id = 'CHN'
            and totals.series_number = from_china.series_number
            and totals.reference_year = from_china.reference_year
    where
        series.series_level = 'mineral_stage'
        and totals.value_usd > 0
        and (series.is_current_series or series.is_kept_beside)

),

import_pairs as (

    select
        one.*,
        other.series_number as other_series_number,
        other.source_id as other_source_id,
        other.edition as other_edition,
        other.series_id as other_series_id,
        other.is_truncated_release as is_other_truncated,
        other.import_value_usd as other_import_value_usd,
        other.value_usd as other_value_usd
    from pools as one
    inner join pools as other
        on {{ same_key('one', 'other', ['mineral_id', 'stage', 'reference_year']) }}
    where one.is_of_one_bloc and not other.is_of_one_bloc

),

-- Pairs of pools with a line that only one of the two has.
differing_pools as (

    select
        import_pairs.series_number,
        import_pairs.other_series_number,
        import_pairs.reference_year
    from import_pairs
    inner join pooled_lines
        on
            pooled_lines.series_number in (
                import_pairs.series_number, import_pairs.other_series_number
            )
            and import_pairs.reference_year = pooled_lines.reference_year
    group by
        import_pairs.series_number, import_pairs.other_series_number, import_pairs.reference_year
    having count(*) < 2 * count(distinct pooled_lines.hs6)

)

select * from us_sources
union all by name
select
    'EU27' as importer_id,
    import_pairs.mineral_id,
    import_pairs.stage,
    'all_lines' as goods,
    'mineral_stage' as series_level,
    'CHN' as origin_id,
    import_pairs.reference_year as period_from_year,
    import_pairs.reference_year as period_to_year,
    import_pairs.source_id,
    import_pairs.edition,
    import_pairs.other_source_id,
    import_pairs.other_edition,
    import_pairs.other_series_id,
    import_pairs.is_other_truncated as is_truncated_release,
    import_pairs.import_value_usd,
    import_pairs.other_import_value_usd,
    coalesce(import_pairs.value_usd, 0) / import_pairs.import_value_usd as import_share,
    false as is_estimated,
    'value' as share_measure,
    case
        when import_pairs.other_value_usd is not null
            then import_pairs.other_value_usd / import_pairs.other_import_value_usd
        when not import_pairs.is_other_truncated then 0
    end as other_value_share,
    case when differing_pools.series_number is not null then 'other_lines' else 'same' end
        as goods_match,
    case
        when import_pairs.other_value_usd is null and import_pairs.is_other_truncated
            then 'origin_cut_off_in_release'
    end as null_reason
from import_pairs
left join differing_pools
    on
        import_pairs.series_number = differing_pools.series_number
        and import_pairs.other_series_number = differing_pools.other_series_number
        and import_pairs.reference_year = differing_pools.reference_year
