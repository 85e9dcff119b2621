{#-
    Shares of imports from elsewhere than a trade series: printed by a publisher (USGS's US import sources, the
    EU study's sourcing), or of a group of eight-digit codes. One row per importer, mineral, stage, year, kind of
    evidence, source, goods and origin, or one without an origin and with the reason. A mean of years stands for
    each of its years; the newest edition of the same goods also answers for later years.
-#}
with

us_sources as (

    select * from {{ ref('stg_usgs_mcs_us__import_sources') }}

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

),

answering as (

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

),

group_imports as (

    select * from {{ ref('int_evidence__group_imports') }}

),

parties as (

    select * from {{ ref('int_trade__parties') }}

),

reporters as (

    select
        member_id,
        reference_year
    from {{ ref('int_trade__bloc_members_by_year') }}
    where bloc_id = 'EU27'

),

group_years as (

    select distinct
        mineral_id,
        stage,
        source_id,
        edition,
        series_id,
        reference_year
    from group_imports

),

group_importers as (

    select distinct
        importer_id,
        mineral_id,
        stage,
        edition,
        reference_year
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
    left join reporters
        on
            parties.party_id = reporters.member_id
            and group_years.reference_year = reporters.reference_year
    left join group_importers
        on
            parties.party_id = group_importers.importer_id
            and group_years.mineral_id = group_importers.mineral_id
            and group_years.stage = group_importers.stage
            and group_years.edition = group_importers.edition
            and group_years.reference_year = group_importers.reference_year
    where group_importers.importer_id is null

),

by_kind as (

    select
        *,
        case when share is null then coalesce(nullif(value_status, 'numeric'), 'not_available') end
            as null_reason
    from answering
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
