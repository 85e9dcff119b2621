{#-
    The one series that answers for a line, or for a mineral and stage, in a year: HS92 for its whole span
    wherever it exists, else the later revisions, else Eurostat's eight-digit codes, else declared trade
    that we reconciled, else what importers declare. For a pool it is the series that holds most of its lines
    in most years; years are never picked from several series by their figures. Where another series must take over,
    `is_series_break` says so in its first year. Eurostat's series answers for the EU where no other has a line of the
    stage itself; for all other importers a pool of goods that were moved to the stage then answers.
    A pool has no row for a year in which a later revision had emptied its code (`drift_from_year`). `pooled_lines`
    names every line of the series with a flow at the stage; `line_count` is their number over all years, 1 for a line.
    Facts of the whole series (lines it lacks, goods of many grades, lines without a factor) are repeated each year;
    a line of which the extract lacks codes is lacking in that year.
-#}
{%- set is_pooled -%}
flows.is_exclusive and not flows.is_code_drift and repeated.hs6 is null
{%- endset -%}
with

series as (select * from {{ ref('int_trade__series') }}),
lines as (select * from {{ ref('int_trade__lines') }}),

hs_lines as (

    select * from {{ ref('stg_reference__hs_lines') }}
    where is_exclusive

),

-- What of each line is there in a year; pooled is what had not drifted away, and whose goods does
-- not count under another line.
present_lines as (

    select
        flows.series_id,
        flows.edition,
        flows.line_code,
        flows.hs6,
        flows.mineral_id,
        flows.stage,
        flows.reference_year,
        bool_or({{ is_pooled }}) as is_pooled,
        -- Of what has no tonnes no factor lacks.
        bool_or(
            {{ is_pooled }} and flows.contained_factor_key is null and flows.quantity_kg is not null
        ) as is_without_factor
    from {{ ref('int_trade__classified_flows') }} as flows
    inner join {{ ref('int_trade__current_editions') }} as editions
        on
            {{ same_key('flows', 'editions', ['series_id', 'edition', 'reference_year']) }}
            and editions.is_current_edition
    left join {{ ref('int_trade__double_counts') }} as repeated
        on {{ same_key('flows', 'repeated', flow_key()) }}
    group by
        flows.series_id, flows.edition, flows.line_code, flows.hs6, flows.mineral_id, flows.stage,
        flows.reference_year

),

pool_lines as (

    select
        series.series_number,
        present_lines.reference_year,
        present_lines.line_code,
        present_lines.is_without_factor,
        coalesce(lines.is_grade_heterogeneous, false) as is_grade_heterogeneous
    from present_lines
    inner join series
        on
            {{ same_key(
                'present_lines', 'series', ['series_id', 'edition', 'mineral_id', 'stage']
            ) }}
    left join lines on present_lines.hs6 = lines.hs6
    where series.series_level = 'mineral_stage' and present_lines.is_pooled

),

-- With its flows a line can lie in two pools: DR Congo's cobalt is intermediate, the rest refined.
pools as (

    select
        series_number,
        count(distinct line_code) as line_count,
        count(distinct case when is_without_factor then line_code end) as lines_without_factor,
        bool_or(is_grade_heterogeneous) as is_grade_heterogeneous
    from pool_lines
    group by series_number

),

-- Lines of the same mineral, stage and revision: how many there are, and how many the series has.
-- The first six digits of an eight-digit code are those of the HS in force.
stage_lines as (

    select
        pool.series_number,
        count(distinct hs_lines.hs6) as line_count,
        count(distinct line.hs6) as held_count
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
    group by pool.series_number

),

-- Of these lines the extract lacks codes in the year: how many of a pool's are not whole.
partly_held as (

    select
        pool.series_number,
        imports.reference_year,
        count(distinct imports.hs6) as line_count
    from {{ ref('stg_eurostat_comext__imports') }} as imports
    inner join series as pool
        on {{ same_key('imports', 'pool', ['series_id', 'edition', 'mineral_id', 'stage']) }}
    where imports.line_coverage = 'part' and pool.series_level = 'mineral_stage'
    group by pool.series_number, imports.reference_year

),

years as (

    select
        series.series_number,
        present_lines.reference_year,
        1 as lines_in_year,
        cast(null as string) as pooled_lines
    from present_lines
    inner join series
        on {{ same_key('present_lines', 'series', ['series_id', 'edition', 'line_code']) }}
    where series.series_level <> 'mineral_stage'
    group by series.series_number, present_lines.reference_year
    union all
    select
        series_number,
        reference_year,
        count(*) as lines_in_year,
        array_to_string(array_sort(array_agg(line_code)), ',') as pooled_lines
    from pool_lines
    group by series_number, reference_year

),

series_years as (

    select
        series.series_number,
        series.series_level,
        series.series_id,
        series.line_code,
        series.mineral_id,
        case when series.series_level = 'mineral_stage' then series.stage end as pooled_stage,
        years.reference_year,
        years.pooled_lines,
        series.is_partial_partners,
        series.has_own_line,
        series.importer_bloc_id is not null as is_of_a_bloc,
        series.priority,
        case
            when series.series_level = 'mineral_stage'
                then
                    sum(years.lines_in_year) over (
                        partition by
                            series.series_level, series.mineral_id, series.stage, series.series_id
                    )
        end as line_years
    from years
    inner join series on years.series_number = series.series_number

),

ranked_series as (

    select
        *,
        row_number() over (
            partition by
                series_level, line_code, mineral_id, pooled_stage, reference_year,
                is_of_a_bloc
            order by
                is_partial_partners asc,
                has_own_line desc,
                line_years desc,
                priority asc,
                series_id asc
        ) as rank_in_year,
        bool_or(has_own_line and not is_of_a_bloc and not is_partial_partners) over (
            partition by series_level, line_code, mineral_id, pooled_stage, reference_year
        ) as has_line_of_world
    from series_years

),

first_series as (

    select *
    from ranked_series
    where
        rank_in_year = 1
        and not is_partial_partners
        and not (is_of_a_bloc and has_line_of_world)

),

-- Two at most answer in a year: Eurostat's for the EU, another for everybody else. What only holds
-- moved goods was not the EU's answer before Eurostat's.
answering_series as (

    select
        series_level,
        line_code,
        mineral_id,
        pooled_stage,
        reference_year,
        lag(min(series_id)) over before as first_series_before,
        lag(max(series_id)) over before as last_series_before,
        lag(max(case when has_own_line then series_id end) ignore nulls) over before
            as own_series_before
    from first_series
    group by series_level, line_code, mineral_id, pooled_stage, reference_year
    window before as (
        partition by series_level, line_code, mineral_id, pooled_stage
        order by reference_year
    )

)

select
    series.*,
    cast(
        row_number()
            over (order by ranked_series.series_number, ranked_series.reference_year)
        as smallint
    ) as series_year_number,
    ranked_series.reference_year,
    ranked_series.pooled_lines,
    coalesce(pools.line_count, 1) as line_count,
    case
        when series.series_level = 'mineral_stage' then pools.lines_without_factor
        when lines.contained_factor_key is null then 1
        else 0
    end as lines_without_factor,
    -- Pools are shared by metal where every line has a factor, else by weight where they are one
    -- line.
    case
        when series.series_level = 'hs6' or coalesce(pools.line_count, 1) = 1 then 'gross'
        else 'contained'
    end as quantity_basis,
    coalesce(pools.is_grade_heterogeneous, lines.is_grade_heterogeneous, false)
        as is_grade_heterogeneous,
    coalesce(stage_lines.held_count < stage_lines.line_count, false)
    or not series.has_own_line
    or partly_held.line_count is not null as has_missing_lines,
    case
        when series.series_level = 'mineral_stage'
            then
                case
                    when series.has_own_line
                        then
                            (stage_lines.held_count - coalesce(partly_held.line_count, 0))
                            / stage_lines.line_count
                    else 0
                end
    end as lines_held_share,
    coalesce(baci_series.is_truncated_release, false) as is_truncated_release,
    first_series.series_number is not null as is_current_series,
    coalesce(
        case
            when first_series.is_of_a_bloc
                then first_series.series_id <> answering_series.own_series_before
            else
                first_series.series_id <> answering_series.first_series_before
                and first_series.series_id <> answering_series.last_series_before
        end,
        false
    ) as is_series_break
from ranked_series
inner join series on ranked_series.series_number = series.series_number
left join pools on ranked_series.series_number = pools.series_number
left join lines on series.hs6 = lines.hs6
left join stage_lines on ranked_series.series_number = stage_lines.series_number
left join partly_held
    on
        ranked_series.series_number = partly_held.series_number
        and ranked_series.reference_year = partly_held.reference_year
left join {{ ref('stg_cepii_baci__series') }} as baci_series
    on series.series_id = baci_series.series_id and series.edition = baci_series.edition
left join first_series
    on {{ same_key('ranked_series', 'first_series', ['series_number', 'reference_year']) }}
left join answering_series
    on
        {{ same_key('first_series', 'answering_series', [
            'series_level', 'line_code', 'mineral_id', 'reference_year',
        ]) }}
        and first_series.pooled_stage is not distinct from answering_series.pooled_stage
order by series_year_number
