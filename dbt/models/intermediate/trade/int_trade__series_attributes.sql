{#-
    What each series is made of: the lines that a pool holds and those it lacks, and what holds for all of
    its rows.
-#}
with

series as (

    select * from {{ ref('int_trade__series') }}

),

lines as (

    select * from {{ ref('int_trade__lines') }}

),

hs_lines as (

    select * from {{ ref('stg_reference__hs_lines') }}
    where is_exclusive

),

editions as (

    select distinct
        series_id,
        edition
    from {{ ref('int_trade__current_editions') }}
    where is_current_edition

),

baci_series as (

    select * from {{ ref('stg_cepii_baci__series') }}

),

used as (

    select distinct
        pool_number as series_number,
        line_number,
        contained_factor_key
    from {{ ref('int_trade__measured_flows') }}
    where
        is_current_edition
        and pool_number is not null
        and not is_code_drift
        and not is_suspected_double_count

),

-- With its flows a line can lie in two pools: DR Congo's cobalt is intermediate, the rest refined.
pooled as (

    select
        used.series_number,
        count(distinct case when used.contained_factor_key is null then line.line_code end)
            as lines_without_factor,
        bool_or(coalesce(lines.is_grade_heterogeneous, false)) as is_grade_heterogeneous
    from used
    inner join series as line on used.line_number = line.series_number
    left join lines on line.hs6 = lines.hs6
    group by used.series_number

),

-- Lines of the same mineral, stage and revision that the series does not have. The first six digits
-- of an eight-digit code are those of the HS in force.
missing as (

    select distinct pool.series_number
    from series as pool
    inner join hs_lines
        on pool.mineral_id = hs_lines.mineral_id and pool.stage = hs_lines.stage
    left join series as line
        on
            hs_lines.hs6 = line.hs6
            and pool.series_id = line.series_id
            and pool.edition = line.edition
            and line.series_level <> 'mineral_stage'
    where
        pool.series_level = 'mineral_stage'
        and replace(pool.hs_revision, 'CN8', 'HS2022') >= hs_lines.hs_revision_from
        and replace(pool.hs_revision, 'CN8', 'HS2022') <= hs_lines.hs_revision_to
        and line.hs6 is null

),

line_counts as (

    select distinct
        series_number,
        line_count
    from {{ ref('int_trade__series_by_year') }}

)

select
    series.*,
    coalesce(line_counts.line_count, 1) as line_count,
    case
        when series.series_level = 'mineral_stage' then pooled.lines_without_factor
        when lines.contained_factor_key is null then 1
        else 0
    end as lines_without_factor,
    coalesce(pooled.is_grade_heterogeneous, lines.is_grade_heterogeneous, false)
        as is_grade_heterogeneous,
    missing.series_number is not null or not series.has_own_line as has_missing_lines,
    coalesce(baci_series.is_truncated_release, false) as is_truncated_release
from series
-- What no longer answers for any year is no series of the release.
inner join editions
    on series.series_id = editions.series_id and series.edition = editions.edition
left join pooled on series.series_number = pooled.series_number
left join lines on series.hs6 = lines.hs6
left join line_counts on series.series_number = line_counts.series_number
left join missing on series.series_number = missing.series_number
left join baci_series
    on series.series_id = baci_series.series_id and series.edition = baci_series.edition
