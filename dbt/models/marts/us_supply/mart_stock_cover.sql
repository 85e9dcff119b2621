with

{{ us_consumptions() }},

stocks as (

    select
        *,
        {{ edition_age(['source_id', 'mineral_id', 'form', 'reference_year']) }} as edition_age
    from {{ ref('fct_us_supply') }}
    where statistic = 'stocks'

),

holders as (

    select
        source_id,
        edition,
        mineral_id,
        form,
        reference_year,
        holder,
        quantity_tonnes as stock_tonnes,
        coalesce(quantity_tonnes, quantity_tonnes_lower) as stock_tonnes_lower,
        value_status as stock_status,
        is_estimated as is_stock_estimated,
        source_row_id
    from stocks
    where edition_age = 1

),

-- Where a holder's stock is withheld, the others' sum is the least there is.
all_holders as (

    select
        source_id,
        edition,
        mineral_id,
        form,
        reference_year,
        'all' as holder,
        case when count(*) = count(stock_tonnes) then {{ exact_sum('stock_tonnes') }} end
            as stock_tonnes,
        {{ exact_sum('stock_tonnes_lower') }} as stock_tonnes_lower,
        case
            when count(*) = count(stock_tonnes)
                then case when max(stock_tonnes) = 0 then 'zero' else 'numeric' end
            else max(case when stock_tonnes is null then stock_status end)
        end as stock_status,
        case
            when count(*) = count(stock_tonnes) or max(is_stock_estimated)
                then max(is_stock_estimated)
        end as is_stock_estimated,
        min(source_row_id) as source_row_id
    from holders
    group by source_id, edition, mineral_id, form, reference_year

),

all_stocks as (

    select * from holders
    union all by name
    select * from all_holders

),

final as (

    select
        all_stocks.*,
        'USA' as country_iso3,
        consumptions.consumption_basis,
        consumptions.consumption_tonnes,
        consumptions.consumption_status,
        consumptions.is_consumption_estimated,
        consumptions.consumption_source_row_id,
        case
            when consumptions.consumption_tonnes > 0
                then 365 * all_stocks.stock_tonnes / consumptions.consumption_tonnes
        end as stock_days,
        case
            when consumptions.consumption_tonnes_upper > 0
                then 365 * all_stocks.stock_tonnes_lower / consumptions.consumption_tonnes_upper
        end as stock_days_lower,
        case
            when all_stocks.stock_tonnes is null then 'stock_' || all_stocks.stock_status
            when consumptions.consumption_status is null then 'no_consumption_of_this_form'
            when consumptions.consumption_tonnes is null
                then 'consumption_' || consumptions.consumption_status
            when consumptions.consumption_tonnes = 0 then 'consumption_zero'
        end as null_reason
    from all_stocks
    left join consumptions
        on
            {{ same_key('all_stocks', 'consumptions', [
                'source_id', 'edition', 'mineral_id', 'form', 'reference_year',
            ]) }}
            and consumptions.published_in = 'chapter'

)

{{ contract_columns() }}
order by mineral_id, form, reference_year, holder
