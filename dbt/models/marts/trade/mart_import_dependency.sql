{#- Shares, names and flags of what is kept narrow; a release computes them when it is asked. -#}
with

importer_years as (select * from {{ ref('int_trade__importer_years') }}),
gaps as (select * from {{ ref('int_trade__missing_imports') }}),

{{ answered_imports() }},

unanswered_rows as (

    select
        importer.party_id as importer_id,
        importer.party_name as importer_name,
        importer.party_kind as importer_kind,
        'mineral_stage' as series_level,
        gaps.mineral_id,
        gaps.stage,
        gaps.null_reason = 'only_mixed_lines' as is_mixed_line,
        gaps.reference_year,
        gaps.series_id,
        true as is_current_series,
        gaps.null_reason,
        gaps.null_reason as quantity_null_reason
    from gaps
    inner join {{ ref('int_trade__parties') }} as importer
        on gaps.importer_number = importer.party_number

),

final as (

    select * from answered_rows
    union all by name
    select * from unanswered_rows

)

{{ contract_columns(named=['importer_name', 'origin_name', 'leader_origin_name']) }}
