{#-
    Importers that are compared: of pools everybody who buys in the latest year, of single lines the blocs and
    the parties of the meeting of 12 January 2026.
-#}
with

windows as (

    select * from {{ ref('int_diversification__comparison_windows') }}
    where window_id = 'now'

),

series as (

    select * from {{ ref('int_trade__series') }}

),

parties as (

    select * from {{ ref('int_trade__parties') }}

),

meeting as (

    select distinct party_id
    from {{ ref('stg_reference__country_group_members') }}
    where group_id = 'MEETING_2026_01_12'

),

totals as (

    select * from {{ ref('int_trade__importer_totals') }}
    where value_usd > 0

)

select
    windows.series_number,
    totals.importer_number
from windows
inner join series on windows.series_number = series.series_number
inner join totals
    on
        windows.series_number = totals.series_number
        and windows.last_year = totals.reference_year
inner join parties on totals.importer_number = parties.party_number
left join meeting on parties.party_id = meeting.party_id
where
    series.series_level = 'mineral_stage'
    or parties.party_kind = 'bloc'
    or meeting.party_id is not null
