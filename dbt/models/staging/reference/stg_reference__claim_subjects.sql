with

claim_subjects as (

    select * from {{ lake('reference', 'claim_subject') }}

)

select * from claim_subjects
