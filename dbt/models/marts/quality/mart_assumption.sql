with

bands as (

    select * from {{ ref('production_share_band') }}

),

findings as (

    select * from {{ ref('accepted_finding') }}

),

leaders as (

    select * from {{ ref('accepted_leader_change') }}

),

headlines as (

    select * from {{ ref('headline_series') }}

),

assumptions as (

    select
        'production_share_band' as assumption_kind,
        band_id || ':expected' as assumption_id,
        expected_low as value_low,
        expected_high as value_high,
        'share' as unit,
        band_kind || ': ' || reason as reason,
        'dbt/seeds/production_share_band.csv' as defined_in
    from bands
    union all
    select
        'production_share_band' as assumption_kind,
        band_id || ':plausible' as assumption_id,
        plausible_low as value_low,
        plausible_high as value_high,
        'share' as unit,
        band_kind || ': ' || reason as reason,
        'dbt/seeds/production_share_band.csv' as defined_in
    from bands
    union all
    select
        'accepted_finding' as assumption_kind,
        check_name || ':' || source_id || ':' || edition || ':' || statistic || ':' || mineral_id
        || ':' || form || ':' || basis || ':' || cast(reference_year as varchar)
            as assumption_id,
        cast(null as double) as value_low,
        cast(null as double) as value_high,
        cast(null as varchar) as unit,
        reason,
        'dbt/seeds/accepted_finding.csv' as defined_in
    from findings
    union all
    select
        'accepted_leader_change' as assumption_kind,
        source_id || ':' || edition || ':' || mineral_id || ':' || stage || ':' || form
        || ':' || basis as assumption_id,
        cast(null as double) as value_low,
        cast(null as double) as value_high,
        cast(null as varchar) as unit,
        reason,
        'dbt/seeds/accepted_leader_change.csv' as defined_in
    from leaders
    union all
    select
        'headline_series' as assumption_kind,
        source_id || ':' || mineral_id || ':' || stage as assumption_id,
        cast(null as double) as value_low,
        cast(null as double) as value_high,
        cast(null as varchar) as unit,
        form || ', ' || basis as reason,
        'dbt/seeds/headline_series.csv' as defined_in
    from headlines
    {%- for name, unit, reason in [
        ('edition_tolerance_countries', 'countries', 'named countries that a newer edition may lack and still win a year without a world total'),
        ('leader_loss_that_stops', 'share', 'loss of share with which a changed largest producer stops a refresh'),
        ('share_disagreement_tolerance', 'share', 'difference between two publishers beyond which they disagree'),
        ('claim_tolerance', 'share', 'distance at which a computed share still agrees with a claimed one'),
        ('governance_scale_limit', 'standard score', 'ends of the scale of governance estimates, where political instability is 1 and 0; estimates beyond are clipped'),
    ] %}
    union all
    select
        'threshold' as assumption_kind,
        '{{ name }}' as assumption_id,
        cast({{ var(name) }} as double) as value_low,
        cast({{ var(name) }} as double) as value_high,
        '{{ unit }}' as unit,
        '{{ reason }}' as reason,
        'dbt/dbt_project.yml' as defined_in
    {%- endfor %}

),

final as (

    select
        cast(assumption_kind as varchar) as assumption_kind,
        cast(assumption_id as varchar) as assumption_id,
        cast(value_low as double) as value_low,
        cast(value_high as double) as value_high,
        cast(unit as varchar) as unit,
        cast(reason as varchar) as reason,
        cast(defined_in as varchar) as defined_in
    from assumptions

)

select * from final
order by assumption_kind, assumption_id
