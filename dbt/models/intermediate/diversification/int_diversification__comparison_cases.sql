{#-
    Every comparison that is asked: importer, line or pool, base and measure, with what is bought in all, its
    concentration and its largest share in both windows, or the reason why nothing can be compared.
-#}
with

windows as (

    select * from {{ ref('int_diversification__comparison_windows') }}

),

totals as (

    select * from {{ ref('int_diversification__window_totals') }}

),

origins as (

    select * from {{ ref('int_diversification__window_origins') }}

),

importers as (

    select * from {{ ref('int_diversification__importers') }}

),

by_year as (

    select * from {{ ref('int_trade__bloc_members_by_year') }}

),

opened as (

    select
        base.series_number,
        base.window_id as base_id,
        base.is_one_line,
        base.first_year as base_first_year,
        base.last_year as base_last_year,
        now.first_year as now_first_year,
        now.last_year as now_last_year,
        base.is_whole and now.is_whole as is_whole
    from windows as base
    inner join windows as now
        on base.series_number = now.series_number and now.window_id = 'now'
    where base.window_id <> 'now'

),

spans as (

    select distinct
        base_id,
        base_first_year,
        base_last_year,
        now_first_year,
        now_last_year
    from opened

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

changed as (

    select distinct
        bloc_number,
        base_id,
        now_last_year
    from member_years
    where years_inside < 6

),

-- Squared tonnes and the largest share, of countries only: blocs of origin stand beside them.
topped as (

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
        max(quantity_share) as top_quantity_share
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
windowed as (

    select
        totals.series_number,
        totals.window_id,
        totals.importer_number,
        measures.measure,
        {%- for slot in range(1, 4) %}
        case
            when measures.measure = 'value' then totals.value_{{ slot }}
            else totals.quantity_{{ slot }}
        end as total_{{ slot }},
        {%- endfor %}
        totals.years_bought = 3 as is_complete,
        totals.years_bought = 3 and (measures.measure = 'value' or totals.is_weighed)
            as is_measured,
        totals.is_de_minimis,
        totals.has_outliers and measures.measure = 'tonnes' as has_outliers,
        case
            when measures.measure = 'value' then topped.top_value_share
            else topped.top_quantity_share
        end as top_share,
        case
            when measures.measure = 'value'
                then (totals.value_hhi_1 + totals.value_hhi_2 + totals.value_hhi_3) / 3
            else
                (
                    topped.quantity_squared_1
                    / (cast(totals.quantity_1 as double) * totals.quantity_1)
                    + topped.quantity_squared_2
                    / (cast(totals.quantity_2 as double) * totals.quantity_2)
                    + topped.quantity_squared_3
                    / (cast(totals.quantity_3 as double) * totals.quantity_3)
                )
                / 3
        end as hhi
    from totals
    cross join measures
    left join topped
        on
            totals.series_number = topped.series_number
            and totals.window_id = topped.window_id
            and totals.importer_number = topped.importer_number

),

cases as (

    select
        opened.*,
        importers.importer_number,
        measures.measure,
        {%- for slot in range(1, 4) %}
        base.total_{{ slot }} as base_total_{{ slot }},
        now.total_{{ slot }} as now_total_{{ slot }},
        {%- endfor %}
        case
            when not opened.is_whole then 'series_break'
            when changed.bloc_number is not null then 'bloc_membership_changed'
            when not coalesce(now.is_complete, false) then 'no_imports_now'
            when not coalesce(base.is_complete, false) then 'no_imports_in_base'
            when not (now.is_measured and base.is_measured) then 'tonnage_not_published'
        end as null_reason,
        base.hhi as hhi_base,
        now.hhi as hhi_now,
        base.top_share as top_share_base,
        now.top_share as top_share_now,
        base.is_de_minimis or now.is_de_minimis as is_de_minimis,
        base.has_outliers or now.has_outliers as has_outliers
    from opened
    inner join importers on opened.series_number = importers.series_number
    cross join measures
    left join changed
        on
            importers.importer_number = changed.bloc_number
            and opened.base_id = changed.base_id
            and opened.now_last_year = changed.now_last_year
    left join windowed as base
        on
            opened.series_number = base.series_number
            and opened.base_id = base.window_id
            and importers.importer_number = base.importer_number
            and measures.measure = base.measure
    left join windowed as now
        on
            opened.series_number = now.series_number
            and now.window_id = 'now'
            and importers.importer_number = now.importer_number
            and measures.measure = now.measure

)

select * from cases
