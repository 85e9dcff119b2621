{#-
    China in the EU's imports from outside, by value, as Eurostat and as BACI have it: each mineral, stage and
    year that both pool. Eurostat counts CIF by country of origin, BACI FOB by exporter.
-#}
with

series as (

    select * from {{ ref('int_trade__series_by_year') }}

),

parties as (

    select * from {{ ref('int_trade__parties') }}

),

totals as (

    select totals.*
    from {{ ref('int_trade__importer_years') }} as totals
    inner join parties on totals.importer_number = parties.party_number
    where parties.party_id = 'EU27' and totals.value_usd > 0

),

from_china as (

    select imports.*
    from {{ ref('int_trade__imports_by_origin') }} as imports
    inner join parties on imports.importer_number = parties.party_number
    inner join parties as origins on imports.origin_number = origins.party_number
    where parties.party_id = 'EU27' and origins.party_id = 'CHN'

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
            series.series_number = totals.series_number
            and series.reference_year = totals.reference_year
    left join from_china
        on
            totals.series_number = from_china.series_number
            and totals.reference_year = from_china.reference_year
    where
        series.series_level = 'mineral_stage'
        and (series.is_current_series or series.is_kept_beside)

),

paired as (

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
        on
            one.mineral_id = other.mineral_id
            and one.stage = other.stage
            and one.reference_year = other.reference_year
    where one.is_of_one_bloc and not other.is_of_one_bloc

),

-- Lines that only one of the two has.
unshared as (

    select
        paired.series_number,
        paired.reference_year,
        count(*) as line_count
    from paired
    inner join pooled_lines as one
        on
            paired.series_number = one.series_number
            and paired.reference_year = one.reference_year
    left join pooled_lines as other
        on
            paired.other_series_number = other.series_number
            and paired.reference_year = other.reference_year
            and one.hs6 = other.hs6
    where other.hs6 is null
    group by paired.series_number, paired.reference_year
    union all
    select
        paired.series_number,
        paired.reference_year,
        count(*) as line_count
    from paired
    inner join pooled_lines as other
        on
            paired.other_series_number = other.series_number
            and paired.reference_year = other.reference_year
    left join pooled_lines as one
        on
            paired.series_number = one.series_number
            and paired.reference_year = one.reference_year
            and other.hs6 = one.hs6
    where one.hs6 is null
    group by paired.series_number, paired.reference_year

),

counted as (

    select
        series_number,
        reference_year,
        sum(line_count) as line_count
    from unshared
    group by series_number, reference_year

)

select
    paired.mineral_id,
    paired.stage,
    paired.reference_year,
    paired.source_id,
    paired.edition,
    paired.other_source_id,
    paired.other_edition,
    paired.other_series_id,
    paired.is_other_truncated as is_truncated_release,
    paired.import_value_usd,
    paired.other_import_value_usd,
    coalesce(paired.value_usd, 0) / paired.import_value_usd as import_share,
    case
        when paired.other_value_usd is not null
            then paired.other_value_usd / paired.other_import_value_usd
        when not paired.is_other_truncated then 0
    end as other_value_share,
    case when counted.line_count > 0 then 'other_lines' else 'same' end as goods_match,
    case
        when paired.other_value_usd is null and paired.is_other_truncated
            then 'origin_cut_off_in_release'
    end as null_reason
from paired
left join counted
    on
        paired.series_number = counted.series_number
        and paired.reference_year = counted.reference_year
