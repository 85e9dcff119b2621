with

links as (

    select * from {{ ref('int_disruption__supply_links') }}
    where link_g > 0

),

questions as (select * from {{ ref('int_disruption__scenario_cases') }}),
parties as (select * from {{ ref('int_trade__parties') }}),

-- Scenarios of one year share their links.
distinct_links as (

    select distinct
        questions.mineral_id,
        questions.stage,
        questions.reference_year,
        questions.origin_view,
        questions.quantity_basis,
        links.importer_number,
        links.origin_number,
        links.link_g
    from links
    inner join questions on links.question_number = questions.question_number

),

final as (

    select
        distinct_links.*,
        importers.party_id as importer_id,
        importers.party_kind as importer_kind,
        origins.party_id as origin_id,
        distinct_links.link_g / 1000000 as supply_tonnes
    from distinct_links
    inner join parties as importers on distinct_links.importer_number = importers.party_number
    inner join parties as origins on distinct_links.origin_number = origins.party_number

)

{{ contract_columns() }}
order by mineral_id, stage, reference_year, origin_view, importer_id, origin_id
