{#- Distance of the two ends of the publisher's scale from its middle. -#}
{%- set limit = threshold('governance_scale_limit') -%}
with

governances as (select * from {{ ref('stg_world_bank_wgi__governances') }}),

scaled_estimates as (

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
        *,
        estimate as governance_estimate,
        case
            when instability_unclipped > 1 then 1
            when instability_unclipped < 0 then 0
            else instability_unclipped
        end as political_instability,
        instability_unclipped not between 0 and 1 as is_clipped,
        coalesce(previous_series_part <> series_part, false) as is_series_break,
        case when estimate is null then value_status end as null_reason
    from scaled_estimates

)

{{ contract_columns(where_known={'is_estimated': "estimate is not null"}) }}
order by
    source_id, edition, indicator, country_iso3, reference_year
