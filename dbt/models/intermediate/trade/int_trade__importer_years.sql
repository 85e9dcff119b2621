{#-
    Imports in all of each importer, series and year: from everywhere, and from outside the bloc, which is what
    shares of a bloc are taken of. Squares are summed as whole numbers, so that the order of rows changes no digit.
    `origin_set_number`: a pool of one line mostly has the very rows of the line; they are kept once, under the
    first number that has them.
-#}
with

imports as (

    select
        *,
        -- Blocs as origins stand beside the countries that they are made of.
        not is_bloc_origin and not is_inside as is_counted
    from {{ ref('int_trade__imports_by_origin') }}

),

series_years as (select * from {{ ref('int_trade__series_by_year') }}),
stages as (select * from {{ ref('stg_reference__stages') }}),

importer_sums as (

    select
        imports.importer_number,
        series_years.series_year_number,
        cast(sum(case when not imports.is_bloc_origin then imports.value_usd end) as bigint)
            as value_all_usd,
        {%- for measure in [
            'value_usd', 'quantity_kg', 'contained_g', 'outlier_kg', 'value_weighed_usd',
            'value_contained_usd'
        ] %}
        cast(sum(case when imports.is_counted then imports.{{ measure }} end) as bigint)
            as {{ measure }},
        {%- endfor %}
        cast(
            sum(
                case
                    when imports.is_counted
                        then cast(imports.value_usd as decimal(19, 0)) * imports.value_usd
                end
            ) as double
        ) as value_squared,
        -- Of two that sell the same, the first by name: a dollar outweighs all numbers of origins.
        max(case when imports.is_ranked then imports.value_usd end) as leader_usd,
        max(
            case when imports.is_ranked then imports.value_usd * 10000 - imports.origin_number end
        ) as leader_code,
        -- An origin has one row, so none takes out another. Twice hashed: DuckDB's hash of several
        -- values has the last by "xor" alone, and two rows would take it out of each other.
        bit_xor(
            hash(
                hash(
                    imports.origin_number, imports.value_usd, imports.quantity_kg,
                    imports.contained_g, imports.contained_low_g, imports.contained_high_g,
                    imports.outlier_kg, imports.value_weighed_usd,
                    imports.is_inside, imports.is_code_drift, imports.has_double_count,
                    coalesce(imports.first_stage_order <> imports.last_stage_order, false),
                    nullif(stages.stage, series_years.stage)
                )
            )
        ) as rows_hash
    from imports
    inner join series_years
        on {{ same_key('imports', 'series_years', ['series_number', 'reference_year']) }}
    left join stages
        on
            imports.first_stage_order = stages.stage_order
            and imports.last_stage_order = stages.stage_order
    group by imports.importer_number, series_years.series_year_number

),

numbered_years as (

    select
        importer_sums.*,
        series_years.series_number,
        series_years.reference_year,
        cast(
            row_number() over (
                order by importer_sums.importer_number, importer_sums.series_year_number
            ) as integer
        ) as importer_year_number,
        series_years.quantity_basis = 'gross' as is_gross,
        -- What is shared by metal has more to a row than its imports.
        case
            when series_years.quantity_basis = 'contained' then importer_sums.series_year_number
        end as own_number
    from importer_sums
    inner join series_years on importer_sums.series_year_number = series_years.series_year_number

)

select
    importer_year_number,
    importer_number,
    series_year_number,
    series_number,
    reference_year,
    min(importer_year_number) over (
        partition by importer_number, reference_year, own_number, rows_hash
    ) as origin_set_number,
    value_usd,
    quantity_kg,
    contained_g,
    outlier_kg,
    value_weighed_usd,
    value_contained_usd,
    value_squared,
    cast(leader_usd * 10000 - leader_code as smallint) as leader_number,
    leader_usd,
    -- Mostly nothing, and so the narrow way to keep them in a release.
    value_all_usd - coalesce(value_usd, 0) as value_inside_usd,
    value_usd - coalesce(case when is_gross then value_weighed_usd else value_contained_usd end, 0)
        as value_unmeasured_usd,
    case when is_gross then quantity_kg else contained_g end as shared_amount,
    coalesce(outlier_kg > {{ threshold('outlier_quantity_share') }} * quantity_kg, false)
        as has_outliers_in_all
from numbered_years
order by importer_year_number
