{#-
    The one series that answers for a line, or for a mineral and stage, in a year: HS92 for its whole span
    wherever it exists, else the later revisions, else Eurostat's eight-digit codes, else declared trade
    that we reconciled, else what importers declare. Never spliced by what
    looks better: where the answer must pass to another series, `is_series_break` says so in its first year.
    A pool has no year in which its code had drifted away.
-#}
with

series as (

    select * from {{ ref('int_trade__series_numbered') }}

),

years as (

    select distinct
        line_number as series_number,
        reference_year,
        false as is_pool
    from {{ ref('int_trade__flow_valued') }}
    union all
    select distinct
        pool_number as series_number,
        reference_year,
        true as is_pool
    from {{ ref('int_trade__flow_valued') }}
    where pool_number is not null and not is_code_drift

),

ranked as (

    select
        series.series_number,
        series.series_level,
        series.series_id,
        series.line_code,
        series.mineral_id,
        case when series.series_level = 'mineral_stage' then series.stage end as pooled_stage,
        years.reference_year,
        series.is_partial_partners,
        row_number() over (
            partition by
                series.series_level, series.line_code, series.mineral_id,
                case when series.series_level = 'mineral_stage' then series.stage end,
                years.reference_year
            order by
                series.is_partial_partners, series.priority, series.series_id
        ) as rank_in_year
    from years
    inner join series on years.series_number = series.series_number

),

chosen as (

    select
        *,
        lag(series_id) over (
            partition by series_level, line_code, mineral_id, pooled_stage
            order by reference_year
        ) as series_id_before
    from ranked
    where rank_in_year = 1 and not is_partial_partners

)

select
    ranked.series_number,
    ranked.reference_year,
    chosen.series_number is not null as is_current_series,
    coalesce(chosen.series_id_before <> chosen.series_id, false) as is_series_break
from ranked
left join chosen
    on
        ranked.series_number = chosen.series_number
        and ranked.reference_year = chosen.reference_year
