{#- Lowest and highest shares of contained tonnes over the corners of the factors' ranges. -#}
select
    series_number,
    reference_year,
    importer_number,
    origin_number,
    min(quantity_share) as quantity_share_low,
    max(quantity_share) as quantity_share_high
from {{ ref('int_trade__shares_at_corners') }}
group by series_number, reference_year, importer_number, origin_number
