{#-
    What each importer buys in the windows of three years that are compared: `now`, the last three of each line or
    pool, and each base of ours; in all (no origin), and from each origin where it bought in all three years.

    Only the series that answers for the latest year is looked at; a window in which another series answers is not
    whole, and empty. Of pools everybody who buys in the latest year is compared, of single lines the blocs and the
    parties of the January 2026 ministerial. Dollars, and kilograms (one line) or grams of metal (lines pooled).
    `is_weighed`: all three years have tonnes for enough of the value. `weighed_share` is the part of the value that
    has them in the year with the fewest; `shipped_share` that which has tonnes as shipped, whatever metal they hold.

    Shares are means of the yearly ones. Who sold nothing in a year has 0 of it; who sold for dollars with tonnes for
    too few of them (`is_unweighed`) has a part of the tonnes that nobody knows, and at least `known_quantity_share`.
    Of a line, `is_at_another_stage`: in some year goods of the origin count at another stage than the line's own.
-#}
with

current_series as (

    select * from {{ ref('int_trade__series_by_year') }}
    where series_level in ('hs6', 'mineral_stage') and is_current_series

),

bases as (select * from {{ ref('diversification_base') }}),
stages as (select * from {{ ref('stg_reference__stages') }}),
parties as (select * from {{ ref('int_trade__parties') }}),

ministerial_parties as (

    select distinct party_id
    from {{ ref('stg_reference__country_group_members') }}
    where group_id = 'MEETING_2026_01_12'

),

totals as (

    select * from {{ ref('int_trade__importer_years') }}
    where value_usd > 0

),

own_stages as (

    select distinct
        current_series.series_number,
        stages.stage_order
    from current_series
    inner join stages on current_series.stage = stages.stage

),

answering_series as (

    select
        series_number,
        series_level,
        source_id,
        quantity_basis = 'gross' as is_one_line,
        max(reference_year) as latest_year
    from current_series
    group by series_number, series_level, source_id, quantity_basis

),

latest as (

    select
        *,
        max(latest_year) over (partition by source_id) as latest_year_of_source
    from answering_series

),

-- What a later series has taken over, or a publisher's code has left, has no now.
compared_series as (

    select * from latest
    where latest_year = latest_year_of_source

),

spans as (

    select
        series_number,
        'now' as window_id,
        latest_year - 2 as first_year,
        latest_year as last_year
    from compared_series
    union all
    select
        compared_series.series_number,
        bases.base_id as window_id,
        bases.first_year,
        bases.last_year
    from compared_series
    cross join bases

),

windows as (

    select
        spans.series_number,
        spans.window_id,
        spans.first_year,
        spans.last_year,
        count(current_series.reference_year) = 3 as is_whole
    from spans
    left join current_series
        on
            spans.series_number = current_series.series_number
            and spans.first_year <= current_series.reference_year
            and spans.last_year >= current_series.reference_year
    group by spans.series_number, spans.window_id, spans.first_year, spans.last_year

),

importers as (

    select
        compared_series.series_number,
        compared_series.is_one_line,
        totals.importer_number
    from compared_series
    inner join totals
        on
            compared_series.series_number = totals.series_number
            and compared_series.latest_year = totals.reference_year
    inner join parties on totals.importer_number = parties.party_number
    left join ministerial_parties on parties.party_id = ministerial_parties.party_id
    where
        compared_series.series_level = 'mineral_stage'
        or parties.party_kind = 'bloc'
        or ministerial_parties.party_id is not null

),

importer_years as (

    select
        windows.*,
        importers.is_one_line,
        importers.importer_number,
        totals.reference_year - windows.first_year + 1 as slot,
        totals.value_usd,
        totals.value_squared / (cast(totals.value_usd as double) * totals.value_usd) as value_hhi,
        case when importers.is_one_line then totals.quantity_kg else totals.contained_g end
            as quantity,
        case
            when importers.is_one_line then totals.value_weighed_usd
            else totals.value_contained_usd
        end as value_weighed_usd,
        totals.value_weighed_usd as value_shipped_usd,
        totals.value_usd < {{ threshold('de_minimis_usd') }} as is_de_minimis,
        coalesce(
            totals.outlier_kg > {{ threshold('outlier_quantity_share') }} * totals.quantity_kg,
            false
        ) as has_outliers
    from windows
    inner join importers on windows.series_number = importers.series_number
    left join totals
        on
            case when windows.is_whole then windows.series_number end = totals.series_number
            and importers.importer_number = totals.importer_number
            and windows.first_year <= totals.reference_year
            and windows.last_year >= totals.reference_year

),

window_sums as (

    select
        series_number,
        is_one_line,
        window_id,
        cast(first_year as smallint) as first_year,
        cast(last_year as smallint) as last_year,
        is_whole,
        importer_number,
        {%- for slot in range(1, 4) %}
        max(case when slot = {{ slot }} then value_usd end) as value_{{ slot }},
        max(case when slot = {{ slot }} then quantity end) as quantity_{{ slot }},
        max(case when slot = {{ slot }} then value_hhi end) as value_hhi_{{ slot }},
        {%- endfor %}
        count(slot) as years_bought,
        count(
            case
                when
                    quantity > 0
                    and {{ is_weighed('value_weighed_usd', 'value_usd') }}
                    then 1
            end
        ) = 3 as is_weighed,
        min(
            case when slot is not null then coalesce(value_weighed_usd, 0) / value_usd end
        ) as weighed_share,
        min(
            case when slot is not null then coalesce(value_shipped_usd, 0) / value_usd end
        ) as shipped_share,
        bool_or(case when slot is not null then is_de_minimis end) as is_de_minimis,
        bool_or(case when slot is not null then has_outliers end) as has_outliers
    from importer_years
    group by
        series_number, is_one_line, window_id, first_year, last_year, is_whole, importer_number

),

imports as (

    select * from {{ ref('int_trade__imports_by_origin') }}
    where not is_inside and not is_code_drift

),

years as (

    select
        window_sums.series_number,
        window_sums.window_id,
        window_sums.is_one_line,
        cast(window_sums.first_year + slots.slot - 1 as smallint) as reference_year,
        slots.slot,
        window_sums.importer_number
    from window_sums
    cross join (values (1), (2), (3)) as slots (slot)
    where window_sums.years_bought = 3

),

origin_years as (

    select
        years.series_number,
        years.window_id,
        years.slot,
        imports.importer_number,
        imports.origin_number,
        imports.is_bloc_origin,
        imports.value_usd,
        case when years.is_one_line then imports.quantity_kg else imports.contained_g end
            as quantity,
        {{ is_weighed_by('imports', 'years.is_one_line') }} as is_weighed,
        imports.has_double_count,
        coalesce(
            imports.outlier_kg > {{ threshold('outlier_quantity_share') }} * imports.quantity_kg,
            false
        ) as has_outliers,
        coalesce(
            imports.first_stage_order <> own_stages.stage_order
            or imports.last_stage_order <> own_stages.stage_order,
            false
        ) as is_at_another_stage
    from years
    inner join imports
        on
            years.series_number = imports.series_number
            and years.reference_year = imports.reference_year
            and years.importer_number = imports.importer_number
    left join own_stages on years.series_number = own_stages.series_number

),

origin_window_sums as (

    select
        series_number,
        window_id,
        importer_number,
        origin_number,
        is_bloc_origin,
        {%- for slot in range(1, 4) %}
        coalesce(max(case when slot = {{ slot }} then value_usd end), 0) as value_{{ slot }},
        coalesce(max(case when slot = {{ slot }} then quantity end), 0) as quantity_{{ slot }},
        {%- endfor %}
        bool_or(slot = 3) as is_recorded_3,
        bool_or(not is_weighed) as is_unweighed,
        bool_or(has_double_count) as has_double_count,
        bool_or(has_outliers) as has_outliers,
        bool_or(is_at_another_stage) as is_at_another_stage
    from origin_years
    group by series_number, window_id, importer_number, origin_number, is_bloc_origin

)

select * from window_sums
union all by name
select
    origin_window_sums.*,
    (
        origin_window_sums.value_1 / window_sums.value_1
        + origin_window_sums.value_2 / window_sums.value_2
        + origin_window_sums.value_3 / window_sums.value_3
    ) / 3 as value_share,
    case
        when window_sums.is_weighed
            then
                (
                    origin_window_sums.quantity_1 / window_sums.quantity_1
                    + origin_window_sums.quantity_2 / window_sums.quantity_2
                    + origin_window_sums.quantity_3 / window_sums.quantity_3
                ) / 3
    end as known_quantity_share
from origin_window_sums
inner join window_sums
    on
        {{ same_key(
            'origin_window_sums', 'window_sums', ['series_number', 'window_id', 'importer_number']
        ) }}
