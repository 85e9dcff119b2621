{#- Distance of the two ends of the publisher's scale from its middle. -#}
{%- set limit = threshold('governance_scale_limit') -%}
with

governances as (

    select * from {{ ref('stg_world_bank_wgi__governances') }}

),

scaled as (

    select
        *,
        ({{ limit }} - estimate) / (2 * {{ limit }}) as instability_unclipped,
        {{ edition_age(['source_id', 'indicator', 'country_iso3', 'reference_year']) }} = 1
            as is_current_edition,
        lag(series_part) over (
            partition by source_id, edition, indicator, country_iso3
            order by reference_year
        ) as previous_series_part
    from governances

),

final as (

    select
        cast(source_row_id as varchar) as source_row_id,
        cast(source_id as varchar) as source_id,
        cast(edition as varchar) as edition,
        cast(released_on as date) as released_on,
        cast(is_current_edition as boolean) as is_current_edition,
        cast(indicator as varchar) as indicator,
        cast(country_iso3 as varchar) as country_iso3,
        cast(reference_year as integer) as reference_year,
        cast(estimate as double) as governance_estimate,
        cast(
            case
                when instability_unclipped > 1 then 1
                when instability_unclipped < 0 then 0
                else instability_unclipped
            end as double
        ) as political_instability,
        cast(coalesce(instability_unclipped not between 0 and 1, false) as boolean) as is_clipped,
        cast(series_part as varchar) as series_part,
        cast(coalesce(previous_series_part <> series_part, false) as boolean) as is_series_break,
        cast(value_status as varchar) as value_status,
        cast(is_estimated as boolean) as is_estimated,
        cast(derivation as varchar) as derivation,
        cast(case when estimate is null then value_status end as varchar) as null_reason,
        cast(published_country as varchar) as published_country,
        cast(published_code as varchar) as published_code,
        cast(published_value as varchar) as published_value,
        cast(published_unit as varchar) as published_unit,
        cast(source_file as varchar) as source_file
    from scaled

)

{{ with_names() }}
order by
    source_id, edition, indicator, country_iso3, reference_year
