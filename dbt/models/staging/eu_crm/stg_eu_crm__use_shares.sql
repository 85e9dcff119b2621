with

use_shares as (

    select * from {{ lake('eu_crm', 'use_share') }}
    where {{ known_by_as_of() }}

)

select * from use_shares
