-- What part of this importer's purchases comes from a country under its export control on this day? Low: goods wholly covered; high: also those covered in part and those closed to some buyers. Shares of several controls of one country on the same goods overlap: take the largest, never the sum. `list_checked_on`: what happened after that day is not in the list. Arguments: importer (code or name, see `dim_name`), any date (today, if left out).
create macro critical_minerals.marts.control_exposure(importer, on_day := 'today') as table
with question as materialized (
    select
        critical_minerals.marts.resolve_name('party', importer) as importer_id,
        critical_minerals.marts.resolve_day(on_day) as on_day
),

list_review as (
    select checked_on as list_checked_on
    from critical_minerals.marts.dim_reviewed_list
    where list_file = 'sources/reference/export_controls.csv'
)

select
    mart.importer_id,
    mart.importer_name,
    slice.status,
    mart.event_id,
    mart.item,
    mart.imposing_iso3,
    mart.imposing_name,
    mart.target_id,
    mart.target_name,
    mart.reach,
    mart.instrument,
    mart.series_level,
    mart.hs6,
    mart.mineral_id,
    mart.mineral_name,
    mart.stage,
    mart.scope,
    mart.verification,
    mart.value_share_before_low,
    mart.value_share_before_high,
    mart.value_share_latest_low,
    mart.value_share_latest_high,
    mart.quantity_share_before_low,
    mart.quantity_share_before_high,
    mart.quantity_share_latest_low,
    mart.quantity_share_latest_high,
    mart.quantity_basis,
    mart.first_year_before,
    mart.last_year_before,
    mart.latest_year,
    mart.quality_flags,
    mart.before_null_reason,
    mart.latest_null_reason,
    list_review.list_checked_on
from critical_minerals.marts.mart_export_control_exposure as mart
inner join critical_minerals.marts.fct_export_control_slice as slice
    on mart.event_id = slice.event_id and mart.item = slice.item
inner join question on mart.importer_id = question.importer_id
cross join list_review
where
    -- Shares are the same on every day from the announcement on: the last day has all controls.
    mart.on_date = (
        select max(last.on_date) from critical_minerals.marts.mart_export_control_exposure as last
    )
    and slice.valid_from <= question.on_day
    and question.on_day < coalesce(slice.valid_to, date '9999-12-31')
    and slice.status <> 'ended'
order by mart.value_share_before_high desc nulls last, mart.event_id, mart.item;
