{{ config(severity='warn', meta={'dagster': {'ref': {'name': 'fct_price'}}}) }}
{#-
    A world market has one price: what USGS prints of it for a year is the mean of the World Bank's twelve months,
    up to the tolerance. A unit misread in one of them, or two metals in each other's place, is far beyond it. Prices
    of other goods or places (a producer's, an ingot with its premium in the United States) are not compared.
-#}
{%- set of_world_markets = ['bullion', 'comex_first_position', 'lme_cash', 'lme_cash_per_pound', 'metal'] %}
with

yearly_means as (

    select
        mineral_id,
        reference_year,
        source_id,
        avg(value_usd_per_tonne) as mean_usd_per_tonne
    from {{ ref('fct_price') }}
    where is_current_edition and period_kind = 'month'
    group by mineral_id, reference_year, source_id
    having count(value_usd_per_tonne) = 12

)

select
    printed.mineral_id,
    printed.reference_year,
    printed.price_label,
    printed.source_id,
    printed.edition,
    printed.value_usd_per_tonne,
    yearly_means.source_id as compared_source_id,
    yearly_means.mean_usd_per_tonne
from {{ ref('fct_price') }} as printed
inner join yearly_means
    on
        printed.mineral_id = yearly_means.mineral_id
        and printed.reference_year = yearly_means.reference_year
        and printed.source_id <> yearly_means.source_id
where
    printed.is_current_edition
    and printed.period_kind = 'year'
    and printed.price_label in ('{{ of_world_markets | join("', '") }}')
    and abs(printed.value_usd_per_tonne / yearly_means.mean_usd_per_tonne - 1)
    > {{ threshold('price_disagreement_tolerance') }}
