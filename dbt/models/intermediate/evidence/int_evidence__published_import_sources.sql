{#-
    Shares of origins that a publisher prints himself: USGS's US import sources and the EU study's sourcing
    of the EU. A mean of years stands for each of its years; the newest edition of the same goods also
    answers for later years, and says by its period how old it is.
-#}
with

us_sources as (

    select * from {{ ref('fct_us_import_source') }}

),

eu_shares as (

    select * from {{ ref('stg_eu_crm__supply_shares') }}
    where scope = 'eu_sourcing'

),

goods as (

    select * from {{ ref('import_evidence_goods') }}

),

measures as (

    select * from {{ ref('us_import_source_line') }}

),

years as (

    select distinct reference_year from {{ ref('int_trade__series_by_year') }}

),

published as (

    select
        'us_import_sources' as evidence_kind,
        'USA' as importer_id,
        'country' as importer_kind,
        goods.answers_mineral_id as mineral_id,
        goods.stage,
        us_sources.form as goods,
        goods.goods_match,
        us_sources.source_id,
        us_sources.edition,
        us_sources.released_on,
        us_sources.source_row_id,
        us_sources.period_from_year,
        us_sources.period_to_year,
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
        'EU27' as importer_id,
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
    from published
    group by source_id, goods, mineral_id

)

select
    published.*,
    years.reference_year
from published
inner join newest
    on
        published.source_id = newest.source_id
        and published.goods = newest.goods
        and published.mineral_id = newest.mineral_id
inner join years
    on
        published.period_from_year <= years.reference_year
        and (
            published.period_to_year >= years.reference_year
            or published.released_on = newest.released_on
        )
