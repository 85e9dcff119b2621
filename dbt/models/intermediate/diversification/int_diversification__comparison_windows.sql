{#-
    The windows of three years that are compared: `now`, the last three of each line or pool, and each base of
    ours. Only the series that answers for the latest year is looked at; a window in which another series
    answers is not whole.
-#}
with

chosen as (

    select * from {{ ref('int_trade__series_by_year') }}
    where is_current_series

),

series as (

    select * from {{ ref('int_trade__series_attributes') }}
    where series_level in ('hs6', 'mineral_stage')

),

bases as (

    select * from {{ ref('diversification_base') }}

),

answering as (

    select
        series.series_number,
        series.source_id,
        series.series_level = 'hs6' or series.line_count = 1 as is_one_line,
        max(chosen.reference_year) as latest_year
    from chosen
    inner join series on chosen.series_number = series.series_number
    group by
        series.series_number, series.source_id,
        series.series_level = 'hs6' or series.line_count = 1

),

-- What a later series has taken over, or a publisher's code has left, has no now.
latest as (

    select
        *,
        max(latest_year) over (partition by source_id) as latest_year_of_source
    from answering

),

windows as (

    select
        series_number,
        is_one_line,
        'now' as window_id,
        latest_year - 2 as first_year,
        latest_year as last_year
    from latest
    where latest_year = latest_year_of_source
    union all
    select
        latest.series_number,
        latest.is_one_line,
        bases.base_id as window_id,
        bases.first_year,
        bases.last_year
    from latest
    cross join bases
    where latest.latest_year = latest.latest_year_of_source

)

select
    windows.series_number,
    windows.is_one_line,
    windows.window_id,
    cast(windows.first_year as smallint) as first_year,
    cast(windows.last_year as smallint) as last_year,
    count(chosen.reference_year) = 3 as is_whole
from windows
left join chosen
    on
        windows.series_number = chosen.series_number
        and windows.first_year <= chosen.reference_year
        and windows.last_year >= chosen.reference_year
group by
    windows.series_number, windows.is_one_line, windows.window_id, windows.first_year,
    windows.last_year
