{#-
    Every comparison that is asked: importer, line or pool, base and measure, with what is bought in all, its
    concentration and its largest share in both windows, or the reason why nothing can be compared. Beside it
    the benchmark: how one importer's share from one origin had changed as many years after its own base.
-#}
with

windows as (

    select * from {{ ref('int_diversification__window_imports') }}
    where origin_number is null

),

origins as (

    select * from {{ ref('int_diversification__window_imports') }}
    where origin_number is not null

),

by_year as (select * from {{ ref('int_trade__bloc_members_by_year') }}),

series as (

    select distinct
        series_number,
        mineral_id,
        stage
    from {{ ref('int_trade__series_by_year') }}
    where series_level = 'mineral_stage'

),

parties as (select * from {{ ref('int_trade__parties') }}),

totals as (

    select * from {{ ref('int_trade__importer_years') }}
    where value_usd > 0

),

imports as (

    select * from {{ ref('int_trade__imports_by_origin') }}
    where not is_inside and not is_code_drift

),

-- Squared tonnes and the largest share, of countries only: blocs of origin stand beside them.
squares as (

    select
        series_number,
        window_id,
        importer_number,
        {%- for slot in range(1, 4) %}
        cast(
            sum(cast(quantity_{{ slot }} as decimal(19, 0)) * quantity_{{ slot }}) as double
        ) as quantity_squared_{{ slot }},
        {%- endfor %}
        max(value_share) as top_value_share,
        max(known_quantity_share) as top_quantity_share
    from origins
    where not is_bloc_origin
    group by series_number, window_id, importer_number

),

measures as (

    select 'value' as measure
    union all
    select 'tonnes' as measure

),

-- Everything of one importer in one window, by measure.
window_measures as (

    select
        windows.series_number,
        windows.is_one_line,
        windows.importer_number,
        windows.window_id,
        windows.first_year,
        windows.last_year,
        windows.is_whole,
        measures.measure,
        {%- for slot in range(1, 4) %}
        case
            when measures.measure = 'value' then windows.value_{{ slot }}
            else windows.quantity_{{ slot }}
        end as total_{{ slot }},
        {%- endfor %}
        windows.years_bought = 3 as is_complete,
        windows.years_bought = 3 and (measures.measure = 'value' or windows.is_weighed)
            as is_measured,
        windows.weighed_share,
        windows.shipped_share,
        windows.is_de_minimis,
        windows.has_outliers and measures.measure = 'tonnes' as has_outliers,
        case
            when measures.measure = 'value' then squares.top_value_share
            else squares.top_quantity_share
        end as top_share,
        case
            when measures.measure = 'value'
                then (windows.value_hhi_1 + windows.value_hhi_2 + windows.value_hhi_3) / 3
            else
                (
                    squares.quantity_squared_1
                    / (cast(windows.quantity_1 as double) * windows.quantity_1)
                    + squares.quantity_squared_2
                    / (cast(windows.quantity_2 as double) * windows.quantity_2)
                    + squares.quantity_squared_3
                    / (cast(windows.quantity_3 as double) * windows.quantity_3)
                )
                / 3
        end as hhi
    from windows
    cross join measures
    left join squares
        on {{ same_key('windows', 'squares', ['series_number', 'window_id', 'importer_number']) }}

),

window_pairs as (

    select
        base.series_number,
        base.importer_number,
        base.measure,
        base.window_id as base_id,
        base.is_one_line,
        base.first_year as base_first_year,
        base.last_year as base_last_year,
        now.first_year as now_first_year,
        now.last_year as now_last_year,
        {%- for slot in range(1, 4) %}
        base.total_{{ slot }} as base_total_{{ slot }},
        now.total_{{ slot }} as now_total_{{ slot }},
        {%- endfor %}
        case
            when not (base.is_whole and now.is_whole) then 'series_break'
        end as break_reason,
        case
            when not now.is_complete then 'no_imports_now'
            when not base.is_complete then 'no_imports_in_base'
            when not (now.is_measured and base.is_measured)
                then
                    {{ tonnage_null_reason(
                        'least(now.weighed_share, base.weighed_share)',
                        'not base.is_one_line and least(now.shipped_share, base.shipped_share) >= '
                        ~ threshold('quantity_coverage_minimum'),
                    ) }}
        end as imports_reason,
        base.hhi as supplier_hhi_base,
        now.hhi as supplier_hhi_now,
        base.top_share as top_share_base,
        now.top_share as top_share_now,
        base.is_de_minimis or now.is_de_minimis as is_de_minimis,
        base.has_outliers or now.has_outliers as has_outliers
    from window_measures as base
    inner join window_measures as now
        on
            {{ same_key('base', 'now', ['series_number', 'importer_number', 'measure']) }}
            and now.window_id = 'now'
    where base.window_id <> 'now'

),

spans as (

    select distinct
        base_id,
        base_first_year,
        base_last_year,
        now_first_year,
        now_last_year
    from window_pairs

),

-- Blocs that had other members in one of the six years are no importer to compare.
member_years as (

    select
        by_year.bloc_number,
        by_year.member_number,
        spans.base_id,
        spans.now_last_year,
        count(*) as years_inside
    from spans
    inner join by_year
        on
            (
                spans.base_first_year <= by_year.reference_year
                and spans.base_last_year >= by_year.reference_year
            )
            or (
                spans.now_first_year <= by_year.reference_year
                and spans.now_last_year >= by_year.reference_year
            )
    group by by_year.bloc_number, by_year.member_number, spans.base_id, spans.now_last_year

),

changed_blocs as (

    select distinct
        bloc_number,
        base_id,
        now_last_year
    from member_years
    where years_inside < 6

),

benchmarks as (

    select
        benchmark.*,
        bases.first_year,
        bases.last_year
    from {{ ref('diversification_benchmark') }} as benchmark
    inner join {{ ref('diversification_base') }} as bases on benchmark.base_id = bases.base_id

),

whole_windows as (

    select distinct
        series_number,
        window_id,
        is_one_line
    from windows
    where is_whole

),

-- The share of the benchmark's importer from its origin in every year since its base.
benchmark_years as (

    select
        totals.reference_year,
        benchmarks.first_year,
        benchmarks.last_year,
        coalesce(imports.value_usd, 0) / totals.value_usd as value_share,
        case
            {%- for bought in ['totals', 'imports'] %}
            when
                {{ bought }}.value_usd is not null
                and not {{ is_weighed_by(bought, 'whole_windows.is_one_line') }}
                then null
            {%- endfor %}
            when imports.value_usd is null then 0
            when whole_windows.is_one_line then imports.quantity_kg / totals.quantity_kg
            else imports.contained_g / totals.contained_g
        end as quantity_share
    from benchmarks
    inner join series
        on benchmarks.mineral_id = series.mineral_id and benchmarks.stage = series.stage
    inner join whole_windows
        on
            series.series_number = whole_windows.series_number
            and benchmarks.base_id = whole_windows.window_id
    inner join parties as importer on benchmarks.importer_id = importer.party_id
    inner join parties as origin on benchmarks.origin_id = origin.party_id
    inner join totals
        on
            series.series_number = totals.series_number
            and importer.party_number = totals.importer_number
            and benchmarks.first_year <= totals.reference_year
    left join imports
        on
            totals.series_number = imports.series_number
            and totals.reference_year = imports.reference_year
            and totals.importer_number = imports.importer_number
            and origin.party_number = imports.origin_number

),

benchmark_shares as (

    select
        measures.measure,
        by_year.reference_year - by_year.first_year + 1 as slot,
        by_year.reference_year - by_year.last_year as years_after_base,
        case
            when measures.measure = 'value' then by_year.value_share
            else by_year.quantity_share
        end as share
    from benchmark_years as by_year
    cross join measures

),

-- Added up in the order of the years, as the base of every other share is: the benchmark must meet
-- itself to the last digit.
benchmark_bases as (

    select
        measure,
        (
            max(case when slot = 1 then share end)
            + max(case when slot = 2 then share end)
            + max(case when slot = 3 then share end)
        )
        / 3 as share_base
    from benchmark_shares
    group by measure

)

select
    window_pairs.series_number,
    window_pairs.importer_number,
    window_pairs.measure,
    window_pairs.base_id,
    window_pairs.is_one_line,
    window_pairs.base_first_year,
    window_pairs.base_last_year,
    window_pairs.now_first_year,
    window_pairs.now_last_year,
    {%- for slot in range(1, 4) %}
    window_pairs.base_total_{{ slot }},
    window_pairs.now_total_{{ slot }},
    {%- endfor %}
    case
        when window_pairs.break_reason is not null then window_pairs.break_reason
        when changed_blocs.bloc_number is not null then 'bloc_membership_changed'
        else window_pairs.imports_reason
    end as null_reason,
    window_pairs.supplier_hhi_base,
    window_pairs.supplier_hhi_now,
    window_pairs.top_share_base,
    window_pairs.top_share_now,
    window_pairs.is_de_minimis,
    window_pairs.has_outliers,
    window_pairs.now_last_year - window_pairs.base_last_year as years_after_base,
    benchmark.share - benchmark_bases.share_base as benchmark_change,
    benchmark.share / nullif(benchmark_bases.share_base, 0) as benchmark_ratio
from window_pairs
left join changed_blocs
    on
        window_pairs.importer_number = changed_blocs.bloc_number
        and window_pairs.base_id = changed_blocs.base_id
        and window_pairs.now_last_year = changed_blocs.now_last_year
left join benchmark_shares as benchmark
    on
        window_pairs.measure = benchmark.measure
        and window_pairs.now_last_year - window_pairs.base_last_year = benchmark.years_after_base
left join benchmark_bases on window_pairs.measure = benchmark_bases.measure
