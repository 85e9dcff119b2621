with

trade_agreements as (

    select * from {{ lake('reference', 'trade_agreement') }}

)

select * from trade_agreements
