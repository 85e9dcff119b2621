with

agreements as (

    select * from {{ ref('stg_reference__trade_agreements') }}

),

final as (

    select
        cast(agreement_id as varchar) as agreement_id,
        cast(partner_iso3 as varchar) as counterparty_id,
        cast(agreement_kind as varchar) as agreement_kind,
        cast(signed_on as date) as signed_on,
        cast(date_precision as varchar) as date_precision,
        cast(focus as varchar) as focus,
        cast(t5_row as integer) as usgs_table_t5_row,
        cast(source as varchar) as source,
        cast(url as varchar) as source_url,
        cast(verified as varchar) as verified,
        cast(note as varchar) as note
    from agreements

)

{{ contract_columns() }}
order by agreement_id, counterparty_id
