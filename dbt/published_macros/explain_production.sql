-- Every step behind one production figure: the publisher's words, our reading, share and rank. Argument: source_row_id of a row of fct_production. Shares printed as such (eu_crm) rest on no figure and are not found here.
create macro critical_minerals.marts.explain_production(row_id) as table
with question as materialized (
    select
        case
            when exists (select 1 from critical_minerals.marts.fct_production where source_row_id = row_id) then row_id
            else
                error(
                    concat(
                        'No row of marts.fct_production has the source_row_id ''', coalesce(row_id, 'null'),
                        '''. Look it up there.'
                    )
                )
        end as source_row_id
)

select
    fact.source_row_id,
    edition.citation,
    edition.released_on,
    fact.source_file,
    fact.published_commodity,
    fact.published_stage,
    fact.published_country,
    fact.published_value,
    fact.published_unit,
    fact.mineral_id,
    fact.mineral_name,
    fact.stage,
    fact.form,
    fact.basis,
    fact.country_iso3,
    fact.country_name,
    fact.reference_year,
    fact.quantity_tonnes,
    fact.value_status,
    fact.is_estimated,
    fact.derivation,
    share.world_total_tonnes,
    share.production_share,
    share.producer_rank,
    share.null_reason,
    fact.is_current_edition
from critical_minerals.marts.fct_production as fact
left join critical_minerals.marts.dim_edition as edition
    on fact.source_id = edition.source_id and fact.edition = edition.edition
left join critical_minerals.marts.mart_production_share as share
    on fact.source_row_id = share.source_row_id
cross join question
where fact.source_row_id = coalesce(row_id, '') and question.source_row_id is not null;
