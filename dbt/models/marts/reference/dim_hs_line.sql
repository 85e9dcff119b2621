with

hs_lines as (

    select * from {{ ref('stg_reference__hs_lines') }}

),

final as (

    select
        cast(hs6 as varchar) as hs6,
        cast(mineral_id as varchar) as mineral_id,
        cast(stage as varchar) as stage,
        cast(form as varchar) as form,
        cast(is_exclusive as boolean) as is_exclusive,
        cast(group_id as varchar) as group_id,
        cast(group_other_members as varchar) as group_other_members,
        cast(hs_revision_from as varchar) as hs_revision_from,
        cast(hs_revision_to as varchar) as hs_revision_to,
        cast(contained_factor_key as varchar) as contained_factor_key,
        cast(data_held as varchar) as data_held,
        cast(drift_from_year as integer) as drift_from_year,
        cast(null_reason as varchar) as null_reason,
        cast(note as varchar) as note,
        cast(source as varchar) as source,
        cast(verified as varchar) as verified
    from hs_lines

)

{{ with_names() }}
order by
    hs6, mineral_id
