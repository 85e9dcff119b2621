{#- Every judgement with its bounds, their unit and its reason. A seed may have two entries. -#}
{%- set judgements = [
    {'of': 'accepted_finding',
     'id': "check_name || ':' || source_id || ':' || edition || ':' || statistic || ':' || mineral_id"
           ~ " || ':' || form || ':' || basis || ':' || cast(reference_year as string)"},
    {'of': 'accepted_leader_change',
     'id': "concat_ws(':', source_id, edition, mineral_id, stage, form, basis)"},
    {'of': 'accepted_name', 'id': "name_kind || ':' || name || ':' || named_id"},
    {'of': 'claim_base', 'id': 'base_id', 'low': 'first_year', 'high': 'last_year', 'unit': 'year'},
    {'of': 'control_date', 'id': 'cast(on_date as string)'},
    {'of': 'covered_trade_stage', 'id': "mineral_id || ':' || stage"},
    {'of': 'disruption_anchor', 'id': "scenario_id || ':' || mineral_id",
     'low': 'coalesce(anchor_low, anchor_value)', 'high': 'coalesce(anchor_high, anchor_value)',
     'unit_sql': 'unit', 'reason': "verified || ': ' || citation || '; ' || note"},
    {'of': 'disruption_case', 'id': 'case_id'},
    {'of': 'disruption_scenario', 'id': "scenario_id || ':' || coalesce(mineral_id, 'every_mineral')",
     'low': 'coalesce(depth, 1 - cut_to_tonnes / cut_from_tonnes)',
     'high': 'coalesce(depth, 1 - cut_to_tonnes / cut_from_tonnes)',
     'unit_sql': "'share cut, for ' || cast(duration_days as string) || ' days'",
     'reason': "verified || ': ' || reason"},
    {'of': 'disruption_spare', 'id': 'spare_kind', 'low': 'spare_share', 'high': 'spare_share',
     'unit': 'share of production', 'reason': "'of which ' || cast(ramp as string) || ' arrives: ' || reason"},
    {'of': 'disruption_stock', 'id': 'importer_id', 'low': 'stock_days', 'high': 'stock_days',
     'unit': 'days of consumption', 'reason': "verified || ': ' || reason"},
    {'of': 'diversification_base', 'id': 'base_id', 'low': 'first_year', 'high': 'last_year', 'unit': 'year'},
    {'of': 'diversification_benchmark',
     'id': "importer_id || ':' || origin_id || ':' || mineral_id || ':' || stage || ':' || base_id"},
    {'of': 'exposure_band', 'id': 'band_id', 'low': 'share_above', 'unit': 'share',
     'reason': "coalesce('or an HHI above ' || cast(hhi_above as string) || ': ', '') || reason"},
    {'of': 'exposure_band', 'id': "band_id || ':hhi'", 'low': 'hhi_above', 'unit': 'index',
     'reason': "'HHI of suppliers above which the band holds whatever the largest share'",
     'where': 'hhi_above is not null'},
    {'of': 'headline_caveat', 'id': 'quality_flag', 'low': 'caveat_order', 'high': 'caveat_order',
     'unit': 'order', 'reason': "case when is_grave then 'grave: ' else 'routine: ' end || reason"},
    {'of': 'headline_series', 'id': "source_id || ':' || mineral_id || ':' || stage",
     'reason': "form || ', ' || basis"},
    {'of': 'import_evidence_goods', 'id': "concat_ws(':', source_id, mineral_id, goods)",
     'reason': "concat_ws(', ', answers_mineral_id, stage, goods_match) || ': ' || reason"},
    {'of': 'import_evidence_kind', 'id': 'evidence_kind', 'low': 'priority', 'high': 'priority', 'unit': 'rank',
     'reason': "denominator || ': ' || reason"},
    {'of': 'look_through_cell',
     'id': "mineral_id || ':' || stage || ':' || cast(reference_year as string)",
     'reason': "coalesce(null_reason, production_source_id || ', ' || production_form, refiner_null_reason)"
               ~ " || ': ' || reason"},
    {'of': 'production_share_band', 'id': "band_id || ':expected'", 'low': 'expected_low',
     'high': 'expected_high', 'unit': 'share', 'reason': "band_kind || ': ' || reason"},
    {'of': 'production_share_band', 'id': "band_id || ':plausible'", 'low': 'plausible_low',
     'high': 'plausible_high', 'unit': 'share', 'reason': "band_kind || ': ' || reason"},
    {'of': 'reconcile_fob_importer', 'id': 'reporter_iso3'},
    {'of': 'reconcile_merged_line', 'id': 'hs6',
     'reason': "'counted under ' || counted_under_hs6 || ': ' || reason"},
    {'of': 'reconcile_reporter_error', 'id': "reporter_iso3 || ':' || side || ':' || measure",
     'low': 'relative_error', 'high': 'relative_error', 'unit': 'times that of a typical reporter',
     'reason': "'read off ' || cast(flows as string)"
               ~ " || ' flows of 2024 in BACI 202601 beside their declarations'"},
    {'of': 'reviewed_list', 'id': 'list_file', 'low': 'review_days', 'high': 'review_days', 'unit': 'days',
     'reason': "'checked on ' || cast(checked_on as string) || ': ' || reason"},
    {'of': 'source_priority', 'id': "statistic || ':' || source_id",
     'low': 'priority', 'high': 'priority', 'unit': 'order'},
    {'of': 'trade_accepted_total',
     'id': "hs6 || ':' || series_id || ':' || cast(first_year as string)",
     'low': 'first_year', 'high': 'last_year', 'unit': 'year'},
    {'of': 'trade_group_line', 'id': "mineral_id || ':' || cn8"},
    {'of': 'trade_line_flag', 'id': "hs6 || ':' || flag"},
    {'of': 'trade_pooled_group', 'id': 'group_id'},
    {'of': 'trade_series', 'id': 'series_id', 'low': 'priority', 'high': 'priority', 'unit': 'order'},
    {'of': 'us_import_source_line', 'id': "mineral_id || ':' || form",
     'reason': "coalesce(hs6, stage) || ', ' || goods_match || ': ' || reason"},
    {'of': 'use_share_sector',
     'id': "material_id || ':' || application || ':' || coalesce(sector, 'none')",
     'reason': "extent || ': ' || reason"},
    {'of': 'zero_evidence', 'id': "model_name || ':' || column_name"},
    {'of': 'stg_reference__contained_factors', 'kind': 'contained_factor', 'id': 'factor_key',
     'low': 'factor_low', 'high': 'factor_high', 'unit_sql': "'t of ' || contained_as || ' per t'",
     'reason': "kind || ', ' || cast(factor as string) || ': ' || material || coalesce('; ' || note, '')",
     'defined_in': 'sources/reference/contained_factors.csv'},
    {'of': 'stg_reference__hs_flow_overrides', 'kind': 'hs_flow_override',
     'id': "hs6 || ':' || exporter_iso3 || ':' || importer_id || ':'"
           ~ " || coalesce(cast(valid_from_year as string), '')",
     'reason': "stage || ', ' || coalesce(contained_factor_key, 'no factor') || ': ' || reason",
     'defined_in': 'sources/reference/hs_flow_overrides.csv'},
] -%}

with

{% for of in judgements | map(attribute='of') | unique -%}
{{ of }} as (

    select * from {{ ref(of) }}

),

{% endfor -%}
assumptions as (

    {%- for judgement in judgements %}
    select
        '{{ judgement.kind or judgement.of }}' as assumption_kind,
        {{ judgement.id }} as assumption_id,
        cast({{ judgement.low or 'null' }} as double) as value_low,
        cast({{ judgement.high or 'null' }} as double) as value_high,
        {{ judgement.unit_sql or (judgement.unit and "'" ~ judgement.unit ~ "'") or 'null' }}
            as unit,
        {{ judgement.reason or 'reason' }} as reason,
        '{{ judgement.defined_in or "dbt/seeds/" ~ judgement.of ~ ".csv" }}' as defined_in
    from {{ judgement.of }}
    {%- if judgement.where %}
    where {{ judgement.where }}
    {%- endif %}
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
    {%- for threshold_id in var('thresholds') %}
    {%- set threshold = var('thresholds')[threshold_id] %}
    {%- set is_number = threshold.value is number %}
    {%- set named = "" if is_number else threshold.value ~ ": " %}
    union all
    select
        'threshold' as assumption_kind,
        '{{ threshold_id }}' as assumption_id,
        cast({{ threshold.value if is_number else 'null' }} as double) as value_low,
        cast({{ threshold.value if is_number else 'null' }} as double) as value_high,
        {{ "'" ~ threshold.unit ~ "'" if threshold.unit else 'null' }} as unit,
        '{{ named }}{{ threshold.reason | replace("'", "''") }}' as reason,
        'dbt/dbt_project.yml' as defined_in
    {%- endfor %}

),

final as (

    select
        cast(assumption_kind as string) as assumption_kind,
        cast(assumption_id as string) as assumption_id,
        cast(value_low as double) as value_low,
        cast(value_high as double) as value_high,
        cast(unit as string) as unit,
        cast(reason as string) as reason,
        cast(defined_in as string) as defined_in
    from assumptions

)

select * from final
order by assumption_kind, assumption_id
