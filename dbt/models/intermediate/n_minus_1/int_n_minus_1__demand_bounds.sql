{#-
    What every producer of a stage keeps for itself: production, plus imports, less exports, in tonnes of
    metal, by the middle factors and at most (imports by the high, exports by the low ones). Trade is that of
    the series which answers for the year; a cargo that stands under two codes counts once.
-#}
with

flows as (

    select * from {{ ref('int_trade__current_flows') }}
    where pool_number is not null and not is_suspected_double_count and not is_code_drift

),

series as (

    select * from {{ ref('int_trade__series_attributes') }}
    where series_level = 'mineral_stage'

),

chosen as (

    select * from {{ ref('int_trade__series_by_year') }}
    where is_current_series

),

parties as (

    select * from {{ ref('int_trade__parties') }}

),

covered as (

    select * from {{ ref('covered_trade_stage') }}

),

leaders as (

    select distinct
        mineral_id,
        stage,
        reference_year,
        leader_country_iso3
    from {{ ref('int_n_minus_1__leader_removals') }}
    where supply_scenario = 'observed' and stage <> 'mine' and basis = 'contained'

),

asked as (

    select
        leaders.mineral_id,
        leaders.stage,
        leaders.reference_year,
        leaders.leader_country_iso3 as country_iso3,
        parties.party_number,
        series.series_number,
        series.series_id,
        series.has_missing_lines,
        series.lines_without_factor,
        series.is_truncated_release,
        covered.mineral_id is not null as is_covered
    from leaders
    inner join parties on leaders.leader_country_iso3 = parties.party_id
    inner join series
        on leaders.mineral_id = series.mineral_id and leaders.stage = series.stage
    inner join chosen
        on
            series.series_number = chosen.series_number
            and leaders.reference_year = chosen.reference_year
    left join covered
        on leaders.mineral_id = covered.mineral_id and leaders.stage = covered.stage

),

pools as (

    select distinct
        series_number,
        reference_year
    from asked

),

-- The stages and years asked for, and no other.
asked_flows as (

    select flows.*
    from flows
    inner join pools
        on
            flows.pool_number = pools.series_number
            and flows.reference_year = pools.reference_year

),

bought as (

    select
        pool_number as series_number,
        reference_year,
        importer_number as party_number,
        cast(sum(value_usd) as bigint) as value_usd,
        cast(sum(case when contained_g is not null then value_usd end) as bigint)
            as value_contained_usd,
        cast(sum(contained_g) as bigint) as contained_g,
        cast(sum(contained_high_g) as bigint) as contained_high_g
    from asked_flows
    group by pool_number, reference_year, importer_number

),

sold as (

    select
        pool_number as series_number,
        reference_year,
        exporter_number as party_number,
        cast(sum(value_usd) as bigint) as value_usd,
        cast(sum(case when contained_g is not null then value_usd end) as bigint)
            as value_contained_usd,
        cast(sum(contained_g) as bigint) as contained_g,
        cast(sum(contained_low_g) as bigint) as contained_low_g
    from asked_flows
    group by pool_number, reference_year, exporter_number

)

select
    asked.mineral_id,
    asked.stage,
    asked.reference_year,
    asked.country_iso3,
    asked.series_id,
    asked.has_missing_lines,
    (coalesce(bought.contained_g, 0) - coalesce(sold.contained_g, 0)) / 1000000
        as net_import_tonnes,
    (coalesce(bought.contained_high_g, 0) - coalesce(sold.contained_low_g, 0)) / 1000000
        as net_import_max_tonnes,
    case
        when asked.has_missing_lines and not asked.is_covered then 'trade_lines_missing'
        when asked.is_truncated_release then 'truncated_release'
        when asked.lines_without_factor > 0 then 'no_contained_factor'
        when
            coalesce(bought.value_contained_usd, 0)
            < {{ threshold('quantity_coverage_minimum') }} * coalesce(bought.value_usd, 0)
            or coalesce(sold.value_contained_usd, 0)
            < {{ threshold('quantity_coverage_minimum') }} * coalesce(sold.value_usd, 0)
            then 'tonnage_not_published'
    end as null_reason
from asked
left join bought
    on
        asked.series_number = bought.series_number
        and asked.reference_year = bought.reference_year
        and asked.party_number = bought.party_number
left join sold
    on
        asked.series_number = sold.series_number
        and asked.reference_year = sold.reference_year
        and asked.party_number = sold.party_number
