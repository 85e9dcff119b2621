with

agreements as (select * from {{ ref('stg_reference__trade_agreements') }}),

final as (

    select
        agreement_id,
        partner_iso3 as counterparty_id,
        agreement_kind,
        signed_on,
        date_precision,
        focus,
        t5_row as usgs_table_t5_row,
        source,
        url as source_url,
        verified,
        note
    from agreements

)

{{ contract_columns() }}
order by agreement_id, counterparty_id
