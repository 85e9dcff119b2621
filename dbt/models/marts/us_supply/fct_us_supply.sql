with

chapters as (

    select
        *,
        'chapter' as published_in
    from {{ ref('stg_usgs_mcs_us__supplies') }}

),

-- Of table 7 what the chapters print too, and of some minerals don't.
table_7 as (

    select * from {{ ref('stg_usgs_mcs_us__critical_mineral_t7s') }}
    where
        measure in ('secondary_production', 'apparent_consumption')
        and mineral_id is not null

),

all_supplies as (

    select * from chapters
    union all by name
    select
        source_row_id,
        source_id,
        edition,
        released_on,
        source_file,
        published_commodity,
        published_value,
        published_unit,
        value_status,
        is_estimated,
        derivation,
        mineral_id,
        form,
        -- A note says where the column of apparent consumption holds reported consumption.
        case when note_code = 'reported_consumption' then note_code else measure end as statistic,
        case when measure = 'secondary_production' then 'not_stated' else 'none' end as scrap_kind,
        'none' as holder,
        reference_year,
        value as quantity_tonnes,
        value_lower as quantity_tonnes_lower,
        value_upper as quantity_tonnes_upper,
        'table_7' as published_in
    from table_7

),

final as (

    select
        *,
        'USA' as country_iso3,
        {{ edition_age([
            'source_id', 'published_in', 'mineral_id', 'form', 'statistic', 'scrap_kind', 'holder',
            'reference_year'
        ]) }} = 1 as is_current_edition
    from all_supplies

)

{{ contract_columns(where_known={
    'is_estimated': "coalesce(quantity_tonnes, quantity_tonnes_lower, quantity_tonnes_upper) is not null",
}) }}
order by
    source_id, edition, published_in, mineral_id, form, statistic, scrap_kind, holder,
    reference_year
