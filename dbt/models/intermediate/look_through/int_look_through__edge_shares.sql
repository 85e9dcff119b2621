{#- Every flow as a part of its importer's imports, by mass and by value, and of its supply. -#}
with

flows as (

    select * from {{ ref('int_look_through__edges') }}

),

supplies as (

    select * from {{ ref('int_look_through__node_balances') }}

)

select
    flows.graph_number,
    flows.exporter_number,
    flows.importer_number,
    flows.graph_number * 1000 + flows.exporter_number as exporter_key,
    flows.graph_number * 1000 + flows.importer_number as importer_key,
    case
        when importer.imports_g > 0 then flows.mass_g / importer.imports_g
        else cast(0 as double)
    end as import_share,
    flows.value_usd / importer.value_usd as value_share,
    case
        when importer.is_withheld or importer.supply_g = 0 then cast(0 as double)
        else flows.mass_g / importer.supply_g
    end as supply_share,
    -- Only what a node sells on passes its origins on.
    importer.exports_g > 0 as is_sold_on
from flows
inner join supplies as importer
    on
        flows.graph_number = importer.graph_number
        and flows.importer_number = importer.party_number
