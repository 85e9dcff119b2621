{#-
    Import shares that a claim about trade speaks of, as they were known at its date and as they are known
    today: level mineral_stage, the series that answers, the latest year of trade; where the claim is about a
    change, beside the mean of the yearly shares of each base, in the same series.
-#}
with

{{ claim_days() }},

parties as (select * from {{ ref('int_trade__parties') }}),

subjects as (

    select
        subjects.claim_id,
        subjects.subject_no,
        subjects.measure,
        subjects.mineral_id,
        subjects.stage,
        subjects.geography_id as importer_id,
        subjects.partner_id as origin_id,
        importers.party_number as importer_number,
        origins.party_number as origin_number,
        claim_days.claimed_on,
        claim_days.correction,
        claim_days.as_of_kind,
        claim_days.as_of
    from {{ ref('stg_reference__claim_subjects') }} as subjects
    inner join claim_days on subjects.claim_id = claim_days.claim_id
    inner join parties as importers on subjects.geography_id = importers.party_id
    inner join parties as origins on subjects.partner_id = origins.party_id
    where
        subjects.measure in (
            'import_share', 'import_share_fell', 'import_share_stayed', 'import_after'
        )

),

party_pairs as (

    select distinct
        importer_number,
        origin_number
    from subjects

),

editions as (select * from {{ ref('stg_reference__editions') }}),

bases as (select * from {{ ref('claim_base') }}),

current_series as (

    select * from {{ ref('int_trade__series_by_year') }}
    where is_current_series

),

latest as (

    select {{ newest_trade_year() }} as reference_year from current_series

),

pools as (

    select
        current_series.*,
        current_series.line_count = 1 as is_one_line
    from current_series
    cross join latest
    left join bases
        on
            current_series.reference_year >= bases.first_year
            and current_series.reference_year <= bases.last_year
    where
        current_series.series_level = 'mineral_stage'
        and (current_series.reference_year = latest.reference_year or bases.base_id is not null)

),

pair_shares as (

    select
        party_pairs.importer_number,
        party_pairs.origin_number,
        pools.series_number,
        pools.reference_year,
        pools.mineral_id,
        pools.stage,
        pools.source_id,
        pools.edition,
        pools.has_missing_lines,
        cast(totals.value_usd as double) as import_value_usd,
        coalesce(imports.value_usd, 0) / totals.value_usd as value_share,
        case
            {%- for bought in ['totals', 'imports'] %}
            when
                {{ bought }}.value_usd is not null
                and not {{ is_weighed_by(bought, 'pools.is_one_line') }}
                then null
            {%- endfor %}
            when imports.value_usd is null then 0
            when pools.is_one_line then imports.quantity_kg / totals.quantity_kg
            else imports.contained_g / totals.contained_g
        end as quantity_share
    from {{ ref('int_trade__importer_years') }} as totals
    inner join pools
        on {{ same_key('totals', 'pools', ['series_number', 'reference_year']) }}
    inner join party_pairs on totals.importer_number = party_pairs.importer_number
    left join {{ ref('int_trade__imports_by_origin') }} as imports
        on
            totals.series_number = imports.series_number
            and totals.reference_year = imports.reference_year
            and totals.importer_number = imports.importer_number
            and party_pairs.origin_number
            = case when not imports.is_inside then imports.origin_number end
    where totals.value_usd > 0

),

shares_by_measure as (

    select
        *,
        'value' as share_measure,
        value_share as import_share
    from pair_shares
    union all
    select
        *,
        'tonnes' as share_measure,
        quantity_share as import_share
    from pair_shares

),

-- A base without one of its years is none.
base_shares as (

    select
        shares_by_measure.importer_number,
        shares_by_measure.origin_number,
        shares_by_measure.series_number,
        shares_by_measure.share_measure,
        bases.first_year as base_first_year,
        bases.last_year as base_last_year,
        case
            when count(shares_by_measure.import_share) = bases.last_year - bases.first_year + 1
                then
                    {{ exact_sum('shares_by_measure.import_share') }}
                    / count(shares_by_measure.import_share)
        end as base_share
    from shares_by_measure
    inner join bases
        on
            shares_by_measure.reference_year >= bases.first_year
            and shares_by_measure.reference_year <= bases.last_year
    group by
        shares_by_measure.importer_number,
        shares_by_measure.origin_number,
        shares_by_measure.series_number,
        shares_by_measure.share_measure, bases.base_id, bases.first_year, bases.last_year

)

select
    subjects.claim_id,
    subjects.subject_no,
    subjects.measure,
    subjects.as_of_kind,
    subjects.as_of,
    cast(extract(year from subjects.claimed_on) as integer) as claimed_year,
    subjects.correction,
    subjects.importer_id,
    subjects.origin_id,
    subjects.mineral_id is not null as names_mineral,
    shares_by_measure.mineral_id,
    shares_by_measure.stage,
    shares_by_measure.source_id,
    shares_by_measure.edition,
    shares_by_measure.has_missing_lines,
    shares_by_measure.share_measure,
    shares_by_measure.reference_year,
    shares_by_measure.import_value_usd,
    shares_by_measure.import_share,
    base_shares.base_first_year,
    base_shares.base_last_year,
    base_shares.base_share
from subjects
inner join shares_by_measure
    on
        subjects.importer_number = shares_by_measure.importer_number
        and subjects.origin_number = shares_by_measure.origin_number
        and (subjects.mineral_id is null or subjects.mineral_id = shares_by_measure.mineral_id)
        and (subjects.stage is null or subjects.stage = shares_by_measure.stage)
inner join latest on shares_by_measure.reference_year = latest.reference_year
inner join editions
    on
        shares_by_measure.source_id = editions.source_id
        and shares_by_measure.edition = editions.edition
        and subjects.as_of >= editions.released_on
left join base_shares
    on
        case
            when subjects.measure in ('import_share_fell', 'import_share_stayed')
                then shares_by_measure.importer_number
        end = base_shares.importer_number
        and shares_by_measure.origin_number = base_shares.origin_number
        and shares_by_measure.series_number = base_shares.series_number
        and shares_by_measure.share_measure = base_shares.share_measure
