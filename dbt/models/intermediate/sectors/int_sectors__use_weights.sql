{#-
    What part of a mineral's use in the EU goes to a sector that needs it. Applications that lie whole in the
    sector make the weight; those that hold it among others widen it upward. Elements and products that the
    study assesses one by one make no whole mineral: no weight.
-#}
with

end_uses as (

    select * from {{ ref('stg_reference__end_uses') }}

),

use_shares as (

    select * from {{ ref('stg_eu_crm__use_shares') }}

),

assigned as (

    select * from {{ ref('use_share_sector') }}

),

studied as (

    select
        mineral_id,
        max(case when material_scope = 'whole' then 1 else 0 end) as has_whole,
        max(source_id) as source_id,
        max(edition) as edition
    from use_shares
    group by mineral_id

),

summed as (

    select
        use_shares.mineral_id,
        assigned.sector,
        {{ exact_sum("case when assigned.extent = 'whole' then use_shares.use_share end") }}
            as use_share,
        {{ exact_sum("use_shares.use_share") }} as use_share_upper
    from use_shares
    inner join assigned
        on
            use_shares.material_id = assigned.material_id
            and use_shares.application = assigned.application
    where use_shares.material_scope = 'whole' and assigned.extent in ('whole', 'part')
    group by use_shares.mineral_id, assigned.sector

)

select
    end_uses.sector,
    end_uses.mineral_id,
    end_uses.relevance,
    end_uses.example as use_example,
    end_uses.source as use_source,
    end_uses.verified as use_verified,
    summed.use_share,
    case when summed.sector is not null then coalesce(summed.use_share, 0) end as use_share_lower,
    summed.use_share_upper,
    case when summed.sector is not null then studied.source_id end as weight_source,
    case when summed.sector is not null then studied.edition end as weight_edition,
    case
        when summed.use_share is not null then null
        when studied.mineral_id is null then 'not_in_study'
        when studied.has_whole = 0 then 'only_parts_in_study'
        when summed.sector is null then 'no_application_matches'
        else 'only_in_wider_applications'
    end as weight_null_reason
from end_uses
left join studied on end_uses.mineral_id = studied.mineral_id
left join summed
    on end_uses.mineral_id = summed.mineral_id and end_uses.sector = summed.sector
