{#-
    Shares of imports from elsewhere than a trade series: printed by a publisher (USGS's US import sources, the
    EU study's sourcing), or of a group of eight-digit codes. One row per importer, mineral, stage, year, kind of
    evidence, source, goods and origin, or one without an origin and with the reason. A mean of years stands for
    each of its years; the newest edition of the same goods also answers for later years.
    A group is what eight-digit codes tell apart and six do not: heavy and light rare earths, as EU members and the EU
    import them. Only years in which every code of the group runs; codes of mixtures lie in no group.
-#}
{%- set group_years = 'mineral_id, stage, source_id, edition, series_id, reference_year' %}
with

us_sources as (select * from {{ ref('stg_usgs_mcs_us__import_sources') }}),

eu_shares as (

    select * from {{ ref('stg_eu_crm__supply_shares') }}
    where scope = 'eu_sourcing'

),

goods as (select * from {{ ref('import_evidence_goods') }}),
measures as (select * from {{ ref('us_import_source_line') }}),

years as (

    select distinct reference_year from {{ ref('int_trade__series_by_year') }}

),

published_shares as (

    select
        'us_import_sources' as evidence_kind,
        'USA' as published_for_id,
        'country' as importer_kind,
        goods.answers_mineral_id as mineral_id,
        goods.stage,
        us_sources.form as goods,
        goods.goods_match,
        us_sources.source_id,
        us_sources.edition,
        us_sources.released_on,
        us_sources.source_row_id,
        us_sources.period_from as period_from_year,
        us_sources.period_to as period_to_year,
        case
            when us_sources.geography_kind = 'rest' then 'REST'
            when us_sources.geography_id = 'CHN' and us_sources.includes_hong_kong then 'CHN_HKG'
            else us_sources.geography_id
        end as origin_id,
        case
            when us_sources.geography_kind = 'rest' then 'rest'
            when us_sources.geography_id = 'CHN' and us_sources.includes_hong_kong then 'bloc'
            else us_sources.geography_kind
        end as origin_kind,
        us_sources.import_share as share,
        us_sources.import_share_lower as share_lower,
        us_sources.import_share_upper as share_upper,
        us_sources.value_status,
        us_sources.is_estimated,
        coalesce(measures.share_measure, 'not_published') as share_measure
    from us_sources
    inner join goods
        on
            us_sources.source_id = goods.source_id
            and us_sources.mineral_id = goods.mineral_id
            and us_sources.form = goods.goods
    left join measures
        on us_sources.mineral_id = measures.mineral_id and us_sources.form = measures.form
    union all
    select
        'eu_supply_study' as evidence_kind,
        'EU27' as published_for_id,
        'bloc' as importer_kind,
        coalesce(goods.answers_mineral_id, eu_shares.mineral_id) as mineral_id,
        eu_shares.stage,
        eu_shares.material_id as goods,
        coalesce(goods.goods_match, 'same') as goods_match,
        eu_shares.source_id,
        eu_shares.edition,
        eu_shares.released_on,
        eu_shares.source_row_id,
        eu_shares.period_from_year,
        eu_shares.period_to_year,
        eu_shares.geography_id as origin_id,
        eu_shares.geography_kind as origin_kind,
        eu_shares.supply_share as share,
        eu_shares.supply_share_lower as share_lower,
        eu_shares.supply_share_upper as share_upper,
        eu_shares.value_status,
        false as is_estimated,
        'not_published' as share_measure
    from eu_shares
    left join goods
        on
            eu_shares.source_id = goods.source_id
            and eu_shares.mineral_id = goods.mineral_id
            and eu_shares.material_id = goods.goods

),

newest as (

    select
        source_id,
        goods,
        mineral_id,
        max(released_on) as released_on
    from published_shares
    group by source_id, goods, mineral_id

),

parties as (select * from {{ ref('int_trade__parties') }}),

{{ same_blocs() }},

-- What is published for a bloc answers for one of the same members, too: today's EU is the EU27.
importer_years as (

    select
        published_shares.published_for_id,
        published_shares.published_for_id as importer_id,
        years.reference_year
    from (select distinct published_for_id from published_shares) as published_shares
    cross join years
    union
    select
        answering.party_id as published_for_id,
        asked.party_id as importer_id,
        same_blocs.reference_year
    from same_blocs
    inner join parties as answering on same_blocs.party_number = answering.party_number
    inner join parties as asked on same_blocs.importer_number = asked.party_number

),

answering_shares as (

    select
        published_shares.*,
        importer_years.importer_id,
        importer_years.reference_year
    from published_shares
    inner join newest
        on {{ same_key('published_shares', 'newest', ['source_id', 'goods', 'mineral_id']) }}
    inner join importer_years
        on
            published_shares.published_for_id = importer_years.published_for_id
            and published_shares.period_from_year <= importer_years.reference_year
            and (
                published_shares.period_to_year >= importer_years.reference_year
                or published_shares.released_on = newest.released_on
            )

),

-- Eurostat's reporters are the EU's members: it knows no imports of other blocs.
members as (

    select * from {{ ref('int_trade__bloc_members_by_year') }}
    where bloc_id in ('EU', 'EU27')

),

group_lines as (

    select
        *,
        count(*) over (partition by mineral_id) as line_count
    from {{ ref('trade_group_line') }}

),

group_flows as (

    select
        group_lines.mineral_id,
        group_lines.cn8,
        group_lines.line_count,
        flows.stage,
        series.source_id,
        series.edition,
        series.series_id,
        flows.reference_year,
        flows.importer_number,
        flows.exporter_number,
        flows.value_usd
    from {{ ref('int_trade__measured_flows') }} as flows
    inner join {{ ref('int_trade__series') }} as series
        on flows.line_number = series.series_number
    inner join group_lines on series.line_code = group_lines.cn8
    where flows.is_current_edition and series.series_level = 'cn8'

),

-- In other years not every code of the group runs.
whole_years as (

    select
        mineral_id,
        edition,
        reference_year
    from group_flows
    group by mineral_id, edition, reference_year
    having count(distinct cn8) = max(line_count)

),

by_importer as (

    select
        {{ group_years }},
        importer_number,
        exporter_number,
        cast(sum(value_usd) as bigint) as value_usd
    from group_flows
    group by {{ group_years }}, importer_number, exporter_number
    union all
    select
        {%- for column in group_years.split(', ') %}
        group_flows.{{ column }},
        {%- endfor %}
        members.bloc_number as importer_number,
        group_flows.exporter_number,
        cast(sum(group_flows.value_usd) as bigint) as value_usd
    from group_flows
    inner join members
        on
            group_flows.importer_number = members.member_number
            and group_flows.reference_year = members.reference_year
    -- What stays inside the bloc is no import of it.
    left join members as own
        on
            members.bloc_number = own.bloc_number
            and group_flows.exporter_number = own.member_number
            and group_flows.reference_year = own.reference_year
    where own.member_number is null
    group by all

),

group_imports as (

    select
        by_importer.*,
        importer.party_id as importer_id,
        importer.party_kind as importer_kind,
        origin.party_id as origin_id,
        cast(
            sum(by_importer.value_usd) over (
                partition by
                    by_importer.mineral_id, by_importer.stage, by_importer.edition,
                    by_importer.reference_year, by_importer.importer_number
            ) as bigint
        ) as value_total_usd
    from by_importer
    inner join whole_years
        on {{ same_key('by_importer', 'whole_years', ['mineral_id', 'edition', 'reference_year']) }}
    inner join parties as importer on by_importer.importer_number = importer.party_number
    inner join parties as origin on by_importer.exporter_number = origin.party_number

),

group_years as (

    select distinct {{ group_years }}
    from group_imports

),

-- Whom the codes do not know, or who bought nothing from outside under them.
group_gaps as (

    select
        parties.party_id as importer_id,
        parties.party_kind as importer_kind,
        group_years.mineral_id,
        group_years.stage,
        group_years.source_id,
        group_years.edition,
        group_years.series_id,
        group_years.reference_year,
        case
            when reporters.member_id is null then 'importer_not_in_series'
            else 'no_imports_recorded'
        end as null_reason
    from parties
    cross join group_years
    left join members as reporters
        on
            parties.party_id = reporters.member_id
            and group_years.reference_year = reporters.reference_year
            and reporters.bloc_id = 'EU27'
    left join group_imports
        on
            parties.party_id = group_imports.importer_id
            and {{ same_key('group_years', 'group_imports', [
                'mineral_id', 'stage', 'edition', 'reference_year'
            ]) }}
    where group_imports.importer_id is null

),

by_kind as (

    select
        *,
        case when share is null then coalesce(nullif(value_status, 'numeric'), 'not_available') end
            as null_reason
    from answering_shares
    union all by name
    select
        importer_id,
        importer_kind,
        mineral_id,
        stage,
        source_id,
        edition,
        series_id,
        reference_year,
        origin_id,
        'country' as origin_kind,
        value_usd / value_total_usd as share,
        case
            when value_total_usd < {{ threshold('de_minimis_usd') }} then 'de_minimis'
        end as trade_flags
    from group_imports
    union all by name
    select * from group_gaps

)

select
    importer_id,
    importer_kind,
    mineral_id,
    stage,
    reference_year,
    origin_id,
    origin_kind,
    share,
    share_lower,
    share_upper,
    source_id,
    edition,
    series_id,
    source_row_id,
    is_estimated,
    trade_flags,
    null_reason,
    coalesce(evidence_kind, 'line_group') as evidence_kind,
    coalesce(goods, 'all_lines') as goods,
    coalesce(goods_match, 'same') as goods_match,
    -- Of a part of the goods no answer for the stage is taken.
    coalesce(share, share_lower, share_upper) is not null
    and stage is not null
    and coalesce(goods_match, 'same') in ('same', 'larger_part') as is_answer,
    coalesce(period_from_year, reference_year) as period_from_year,
    coalesce(period_to_year, reference_year) as period_to_year,
    coalesce(share_measure, 'value') as share_measure
from by_kind
