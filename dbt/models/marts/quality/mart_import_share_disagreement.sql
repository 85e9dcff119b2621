with

compared as (select * from {{ ref('int_quality__import_comparisons') }}),

-- A share printed as a bound is met anywhere within it.
with_distances as (

    select
        *,
        greatest(
            least(other_value_share, coalesce(import_share, import_share_upper, 1)),
            coalesce(import_share, import_share_lower, 0)
        ) - other_value_share as value_share_difference,
        case
            when share_measure <> 'value' and other_quantity_share is not null
                then
                    greatest(
                        least(other_quantity_share, coalesce(import_share, import_share_upper, 1)),
                        coalesce(import_share, import_share_lower, 0)
                    ) - other_quantity_share
        end as quantity_share_difference
    from compared

),

-- Where the publisher does not say what its shares are of, all origins of a form tell it together:
-- the measure that lies nearer to them is held against it.
with_measure as (

    select
        *,
        case
            when null_reason is not null then null
            when quantity_share_difference is null then 'value'
            when share_measure = 'tonnes' then 'tonnes'
            when
                sum(abs(quantity_share_difference)) over (
                    partition by
                        importer_id, mineral_id, goods, stage, period_from_year, period_to_year,
                        source_id, edition
                ) <= sum(abs(value_share_difference)) over (
                    partition by
                        importer_id, mineral_id, goods, stage, period_from_year, period_to_year,
                        source_id, edition
                )
                then 'tonnes'
            else 'value'
        end as compared_by
    from with_distances

),

with_difference as (

    select
        *,
        case
            when compared_by = 'tonnes' then quantity_share_difference
            when compared_by = 'value' then value_share_difference
        end as share_difference
    from with_measure

),

final as (

    select
        *,
        import_value_usd / other_import_value_usd as import_value_ratio,
        abs(share_difference) > {{ threshold('share_disagreement_tolerance') }}
            as is_beyond_tolerance,
        case
            when share_difference is null then 'not_compared'
            when abs(share_difference) <= {{ threshold('share_disagreement_tolerance') }}
                then 'within_tolerance'
            when goods_match <> 'same' then 'different_goods'
            when is_truncated_release then 'truncated_release'
            when
                import_value_usd
                > {{ threshold('import_value_ratio_limit') }} * other_import_value_usd
                or other_import_value_usd
                > {{ threshold('import_value_ratio_limit') }} * import_value_usd
                then 'totals_differ'
            when compared_by = 'value' and share_measure = 'tonnes' then 'different_measure'
            when share_measure <> 'value' and other_quantity_share is null
                then 'only_value_to_compare'
            else 'publishers_disagree'
        end as explanation
    from with_difference

)

{{ contract_columns() }}
order by
    importer_id, mineral_id, goods, stage, period_from_year, period_to_year, source_id, edition,
    origin_id
