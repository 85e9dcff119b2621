{{ config(meta={'dagster': {'ref': {'name': 'stg_eu_crm__use_shares'}}}) }}
{#-
    The seed and the study name the same applications of the same materials: a use that nobody looked at
    would be left out of the weights unseen.
-#}
with

used as (

    select distinct
        material_id,
        application
    from {{ ref('stg_eu_crm__use_shares') }}
    where material_scope = 'whole'

),

assigned as (

    select distinct
        material_id,
        application
    from {{ ref('use_share_sector') }}
    where
        reason is not null
        and (
            (extent in ('whole', 'part') and sector is not null)
            or (extent = 'none' and sector is null)
        )

)

select
    coalesce(used.material_id, assigned.material_id) as material_id,
    coalesce(used.application, assigned.application) as application,
    used.material_id is null as is_unknown_to_the_study
from used
full outer join assigned
    on used.material_id = assigned.material_id and used.application = assigned.application
where used.material_id is null or assigned.material_id is null
