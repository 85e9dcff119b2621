{#-
    One figure for each flow. Where both sides declared, the mean of the exporter's value and the importer's FOB
    value, each weighted by the inverse square of how far off it is to be expected: what combines two measurements of
    one thing with the least error. Two things add to it.

    Re-exports: of goods that a country imports as well, its exports may be other people's, which importers
    declare by the country of origin. Its expected error is doubled where all of its exports on the line can be such
    (the lesser of exports and imports, over exports).

    Unit values: where the two values lie further apart than `reconcile_agreeing_ratio`, a side whose unit value is
    beyond `unit_value_ratio` times the line's quantity-weighted median (or below that part of it) while the
    other's is not gets no weight (`outlier_side`).

    A flow that one side declared stays as declared and says so (`source_side`, `value_basis`): there is nothing to
    tell its freight from. Tonnes take the weights of the dollars, so that no unit value arises that nobody
    declared; where one of the two lacks them there are none.
-#}
with

flows as (

    select * from {{ ref('int_reconcile__flow_paired') }}

),

reporters as (

    select * from {{ ref('int_reconcile__reporter_weighed') }}

),

exported as (

    select
        exporter_iso3 as country_iso3,
        hs6,
        reference_year,
        {{ exact_sum('exporter_value_usd') }} as value_usd
    from flows
    where exporter_value_usd is not null
    group by exporter_iso3, hs6, reference_year

),

imported as (

    select
        importer_iso3 as country_iso3,
        hs6,
        reference_year,
        {{ exact_sum('importer_value_usd') }} as value_usd
    from flows
    where importer_value_usd is not null
    group by importer_iso3, hs6, reference_year

),

reexports as (

    select
        exported.country_iso3,
        exported.hs6,
        exported.reference_year,
        least(exported.value_usd, imported.value_usd) / exported.value_usd as reexport_share
    from exported
    inner join imported
        on
            exported.country_iso3 = imported.country_iso3
            and exported.hs6 = imported.hs6
            and exported.reference_year = imported.reference_year

),

large as (

    select
        hs6,
        reference_year,
        exporter_quantity_tonnes as quantity_tonnes,
        exporter_value_usd / exporter_quantity_tonnes as unit_value
    from flows
    where exporter_quantity_tonnes > {{ var('unit_value_minimum_tonnes') }}
    union all
    select
        hs6,
        reference_year,
        importer_quantity_tonnes as quantity_tonnes,
        importer_value_usd / importer_quantity_tonnes as unit_value
    from flows
    where importer_quantity_tonnes > {{ var('unit_value_minimum_tonnes') }}

),

cumulated as (

    select
        *,
        sum(quantity_tonnes) over (
            partition by hs6, reference_year
            order by unit_value, quantity_tonnes
            rows between unbounded preceding and current row
        ) as quantity_up_to_here,
        sum(quantity_tonnes) over (
            partition by hs6, reference_year
            order by unit_value, quantity_tonnes
            rows between unbounded preceding and unbounded following
        ) as quantity_in_all
    from large

),

medians as (

    select
        hs6,
        reference_year,
        min(unit_value) as median_unit_value
    from cumulated
    where quantity_up_to_here * 2 >= quantity_in_all
    group by hs6, reference_year

),

judged as (

    select
        flows.*,
        exporters.expected_discrepancy * (1 + coalesce(reexports.reexport_share, 0))
            as exporter_error,
        importers.expected_discrepancy as importer_error,
        greatest(flows.exporter_value_usd, flows.importer_value_fob_usd)
        > {{ var('reconcile_agreeing_ratio') }}
        * least(flows.exporter_value_usd, flows.importer_value_fob_usd) as is_apart,
        abs(
            ln(
                flows.exporter_value_usd
                / flows.exporter_quantity_tonnes
                / medians.median_unit_value
            )
        ) > ln({{ var('unit_value_ratio') }}) as is_exporter_outlier,
        abs(
            ln(
                flows.importer_value_usd
                / flows.importer_quantity_tonnes
                / medians.median_unit_value
            )
        ) > ln({{ var('unit_value_ratio') }}) as is_importer_outlier
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
    left join reexports
        on
            flows.exporter_iso3 = reexports.country_iso3
            and flows.hs6 = reexports.hs6
            and flows.reference_year = reexports.reference_year
    left join medians
        on flows.hs6 = medians.hs6 and flows.reference_year = medians.reference_year

),

sided as (

    select
        *,
        case
            when source_side <> 'both' or not is_apart then null
            when is_exporter_outlier and not is_importer_outlier then 'exporter'
            when is_importer_outlier and not is_exporter_outlier then 'importer'
        end as outlier_side
    from judged

),

weighted as (

    select
        *,
        case
            when source_side = 'exporter' then 1.0
            when source_side = 'importer' then 0.0
            when outlier_side = 'exporter' then 0.0
            when outlier_side = 'importer' then 1.0
            else
                importer_error * importer_error
                / (exporter_error * exporter_error + importer_error * importer_error)
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
    cif_rate,
    exporter_weight,
    round(
        case
            when source_side = 'importer' then importer_value_usd
            when exporter_weight = 1 then exporter_value_usd
            when exporter_weight = 0 then importer_value_fob_usd
            else
                exporter_weight * exporter_value_usd
                + (1 - exporter_weight) * importer_value_fob_usd
        end,
        2
    ) as value_usd,
    case when source_side = 'importer' then importer_value_basis else 'fob' end as value_basis,
    case
        when exporter_weight = 1 then exporter_quantity_tonnes
        when exporter_weight = 0 then importer_quantity_tonnes
        else
            round(
                exporter_weight * exporter_quantity_tonnes
                + (1 - exporter_weight) * importer_quantity_tonnes,
                6
            )
    end as quantity_tonnes_gross,
    case
        when source_side = 'both'
            then
                (importer_value_fob_usd - exporter_value_usd)
                / (importer_value_fob_usd + exporter_value_usd)
    end as mirror_gap,
    coalesce(
        source_side = 'both'
        and abs(importer_value_fob_usd - exporter_value_usd)
        > {{ var('reconcile_mirror_gap_limit') }}
        * (importer_value_fob_usd + exporter_value_usd),
        false
    ) as has_mirror_gap
from weighted
