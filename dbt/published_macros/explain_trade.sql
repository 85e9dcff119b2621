-- Every step behind one flow: the publisher's codes and figures, our reading, and the shares that it is part of. Argument: source_row_id of a row of fct_trade.
create macro critical_minerals.marts.explain_trade(row_id) as table
with fact as materialized (
    select *
    from critical_minerals.marts.fct_trade
    where
        source_row_id = coalesce(row_id, '')
        -- Year and line of a row of BACI stand in its id: only their flows are put beside it.
        and reference_year = coalesce(
            try_cast(regexp_extract(row_id, '^[^:]+:[^:]+:(\d{4}):\d{6}:\d+:\d+$', 1) as integer), reference_year
        )
        and hs6 = coalesce(nullif(regexp_extract(row_id, '^[^:]+:[^:]+:\d{4}:(\d{6}):\d+:\d+$', 1), ''), hs6)
),

requested_row as materialized (
    select
        case
            when exists (select 1 from fact) then row_id
            else
                error(
                    concat(
                        'No row of marts.fct_trade has the source_row_id ''', coalesce(row_id, 'null'),
                        '''. Look it up there.'
                    )
                )
        end as source_row_id
)

select
    fact.source_row_id,
    edition.citation,
    edition.released_on,
    fact.series_id,
    fact.hs_revision,
    fact.line_code,
    line.note as line_note,
    fact.exporter_id,
    fact.exporter_name,
    fact.importer_id,
    fact.importer_name,
    fact.reference_year,
    fact.value_usd,
    fact.quantity_tonnes_gross,
    fact.quantity_status,
    fact.mineral_id,
    fact.mineral_name,
    fact.stage,
    fact.form,
    fact.contained_factor_key,
    fact.quantity_tonnes_contained,
    fact.quantity_tonnes_contained_low,
    fact.quantity_tonnes_contained_high,
    share.value_share,
    share.quantity_share,
    fact.is_current_series,
    fact.quality_flags
from fact
left join critical_minerals.marts.dim_edition as edition
    on fact.source_id = edition.source_id and fact.edition = edition.edition
left join (
    select hs6, min(note) as note from critical_minerals.marts.dim_hs_line group by hs6
) as line
    on fact.hs6 = line.hs6
left join critical_minerals._stored.mart_import_dependency_of(
    (select importer_id from fact limit 1), (select mineral_id from fact limit 1)
) as share
    on fact.importer_id = share.importer_id
    and share.series_level = 'hs6'
    and fact.hs6 = share.hs6
    and fact.series_id = share.series_id
    and fact.edition = share.edition
    and fact.reference_year = share.reference_year
    and fact.exporter_id = share.origin_id
cross join requested_row
where requested_row.source_row_id is not null;
