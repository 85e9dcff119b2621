{{ config(severity='warn', meta={'dagster': {'ref': {'name': 'fct_price'}}}) }}
{#-
    A world market has one price: what one publisher prints of it for a year is the mean of the other's months, up to
    the tolerance. A unit misread in one of them, or two metals in each other's place, is far beyond it. Prices of other
    goods or places (a producer's, an ingot with its premium in the United States) are not compared.
-#}
select
    printed.mineral_id,
    printed.reference_year,
    printed.price_label,
    printed.source_id,
    printed.edition,
    printed.value_usd_per_tonne,
    mean_of_months.source_id as compared_source_id,
    mean_of_months.value_usd_per_tonne as compared_usd_per_tonne
from {{ ref('fct_price') }} as printed
inner join {{ ref('fct_price') }} as mean_of_months
    on
        printed.mineral_id = mean_of_months.mineral_id
        and printed.reference_year = mean_of_months.reference_year
        and mean_of_months.month_count = 12
        and mean_of_months.is_current_edition
where
    printed.is_current_edition
    and printed.period_kind = 'year'
    and printed.month_count is null
    and printed.price_label in (
        'bullion', 'comex_first_position', 'lme_cash', 'lme_cash_per_pound', 'metal'
    )
    and abs(printed.value_usd_per_tonne / mean_of_months.value_usd_per_tonne - 1)
    > {{ threshold('price_disagreement_tolerance') }}
