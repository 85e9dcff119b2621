{#-
    One figure for each flow. Where both sides declared, the mean of the two values, each weighed by the inverse
    square of its reporter's error, and likewise the mean of the two tonnages.

    A reporter's error is 1 if it is typical. It is the one that BACI's own figures imply
    (`reconcile_reporter_error`: five thousand lines, flows of which all three figures are known). For other reporters
    it is estimated from the declarations (`reporter_effects`): the year's mean discrepancy is split in halves, one
    for each side, and the error is the reporter's part over that half, at least 0.2. Without a record it is 1.

    Where the values lie further apart than `reconcile_agreeing_ratio`, their mean means nothing. One side may then be
    the wrong one (`outlier_side`), and gets no weight:

    1. One value over the reconciled tonnes is within `reconcile_unit_value_ratio` of what a tonne costs where both
       agree (`agreed_unit_value`: the median of flows whose two declarations lie within `reconcile_same_cargo_ratio`
       of each other in dollars and in tonnes), the other is not. Not applied with fewer than
       `reconcile_same_cargo_minimum_flows` of them, nor to a line that is a sum of several lines: a tonne of
       gallium and one of germanium have no price in common.
    2. Else, one side's own unit value is beyond `unit_value_ratio` times the line's median (or below the median
       over that ratio), the other's is not. Then its tonnes are dropped with its dollars.

    The importer's value counts as declared, freight included, as in BACI's release 202601, so that the series goes on
    where BACI ends. `mirror_gap` compares values without freight. A flow that one side alone declared is kept, and
    `source_side` and `value_basis` say so. Tonnes that one of two sides lacks are not filled from the other: they
    would stand beside the dollars of both.
-#}
{%- set sides = [
    ('exporter', 'value'), ('exporter', 'quantity'), ('importer', 'value'), ('importer', 'quantity')
] %}
with

flows as (

    select * from {{ ref('stg_un_comtrade__paired_declarations') }}
    where is_reconcilable

),

calibrated as (select * from {{ ref('reconcile_reporter_error') }}),

flow_discrepancies as (

    select
        *,
        'value' as measure,
        value_discrepancy as discrepancy
    from flows
    union all
    select
        *,
        'quantity' as measure,
        quantity_discrepancy as discrepancy
    from flows

),

discrepancies as (

    select
        *,
        avg(discrepancy) over (partition by reference_year) as mean_discrepancy
    from flow_discrepancies
    where discrepancy is not null

),

{{ reporter_effects() }},

-- Where all declarations agree there is nothing to tell one reporter from another by.
errors as (
    {%- for side in ['exporter', 'importer'] %}
    select
        '{{ side }}' as side,
        reference_year,
        {{ side }}_iso3 as reporter_iso3,
        max(
            greatest(
                1 + coalesce(2 * {{ side }}_effect / nullif(round(mean_discrepancy, 9), 0), 0), 0.2
            )
        ) as relative_error
    from effects
    group by reference_year, {{ side }}_iso3
    {{ 'union all' if not loop.last }}
    {%- endfor %}

),

with_errors as (

    select
        {%- for side, measure in sides %}
        coalesce({{ side }}_{{ measure }}.relative_error, {{ side }}.relative_error, 1)
            as {{ side }}_{{ measure }}_error,
        {%- endfor %}
        flows.*
    from flows
    left join errors as exporter
        on
            flows.reference_year = exporter.reference_year
            and flows.exporter_iso3 = exporter.reporter_iso3
            and exporter.side = 'exporter'
    left join errors as importer
        on
            flows.reference_year = importer.reference_year
            and flows.importer_iso3 = importer.reporter_iso3
            and importer.side = 'importer'
    {%- for side, measure in sides %}
    left join calibrated as {{ side }}_{{ measure }}
        on
            flows.{{ side }}_iso3 = {{ side }}_{{ measure }}.reporter_iso3
            and {{ side }}_{{ measure }}.side = '{{ side }}'
            and {{ side }}_{{ measure }}.measure = '{{ measure }}'
    {%- endfor %}

),

with_weights as (

    select
        {%- for measure in ['value', 'quantity'] %}
        case source_side
            when 'exporter' then 1.0
            when 'importer' then 0.0
            else
                importer_{{ measure }}_error * importer_{{ measure }}_error
                / (
                    exporter_{{ measure }}_error * exporter_{{ measure }}_error
                    + importer_{{ measure }}_error * importer_{{ measure }}_error
                )
        end as {{ measure }}_weight,
        {%- endfor %}
        *
    from with_errors

),

with_averages as (

    select
        *,
        case source_side
            when 'exporter' then exporter_quantity_tonnes
            when 'importer' then importer_quantity_tonnes
            else
                quantity_weight * exporter_quantity_tonnes
                + (1 - quantity_weight) * importer_quantity_tonnes
        end as averaged_quantity_tonnes
    from with_weights

),

agreed_unit_values as (

    select
        hs6,
        reference_year,
        median(exporter_value_usd / exporter_quantity_tonnes) as agreed_unit_value
    from flows
    where
        least(
            exporter_value_usd, importer_value_usd,
            exporter_quantity_tonnes, importer_quantity_tonnes
        ) > 0
        and abs(ln(importer_value_usd / exporter_value_usd))
        < ln({{ threshold('reconcile_same_cargo_ratio') }})
        and abs(ln(importer_quantity_tonnes / exporter_quantity_tonnes))
        < ln({{ threshold('reconcile_same_cargo_ratio') }})
        and hs6 not in (
            select merged.counted_under_hs6 from {{ ref('reconcile_merged_line') }} as merged
        )
    group by hs6, reference_year
    having count(*) >= {{ threshold('reconcile_same_cargo_minimum_flows') }}

),

large_flows as (
    {%- for side in ['exporter', 'importer'] %}
    select
        hs6,
        reference_year,
        {{ side }}_quantity_tonnes as quantity_tonnes,
        {{ side }}_value_usd / {{ side }}_quantity_tonnes as unit_value
    from flows
    where {{ side }}_quantity_tonnes > {{ threshold('unit_value_minimum_tonnes') }}
    {{ 'union all' if not loop.last }}
    {%- endfor %}

),

{{ weighted_medians('large_flows', ['hs6', 'reference_year'], 'unit_value', 'quantity_tonnes') }},

unit_value_verdicts as (

    select
        {%- for side in ['exporter', 'importer'] %}
        abs(
            ln(
                with_averages.{{ side }}_value_usd
                / with_averages.averaged_quantity_tonnes
                / agreed_unit_values.agreed_unit_value
            )
        ) < ln({{ threshold('reconcile_unit_value_ratio') }}) as is_{{ side }}_in_line,
        {{ is_far_off(
            'with_averages.' ~ side ~ '_value_usd / with_averages.' ~ side ~ '_quantity_tonnes',
            'medians.median_unit_value',
        ) }} as is_{{ side }}_far_off,
        {%- endfor %}
        with_averages.source_side = 'both'
        and greatest(with_averages.exporter_value_usd, with_averages.importer_value_usd)
        > {{ threshold('reconcile_agreeing_ratio') }}
        * least(with_averages.exporter_value_usd, with_averages.importer_value_usd) as is_apart,
        agreed_unit_values.agreed_unit_value,
        medians.median_unit_value,
        with_averages.*
    from with_averages
    left join agreed_unit_values
        on
            with_averages.hs6 = agreed_unit_values.hs6
            and with_averages.reference_year = agreed_unit_values.reference_year
    left join medians
        on with_averages.hs6 = medians.hs6 and with_averages.reference_year = medians.reference_year

),

with_trusted_side as (

    select
        *,
        case
            when not is_apart then null
            when is_importer_in_line and not is_exporter_in_line then 'exporter'
            when is_exporter_in_line and not is_importer_in_line then 'importer'
            when is_exporter_far_off and not is_importer_far_off then 'exporter'
            when is_importer_far_off and not is_exporter_far_off then 'importer'
        end as outlier_side,
        coalesce(is_importer_in_line <> is_exporter_in_line, false) as is_told_by_average
    from unit_value_verdicts

),

final as (

    select
        *,
        case outlier_side
            when 'exporter' then 0.0
            when 'importer' then 1.0
            else value_weight
        end as exporter_weight
    from with_trusted_side

)

select
    exporter_iso3,
    importer_iso3,
    hs6,
    reference_year,
    source_side,
    outlier_side,
    exporter_value_usd,
    importer_value_usd,
    exporter_quantity_tonnes,
    importer_quantity_tonnes,
    cif_rate,
    exporter_value_error,
    exporter_quantity_error,
    importer_value_error,
    importer_quantity_error,
    agreed_unit_value,
    median_unit_value,
    exporter_weight,
    round(
        case
            when exporter_weight = 1 then exporter_value_usd
            when exporter_weight = 0 then importer_value_usd
            else
                exporter_weight * exporter_value_usd
                + (1 - exporter_weight) * importer_value_usd
        end,
        2
    ) as value_usd,
    case
        when exporter_weight = 1 then 'fob'
        when exporter_weight = 0 then importer_value_basis
        when importer_value_basis = 'fob' then 'fob'
        else 'mixed'
    end as value_basis,
    round(
        case
            when outlier_side = 'exporter' and not is_told_by_average then importer_quantity_tonnes
            when outlier_side = 'importer' and not is_told_by_average then exporter_quantity_tonnes
            else averaged_quantity_tonnes
        end,
        6
    ) as quantity_tonnes_gross,
    case
        when source_side = 'exporter' then is_exporter_quantity_estimated
        when source_side = 'importer' then is_importer_quantity_estimated
        when outlier_side = 'exporter' and not is_told_by_average
            then is_importer_quantity_estimated
        when outlier_side = 'importer' and not is_told_by_average
            then is_exporter_quantity_estimated
        else is_exporter_quantity_estimated or is_importer_quantity_estimated
    end as is_quantity_estimated,
    case
        when source_side = 'both'
            then
                (importer_value_fob_usd - exporter_value_usd)
                / (importer_value_fob_usd + exporter_value_usd)
    end as mirror_gap,
    coalesce(
        source_side = 'both'
        and abs(importer_value_fob_usd - exporter_value_usd)
        > {{ threshold('reconcile_mirror_gap_limit') }}
        * (importer_value_fob_usd + exporter_value_usd),
        false
    ) as has_mirror_gap
from final
