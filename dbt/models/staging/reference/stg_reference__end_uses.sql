with

end_uses as (

    select * from {{ lake('reference', 'end_use') }}

)

select * from end_uses
