with

line_accounts as (

    select * from {{ lake('cepii_baci', 'line_account') }}

)

select * from line_accounts
