with
{%- for name, model in [
    ('bands', 'production_share_band'),
    ('findings', 'accepted_finding'),
    ('leaders', 'accepted_leader_change'),
    ('names', 'accepted_name'),
    ('headlines', 'headline_series'),
    ('trade_series', 'trade_series'),
    ('source_priorities', 'source_priority'),
    ('line_flags', 'trade_line_flag'),
    ('us_source_lines', 'us_import_source_line'),
    ('evidence_goods', 'import_evidence_goods'),
    ('evidence_kinds', 'import_evidence_kind'),
    ('group_lines', 'trade_group_line'),
    ('pooled_groups', 'trade_pooled_group'),
    ('look_through_cells', 'look_through_cell'),
    ('claim_bases', 'claim_base'),
    ('use_sectors', 'use_share_sector'),
    ('control_dates', 'control_date'),
    ('covered_stages', 'covered_trade_stage'),
    ('diversification_bases', 'diversification_base'),
    ('yardsticks', 'diversification_yardstick'),
    ('scenarios', 'disruption_scenario'),
    ('scenario_cases', 'disruption_case'),
    ('spares', 'disruption_spare'),
    ('stocks', 'disruption_stock'),
    ('anchors', 'disruption_anchor'),
    ('exposure_bands', 'exposure_band'),
    ('accepted_totals', 'trade_accepted_total'),
    ('reporter_errors', 'reconcile_reporter_error'),
    ('fob_importers', 'reconcile_fob_importer'),
    ('merged_lines', 'reconcile_merged_line'),
    ('zeros', 'zero_evidence'),
    ('factors', 'stg_reference__contained_factors'),
    ('overrides', 'stg_reference__hs_flow_overrides'),
] %}

