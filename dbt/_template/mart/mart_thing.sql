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
        mineral_id,
        stage,
        form,
        basis,
        reference_year,
        source_id,
        edition,
        named_share,
        case when named_share is null then 'no_producer_has_a_share' end as null_reason
    from summed

)

{{ contract_columns() }}
order by mineral_id, stage, form, basis, reference_year, source_id
