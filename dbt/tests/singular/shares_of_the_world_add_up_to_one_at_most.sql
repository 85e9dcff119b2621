{{ config(meta={'dagster': {'ref': {'name': 'int_production__shares'}}}) }}
{#-
    Countries do not overlap: the least that each can have of the world adds up to 1 at most, and their shares to no more
    than rounding adds (half a unit of the second digit of the total and of each part; of printed shares half a tenth of
    a percent each). Where a total is below its parts by more, shares are over the parts.
-#}
{%- set series = [
    'source_id', 'edition', 'statistic', 'mineral_id', 'stage', 'form', 'basis', 'reference_year',
] %}
with

share_sums as (

    select
        {{ series | join(', ') }},
        sum(production_share) as shares,
        sum(production_share_lower) as least_shares,
        count(production_share) as share_count
    from {{ ref('int_production__shares') }}
    group by {{ series | join(', ') }}

),

with_rounding as (

    select
        share_sums.*,
        case
            when totals.source_id is null then 0.0005 * share_sums.share_count
            when totals.is_total_below_parts then 0
            else totals.rounding_tonnes / nullif(totals.world_total_tonnes, 0)
        end as rounding_share
    from share_sums
    left join {{ ref('int_production__world_totals') }} as totals
        on {{ same_key('share_sums', 'totals', series) }}

)

select *
from with_rounding
where
    least_shares > 1.000001
    or shares > 1.000001 + rounding_share
