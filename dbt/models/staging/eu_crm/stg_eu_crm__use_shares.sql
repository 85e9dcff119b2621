with

use_shares as (

    select * from {{ lake('eu_crm', 'use_share') }}

)

select * from use_shares
