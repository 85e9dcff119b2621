{#- What holds for all rows of a series in a year, as an analyst reads it. -#}
with

series as (

    select * from {{ ref('int_trade__series_attributes') }}

),

chosen as (

    select * from {{ ref('int_trade__series_by_year') }}

)

select
    cast(
        row_number() over (order by series.series_number, chosen.reference_year) as smallint
    ) as series_year_number,
    series.series_number,
    chosen.reference_year,
    series.series_level,
    series.hs6,
    series.mineral_id,
    series.stage,
    chosen.pooled_lines,
    series.source_id,
    series.series_id,
    series.edition,
    series.hs_revision,
    chosen.is_current_series,
    chosen.is_series_break,
    series.is_mixed_line,
    series.is_grade_heterogeneous,
    series.has_missing_lines,
    series.is_truncated_release,
    series.lines_without_factor > 0 as has_lines_without_factor,
    -- Pools are shared by metal where every line has a factor, else by weight where they are one
    -- line.
    case
        when series.series_level = 'hs6' or series.line_count = 1 then 'gross'
        else 'contained'
    end as quantity_basis
from series
inner join chosen on series.series_number = chosen.series_number
order by series_year_number
