{#-
    Shares of the headline series of each source, mineral and stage. One row per source, edition, mineral,
    stage, year and country. Battery-grade graphite stands for refined graphite, natural and synthetic.
-#}
with

shared as (

    select * from {{ ref('int_production__shares') }}
    where statistic = 'production'

),

headline as (

    select * from {{ ref('headline_series') }}

)

select
    shared.*,
    max(shared.reference_year) over (
        partition by shared.source_id, shared.edition, shared.mineral_id, shared.stage
    ) as latest_year_of_edition
from shared
inner join headline
    on
        shared.source_id = headline.source_id
        and shared.mineral_id = headline.mineral_id
        and shared.stage = headline.stage
        and shared.form = headline.form
        and shared.basis = headline.basis