{{ name }} as (

    select * from {{ ref(model) }}

),
{%- endfor %}

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
    {%- for seed, step, key, reason in [
        ('accepted_leader_change', 'leaders',
         "concat_ws(':', source_id, edition, mineral_id, stage, form, basis)", 'reason'),
        ('accepted_name', 'names', "name_kind || ':' || name || ':' || named_id", 'reason'),
        ('trade_line_flag', 'line_flags', "hs6 || ':' || flag", 'reason'),
        ('trade_group_line', 'group_lines', "mineral_id || ':' || cn8", 'reason'),
        ('trade_pooled_group', 'pooled_groups', 'group_id', 'reason'),
        ('control_date', 'control_dates', 'cast(on_date as varchar)', 'reason'),
        ('import_evidence_goods', 'evidence_goods',
         "concat_ws(':', source_id, mineral_id, goods)",
         "concat_ws(', ', answers_mineral_id, stage, goods_match) || ': ' || reason"),
        ('zero_evidence', 'zeros', "model_name || ':' || column_name", 'reason'),
    ] %}
    select
        '{{ seed }}' as assumption_kind,
        {{ key }} as assumption_id,
        cast(null as double) as value_low,
        cast(null as double) as value_high,
        cast(null as varchar) as unit,
        {% if reason == 'reason' %}reason{% else %}{{ reason }} as reason{% endif %},
        'dbt/seeds/{{ seed }}.csv' as defined_in
    from {{ step }}
    union all
    {%- endfor %}
    select
        'headline_series' as assumption_kind,
        source_id || ':' || mineral_id || ':' || stage as assumption_id,
        cast(null as double) as value_low,
        cast(null as double) as value_high,
        cast(null as varchar) as unit,
        form || ', ' || basis as reason,
        'dbt/seeds/headline_series.csv' as defined_in
    from headlines
    union all
    select
        'us_import_source_line' as assumption_kind,
        mineral_id || ':' || form as assumption_id,
        cast(null as double) as value_low,
        cast(null as double) as value_high,
        cast(null as varchar) as unit,
        coalesce(hs6, stage) || ', ' || goods_match || ': ' || reason as reason,
        'dbt/seeds/us_import_source_line.csv' as defined_in
    from us_source_lines
    union all
    select
        'import_evidence_kind' as assumption_kind,
        evidence_kind as assumption_id,
        cast(priority as double) as value_low,
        cast(priority as double) as value_high,
        'rank' as unit,
        share_of || ': ' || reason as reason,
        'dbt/seeds/import_evidence_kind.csv' as defined_in
    from evidence_kinds
    union all
    select
        'look_through_cell' as assumption_kind,
        mineral_id || ':' || stage || ':' || cast(reference_year as varchar) as assumption_id,
        cast(null as double) as value_low,
        cast(null as double) as value_high,
        cast(null as varchar) as unit,
        coalesce(null_reason, production_source_id || ', ' || production_form, refiner_null_reason)
        || ': ' || reason as reason,
        'dbt/seeds/look_through_cell.csv' as defined_in
    from look_through_cells
    union all
    select
        'use_share_sector' as assumption_kind,
        material_id || ':' || application || ':' || coalesce(sector, 'none') as assumption_id,
        cast(null as double) as value_low,
        cast(null as double) as value_high,
        cast(null as varchar) as unit,
        extent || ': ' || reason as reason,
        'dbt/seeds/use_share_sector.csv' as defined_in
    from use_sectors
    union all
    select
        'covered_trade_stage' as assumption_kind,
        mineral_id || ':' || stage as assumption_id,
        cast(null as double) as value_low,
        cast(null as double) as value_high,
        cast(null as varchar) as unit,
        reason,
        'dbt/seeds/covered_trade_stage.csv' as defined_in
    from covered_stages
    union all
    select
        'diversification_yardstick' as assumption_kind,
        importer_id || ':' || origin_id || ':' || mineral_id || ':' || stage || ':' || base_id
            as assumption_id,
        cast(null as double) as value_low,
        cast(null as double) as value_high,
        cast(null as varchar) as unit,
        reason,
        'dbt/seeds/diversification_yardstick.csv' as defined_in
    from yardsticks
    union all
    select
        'disruption_scenario' as assumption_kind,
        scenario_id || ':' || coalesce(mineral_id, 'every_mineral') as assumption_id,
        coalesce(depth, 1 - cut_to_tonnes / cut_from_tonnes) as value_low,
        coalesce(depth, 1 - cut_to_tonnes / cut_from_tonnes) as value_high,
        'share cut, for ' || cast(duration_days as varchar) || ' days' as unit,
        verified || ': ' || reason as reason,
        'dbt/seeds/disruption_scenario.csv' as defined_in
    from scenarios
    union all
    select
        'disruption_case' as assumption_kind,
        case_id as assumption_id,
        cast(null as double) as value_low,
        cast(null as double) as value_high,
        cast(null as varchar) as unit,
        reason,
        'dbt/seeds/disruption_case.csv' as defined_in
    from scenario_cases
    union all
    select
        'disruption_spare' as assumption_kind,
        coalesce(mineral_id || ':' || stage, 'every_other') as assumption_id,
        spare_share as value_low,
        spare_share as value_high,
        'share of production' as unit,
        spare_kind || ', of which ' || cast(ramp as varchar) || ' arrives: ' || reason as reason,
        'dbt/seeds/disruption_spare.csv' as defined_in
    from spares
    union all
    select
        'disruption_stock' as assumption_kind,
        importer_id as assumption_id,
        stock_days as value_low,
        stock_days as value_high,
        'days of consumption' as unit,
        verified || ': ' || reason as reason,
        'dbt/seeds/disruption_stock.csv' as defined_in
    from stocks
    union all
    select
        'disruption_anchor' as assumption_kind,
        scenario_id || ':' || mineral_id as assumption_id,
        coalesce(anchor_low, anchor_value) as value_low,
        coalesce(anchor_high, anchor_value) as value_high,
        unit,
        verified || ': ' || citation || '; ' || note as reason,
        'dbt/seeds/disruption_anchor.csv' as defined_in
    from anchors
    union all
    select
        'exposure_band' as assumption_kind,
        band_id as assumption_id,
        share_above as value_low,
        cast(null as double) as value_high,
        'share' as unit,
        coalesce('or an HHI above ' || cast(hhi_above as varchar) || ': ', '') || reason as reason,
        'dbt/seeds/exposure_band.csv' as defined_in
    from exposure_bands
    union all
    select
        'exposure_band' as assumption_kind,
        band_id || ':hhi' as assumption_id,
        hhi_above as value_low,
        cast(null as double) as value_high,
        'index' as unit,
        'HHI of suppliers above which the band holds whatever the largest share' as reason,
        'dbt/seeds/exposure_band.csv' as defined_in
    from exposure_bands
    where hhi_above is not null
    union all
    select
        'reconcile_reporter_error' as assumption_kind,
        reporter_iso3 || ':' || side || ':' || measure as assumption_id,
        relative_error as value_low,
        relative_error as value_high,
        'times that of a typical reporter' as unit,
        'read off ' || cast(flows as varchar)
        || ' flows of 2024 in BACI 202601 beside their declarations' as reason,
        'dbt/seeds/reconcile_reporter_error.csv' as defined_in
    from reporter_errors
    union all
    select
        'reconcile_fob_importer' as assumption_kind,
        reporter_iso3 as assumption_id,
        cast(null as double) as value_low,
        cast(null as double) as value_high,
        cast(null as varchar) as unit,
        reason,
        'dbt/seeds/reconcile_fob_importer.csv' as defined_in
    from fob_importers
    union all
    select
        'reconcile_merged_line' as assumption_kind,
        hs6 as assumption_id,
        cast(null as double) as value_low,
        cast(null as double) as value_high,
        cast(null as varchar) as unit,
        'counted under ' || counted_under_hs6 || ': ' || reason as reason,
        'dbt/seeds/reconcile_merged_line.csv' as defined_in
    from merged_lines
    union all
    select
        'contained_factor' as assumption_kind,
        factor_key as assumption_id,
        factor_low as value_low,
        factor_high as value_high,
        't of ' || contained_as || ' per t' as unit,
        kind || ', ' || cast(factor as varchar) || ': ' || material
        || coalesce('; ' || note, '') as reason,
        'sources/reference/contained_factors.csv' as defined_in
    from factors
    union all
    select
        'hs_flow_override' as assumption_kind,
        hs6 || ':' || exporter_iso3 || ':' || importer_id || ':'
        || coalesce(cast(valid_from_year as varchar), '') as assumption_id,
        cast(null as double) as value_low,
        cast(null as double) as value_high,
        cast(null as varchar) as unit,
        stage || ', ' || coalesce(contained_factor_key, 'no factor') || ': ' || reason as reason,
        'sources/reference/hs_flow_overrides.csv' as defined_in
    from overrides
    {%- for kind, seed, id, low, high, unit in [
        ('trade_series', 'trade_series', 'series_id', 'priority', 'priority', 'order'),
        ('source_priority', 'source_priorities', "statistic || ':' || source_id", 'priority', 'priority', 'order'),
        ('claim_base', 'claim_bases', 'base_id', 'first_year', 'last_year', 'year'),
        ('diversification_base', 'diversification_bases', 'base_id', 'first_year', 'last_year', 'year'),
        ('trade_accepted_total', 'accepted_totals', "hs6 || ':' || series_id || ':' || cast(first_year as varchar)", 'first_year', 'last_year', 'year'),
    ] %}
    union all
    select
        '{{ kind }}' as assumption_kind,
        {{ id }} as assumption_id,
        {{ low }} as value_low,
        {{ high }} as value_high,
        '{{ unit }}' as unit,
        reason,
        'dbt/seeds/{{ kind }}.csv' as defined_in
    from {{ seed }}
    {%- endfor %}
    {%- for name, unit, reason in [
        ('edition_tolerance_countries', 'countries', 'named countries that a newer edition may lack and still win a year without a world total'),
        ('revised_share_minimum', 'share', 'change of an export share on a line between two editions from which on it is listed as revised'),
        ('leader_loss_that_stops', 'share', 'loss of share with which a changed largest producer stops a refresh'),
        ('share_disagreement_tolerance', 'share', 'difference between two publishers beyond which they disagree'),
        ('import_value_ratio_limit', 'ratio', 'two totals of the same imports further apart do not count the same cargoes'),
        ('quantity_coverage_minimum', 'share', 'part of the imported value that must have a tonnage before a share by tonnes is given'),
        ('de_minimis_usd', 'US dollars', 'imports of a line below which a share means little: flagged'),
        ('series_conflict_share', 'share', 'difference between two series of one release beyond which they contradict each other'),
        ('unit_value_ratio', 'ratio', 'distance from the median unit value of the line, up or down, beyond which a flow is an outlier: flagged, kept'),
        ('unit_value_minimum_tonnes', 'tonnes', 'flows from this size on make the median and can be outliers'),
        ('outlier_quantity_share', 'share', 'part of the tonnes of an importer in outliers from which all of its shares are flagged'),
        ('double_count_supply_ratio', 'ratio', 'exports over output and imports beyond which an exporter ships a cargo under two lines: stocks and the grade of crude goods give less'),
        ('double_count_minimum_years', 'years', 'years in which output must tell of a line that repeats another: the output of one year may be misprinted'),
        ('double_count_minimum_share', 'share', 'part of what the exporter ships of a mineral below which a flow is not looked at as a double count'),
        ('double_count_covered_share', 'share', 'part of a flow that must stand under the other line before the flow can repeat it'),
        ('double_count_cargo_share', 'share', 'part of the declaration under the other line that a flow must have to be the same cargo'),
        ('double_count_silent_share', 'share', 'part of the other line, or of the other side, below which a line counts as silent'),
        ('double_count_passed_on_share', 'share', 'part of the metal bought that a place of transit ships on as its own goods at most'),
        ('double_count_transit_share', 'share', 'part of the metal bought that comes so to a place of transit at least'),
        ('look_through_steps', 'steps', 'steps of looking through trade; what is still under way after them is unresolved'),
        ('disruption_rounds', 'rounds', 'rounds in which spare that nobody took is offered again; what is left after them helps nobody'),
        ('small_importer_tonnes', 'tonnes', 'imports below which a look-through is flagged'),
        ('claim_tolerance', 'share', 'distance at which a computed share still agrees with a claimed one'),
        ('claim_change_share', 'share', 'loss of an import share since its base that counts as a fall where a claim speaks of one'),
        ('claim_reliance_share', 'share', 'share of imports from one origin from which on a claim of heavy dependence holds'),
        ('sector_weight_minimum', 'share', 'part of the weights of a sector that must have a share before a mean over its minerals is given'),
        ('leader_demand_maximum', 'share', 'part of world demand that the largest supplier takes itself beyond which no ratio to the rest of demand is given; if in one year, in no year of the series'),
        ('governance_scale_limit', 'standard score', 'ends of the scale of governance estimates, where political instability is 1 and 0; estimates beyond are clipped'),
        ('governance_coverage_minimum', 'share', 'part of the squared shares or imports that must have a governance estimate before a risk score is given'),
        ('eu_supply_risk_threshold', 'score', 'supply risk from which on the EU calls a material critical that is economically important too; assessments from 2017 on'),
        ('eu_economic_importance_threshold', 'score', 'economic importance from which on the EU calls a material critical that is at risk too; assessments from 2017 on'),
        ('coalition_supplier', none, 'the country on whom the parties of the meeting are asked to depend less'),
        ('reconcile_agreeing_ratio', 'ratio', 'two declarations of one flow within this factor are of the same cargo: freight is told from them'),
        ('reconcile_rate_minimum_usd', 'US dollars', 'flows from this value on tell the freight of their line'),
        ('reconcile_rate_minimum_flows', 'flows', 'so many such flows tell the freight of their line'),
        ('reconcile_rate_maximum', 'share', 'freight and insurance above this part of the value are an error'),
        ('reconcile_discrepancy_ratio', 'ratio', 'two declarations further apart than this factor: how far says nothing more'),
        ('reconcile_unmatched_minimum_usd', 'US dollars', 'flows above this that one side does not declare count against both'),
        ('reconcile_prior_flows', 'flows', 'the record of a reporter counts as if it had so many flows more, all of the mean'),
        ('reconcile_same_cargo_ratio', 'ratio', 'two declarations within this factor in dollars and in tonnes: nobody doubts what a tonne of it costs'),
        ('reconcile_same_cargo_minimum_flows', 'flows', 'so many such flows tell what a tonne of a line costs'),
        ('reconcile_unit_value_ratio', 'ratio', 'a value within this factor of it, over the reconciled tonnes, is in line'),
        ('reconcile_mirror_gap_limit', 'share', 'half the difference of two declarations over their mean: beyond it the flow is flagged'),
    ] %}
    {%- set is_number = var(name) is number %}
    union all
    select
        'threshold' as assumption_kind,
        '{{ name }}' as assumption_id,
        cast({{ var(name) if is_number else 'null' }} as double) as value_low,
        cast({{ var(name) if is_number else 'null' }} as double) as value_high,
        {{ "'" ~ unit ~ "'" if unit else 'cast(null as varchar)' }} as unit,
        '{{ reason if is_number else var(name) ~ ": " ~ reason }}' as reason,
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
