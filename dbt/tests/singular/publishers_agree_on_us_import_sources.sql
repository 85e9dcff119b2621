{{ config(severity='warn', meta={'dagster': {'ref': {'name': 'mart_import_share_disagreement'}}}) }}
{#-
    What USGS says of where the United States import a mineral from is what BACI has, up to the tolerance,
    where both count the same goods over the same years. Correct data exceed it (a shipper's declaration
    beside the importer's): it warns, and a series that was looked into is in `accepted_finding` with its
    reason.
-#}
select compared.*
from {{ ref('mart_import_share_disagreement') }} as compared
left join {{ ref('accepted_finding') }} as accepted
    on
        accepted.check_name = 'publishers_agree_on_us_import_sources'
        and accepted.statistic = 'us_import_source'
        and compared.source_id = accepted.source_id
        and compared.edition = accepted.edition
        and compared.mineral_id = accepted.mineral_id
        and compared.goods = accepted.form
        and compared.compared_by = accepted.basis
        and compared.period_to_year = accepted.reference_year
where
    compared.importer_id = 'USA'
    and compared.explanation = 'publishers_disagree'
    and accepted.check_name is null
