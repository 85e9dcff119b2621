{#-
    What EU members and the EU import of a group that eight-digit codes tell apart and six do not: heavy and
    light rare earths. Only years in which every code of the group runs; codes of mixtures lie in no group.
-#}
with

group_lines as (

    select * from {{ ref('trade_group_line') }}

),

series as (

    select * from {{ ref('int_trade__series') }}
    where series_level = 'cn8'

),

members as (

    select * from {{ ref('int_trade__bloc_members_by_year') }}

),

parties as (

    select * from {{ ref('int_trade__parties') }}

),

flows as (

    select
        group_lines.mineral_id,
        group_lines.cn8,
        flows.stage,
        series.source_id,
        series.edition,
        series.series_id,
        flows.reference_year,
        flows.importer_number,
        flows.exporter_number,
        flows.value_usd
    from {{ ref('int_trade__measured_flows') }} as flows
    inner join series on flows.line_number = series.series_number
    inner join group_lines on series.line_code = group_lines.cn8
    where flows.is_current_edition

),

line_counts as (

    select
        mineral_id,
        count(*) as line_count
    from group_lines
    group by mineral_id

),

whole_years as (

    select
        flows.mineral_id,
        flows.edition,
        flows.reference_year
    from flows
    inner join line_counts on flows.mineral_id = line_counts.mineral_id
    group by flows.mineral_id, flows.edition, flows.reference_year, line_counts.line_count
    having count(distinct flows.cn8) = line_counts.line_count

),

by_country as (

    select
        flows.mineral_id,
        flows.stage,
        flows.source_id,
        flows.edition,
        flows.series_id,
        flows.reference_year,
        flows.importer_number,
        flows.exporter_number,
        cast(sum(flows.value_usd) as bigint) as value_usd
    from flows
    inner join whole_years
        on
            flows.mineral_id = whole_years.mineral_id
            and flows.edition = whole_years.edition
            and flows.reference_year = whole_years.reference_year
    group by
        flows.mineral_id, flows.stage, flows.source_id, flows.edition, flows.series_id,
        flows.reference_year, flows.importer_number, flows.exporter_number

),

-- Eurostat's reporters are the EU's members: it knows no imports of other blocs.
by_importer as (

    select * from by_country
    union all
    select
        by_country.mineral_id,
        by_country.stage,
        by_country.source_id,
        by_country.edition,
        by_country.series_id,
        by_country.reference_year,
        members.bloc_number as importer_number,
        by_country.exporter_number,
        cast(sum(by_country.value_usd) as bigint) as value_usd
    from by_country
    inner join members
        on
            by_country.importer_number = members.member_number
            and by_country.reference_year = members.reference_year
            and members.bloc_id in ('EU', 'EU27')
    left join members as own
        on
            members.bloc_number = own.bloc_number
            and by_country.exporter_number = own.member_number
            and by_country.reference_year = own.reference_year
    where own.member_number is null
    group by
        by_country.mineral_id, by_country.stage, by_country.source_id, by_country.edition,
        by_country.series_id, by_country.reference_year, members.bloc_number,
        by_country.exporter_number

),

totals as (

    select
        mineral_id,
        stage,
        edition,
        reference_year,
        importer_number,
        cast(sum(value_usd) as bigint) as value_total_usd
    from by_importer
    group by mineral_id, stage, edition, reference_year, importer_number

)

select
    by_importer.mineral_id,
    by_importer.stage,
    by_importer.source_id,
    by_importer.edition,
    by_importer.series_id,
    by_importer.reference_year,
    importer.party_id as importer_id,
    importer.party_kind as importer_kind,
    origin.party_id as origin_id,
    by_importer.value_usd,
    totals.value_total_usd
from by_importer
inner join totals
    on
        by_importer.mineral_id = totals.mineral_id
        and by_importer.stage = totals.stage
        and by_importer.edition = totals.edition
        and by_importer.reference_year = totals.reference_year
        and by_importer.importer_number = totals.importer_number
inner join parties as importer on by_importer.importer_number = importer.party_number
inner join parties as origin on by_importer.exporter_number = origin.party_number
