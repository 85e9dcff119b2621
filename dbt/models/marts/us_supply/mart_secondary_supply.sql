with

{{ us_consumptions() }},

-- The newest edition that prints secondary supply of a mineral and year; the chapter before the
-- table of critical minerals, and what is produced before what is used.
ranked_editions as (

    select
        *,
        dense_rank() over (
            partition by mineral_id, reference_year
            order by published_in asc, {{ newest_first() }}
        ) as edition_order,
        row_number() over (
            partition by
                source_id, edition, published_in, mineral_id, form, scrap_kind, reference_year
            order by statistic desc
        ) as statistic_order
    from {{ ref('fct_us_supply') }}
    where statistic in ('secondary_production', 'secondary_consumption')

),

secondary as (

    select * from ranked_editions
    where edition_order = 1 and statistic_order = 1

),

answered_years as (

    select distinct
        mineral_id,
        reference_year
    from secondary

),

reliance as (select * from {{ ref('stg_usgs_mcs_us__net_import_reliances') }}),

-- What is consumed and not imported is produced at home: a withheld part of it is no larger.
supply_pairs as (

    select
        secondary.source_id,
        secondary.edition,
        secondary.published_in,
        secondary.mineral_id,
        secondary.form,
        secondary.scrap_kind,
        secondary.reference_year,
        secondary.statistic as secondary_statistic,
        secondary.quantity_tonnes as secondary_tonnes,
        coalesce(secondary.quantity_tonnes_lower, secondary.quantity_tonnes)
            as secondary_tonnes_lower,
        coalesce(secondary.quantity_tonnes_upper, secondary.quantity_tonnes)
            as secondary_tonnes_upper,
        secondary.value_status as secondary_status,
        secondary.is_estimated as is_secondary_estimated,
        secondary.source_row_id,
        consumptions.consumption_basis,
        consumptions.consumption_tonnes,
        consumptions.consumption_tonnes_lower,
        consumptions.consumption_tonnes_upper,
        consumptions.consumption_status,
        consumptions.is_consumption_estimated,
        consumptions.consumption_source_row_id,
        case
            when
                secondary.value_status = 'withheld'
                and secondary.scrap_kind in ('old', 'not_stated')
                and reliance.consumption_basis in ('apparent', 'not_stated')
                then
                    1 - coalesce(
                        reliance.net_import_reliance_share, reliance.net_import_reliance_share_lower
                    )
        end as domestic_share_upper
    from secondary
    left join consumptions
        on
            {{ same_key('secondary', 'consumptions', [
                'source_id', 'edition', 'published_in', 'mineral_id', 'form', 'reference_year',
            ]) }}
    left join reliance
        on
            {{ same_key('secondary', 'reliance', [
                'source_id', 'edition', 'mineral_id', 'form', 'reference_year',
            ]) }}

),

-- Minerals of whose year no secondary supply is printed at all.
unanswered_years as (

    select
        consumptions.source_id,
        consumptions.edition,
        consumptions.published_in,
        consumptions.mineral_id,
        consumptions.form,
        'none' as scrap_kind,
        consumptions.reference_year,
        'not_listed' as secondary_status,
        consumptions.consumption_basis,
        consumptions.consumption_tonnes,
        consumptions.consumption_tonnes_lower,
        consumptions.consumption_tonnes_upper,
        consumptions.consumption_status,
        consumptions.is_consumption_estimated,
        consumptions.consumption_source_row_id
    from consumptions
    left join answered_years
        on {{ same_key('consumptions', 'answered_years', ['mineral_id', 'reference_year']) }}
    where
        consumptions.is_current_edition
        and consumptions.published_in = 'chapter'
        and answered_years.mineral_id is null

),

all_rows as (

    select * from supply_pairs
    union all by name
    select * from unanswered_years

),

shares as (

    select
        *,
        case
            when scrap_kind <> 'new' and consumption_tonnes > 0
                then secondary_tonnes / consumption_tonnes
        end as recycled_share,
        case
            when scrap_kind <> 'new' and consumption_tonnes_upper > 0
                then secondary_tonnes_lower / consumption_tonnes_upper
        end as figure_share_lower,
        case
            when scrap_kind <> 'new' and consumption_tonnes_lower > 0
                then secondary_tonnes_upper / consumption_tonnes_lower
        end as figure_share_upper
    from all_rows

),

final as (

    select
        *,
        'USA' as country_iso3,
        coalesce(
            figure_share_lower, case when domestic_share_upper is not null then 0 end
        ) as recycled_share_lower,
        coalesce(figure_share_upper, domestic_share_upper) as recycled_share_upper,
        case
            when figure_share_lower is not null then 'published_figures'
            when domestic_share_upper is not null then 'one_less_net_import_reliance'
        end as bound_basis,
        case
            when recycled_share is not null then null
            when scrap_kind = 'none' then 'secondary_supply_not_published'
            when scrap_kind = 'new' then 'new_scrap_is_outside_consumption'
            when secondary_tonnes is null then 'secondary_supply_' || secondary_status
            when consumption_status is null then 'no_consumption_of_this_form'
            else 'consumption_' || consumption_status
        end as null_reason
    from shares

)

{{ contract_columns() }}
order by mineral_id, form, scrap_kind, reference_year
