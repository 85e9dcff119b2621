with

shares as (

    select * from {{ ref('int_production__shares') }}
    where statistic = 'production' and is_current_edition

),

summed as (

    select
        mineral_id,
        stage,
        form,
        basis,
        reference_year,
        source_id,
        edition,
        -- A sum of nulls is null: where nobody has a share, nothing is claimed.
        {{ exact_sum('production_share') }} as named_share
    from shares
    group by mineral_id, stage, form, basis, reference_year, source_id, edition

),

final as (

    select
        cast(mineral_id as varchar) as mineral_id,
        cast(stage as varchar) as stage,
        cast(form as varchar) as form,
        cast(basis as varchar) as basis,
        cast(reference_year as integer) as reference_year,
        cast(source_id as varchar) as source_id,
        cast(edition as varchar) as edition,
        cast(named_share as double) as named_share,
        cast(case when named_share is null then 'no_producer_has_a_share' end as varchar)
            as null_reason
    from summed

)

{{ with_names() }}
order by mineral_id, stage, form, basis, reference_year, source_id
