{#-
    One figure for each flow. Where both sides declared, the mean of the two values, each weighed by the inverse
    square of its reporter's error, and likewise the mean of the two tonnages.

    Where the values lie further apart than `reconcile_agreeing_ratio`, no mean of them is the shipment, and one side
    may be told to be wrong (`outlier_side`); it then gets no weight:

    1. One value over the reconciled tonnes is within `reconcile_unit_value_ratio` of what a tonne costs where both
       agree, the other is not.
    2. Else, one side's own unit value is beyond `unit_value_ratio` times the line's median (or below that part
       of it), the other's is not. Its tonnes are no better than its dollars: the other's count.

    The importer's value counts as declared, freight and all, as in BACI's release 202601: the series goes on where
    BACI ends. `mirror_gap` is told of values without freight. What one side alone declared stays and says so
    (`source_side`, `value_basis`). Tonnes that one of two sides lacks are not filled from the other: they would
    stand beside the dollars of both.
-#}
with

flows as (

    select * from {{ ref('int_trade__paired_declarations') }}
    where is_reconcilable

),

reporters as (

    select * from {{ ref('int_trade__reporter_errors') }}

),

unit_values as (

    select * from {{ ref('int_trade__reference_unit_values') }}

),

weighed as (

    select
        {%- for measure in ['value', 'quantity'] %}
        case
            when flows.source_side = 'exporter' then 1.0
            when flows.source_side = 'importer' then 0.0
            else
                importers.{{ measure }}_error * importers.{{ measure }}_error
                / (
                    exporters.{{ measure }}_error * exporters.{{ measure }}_error
                    + importers.{{ measure }}_error * importers.{{ measure }}_error
                )
        end as {{ measure }}_weight,
        {%- endfor %}
        flows.*
    from flows
    left join reporters as exporters
        on
            flows.reference_year = exporters.reference_year
            and flows.exporter_iso3 = exporters.reporter_iso3
            and exporters.side = 'exporter'
    left join reporters as importers
        on
            flows.reference_year = importers.reference_year
            and flows.importer_iso3 = importers.reporter_iso3
            and importers.side = 'importer'

),

averaged as (

    select
        *,
        case
            when source_side = 'exporter' then exporter_quantity_tonnes
            when source_side = 'importer' then importer_quantity_tonnes
            else
                quantity_weight * exporter_quantity_tonnes
                + (1 - quantity_weight) * importer_quantity_tonnes
        end as averaged_quantity_tonnes
    from weighed

),

judged as (

    select
        averaged.*,
        averaged.source_side = 'both'
        and greatest(averaged.exporter_value_usd, averaged.importer_value_usd)
        > {{ threshold('reconcile_agreeing_ratio') }}
        * least(averaged.exporter_value_usd, averaged.importer_value_usd) as is_apart,
        abs(
            ln(
                averaged.exporter_value_usd
                / averaged.averaged_quantity_tonnes
                / unit_values.agreed_unit_value
            )
        ) < ln({{ threshold('reconcile_unit_value_ratio') }}) as is_exporter_in_line,
        abs(
            ln(
                averaged.importer_value_usd
                / averaged.averaged_quantity_tonnes
                / unit_values.agreed_unit_value
            )
        ) < ln({{ threshold('reconcile_unit_value_ratio') }}) as is_importer_in_line,
        abs(
            ln(
                averaged.exporter_value_usd
                / averaged.exporter_quantity_tonnes
                / unit_values.median_unit_value
            )
        ) > ln({{ threshold('unit_value_ratio') }}) as is_exporter_far_off,
        abs(
            ln(
                averaged.importer_value_usd
                / averaged.importer_quantity_tonnes
                / unit_values.median_unit_value
            )
        ) > ln({{ threshold('unit_value_ratio') }}) as is_importer_far_off
    from averaged
    left join unit_values
        on
            averaged.hs6 = unit_values.hs6
            and averaged.reference_year = unit_values.reference_year

),

sided as (

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
    from judged

),

final as (

    select
        *,
        case outlier_side
            when 'exporter' then 0.0
            when 'importer' then 1.0
            else value_weight
        end as exporter_weight
    from sided

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
