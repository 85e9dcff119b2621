{#-
    What each edition says about the subject of a production claim, as it was known at the claim's date
    and as it is known today. One row per claim, subject, as-of, source, edition, mineral, stage and
    country; the newest year of the edition that has a figure.
-#}
with

claims as (

    select * from {{ ref('stg_reference__claims') }}
    where test_basis = 'production'

),

subjects as (

    select * from {{ ref('stg_reference__claim_subjects') }}

),

headlined as (

    select * from {{ ref('int_production__shares') }}
    where is_headline

),

latest as (

    select
        *,
        max(case when production_share is not null then reference_year end) over (
            partition by source_id, edition, mineral_id, stage
        ) as latest_year_with_figure,
        max(released_on) over () as newest_release
    from headlined

),

dated as (

    select
        claims.*,
        'claim_date' as as_of_kind
    from claims
    union all
    select
        claims.*,
        'today' as as_of_kind
    from claims

),

known as (

    select
        dated.claim_id,
        subjects.subject_no,
        subjects.measure,
        dated.as_of_kind,
        case
            when dated.as_of_kind = 'claim_date' then dated.claimed_on
            else latest.newest_release
        end as as_of,
        latest.source_id,
        latest.edition,
        latest.released_on,
        latest.mineral_id,
        latest.stage,
        latest.form,
        latest.basis,
        latest.country_iso3,
        latest.reference_year,
        latest.production_share,
        latest.producer_rank,
        latest.source_row_id
    from dated
    inner join subjects on dated.claim_id = subjects.claim_id
    inner join latest
        on
            subjects.geography_id = latest.country_iso3
            and (subjects.mineral_id is null or subjects.mineral_id = latest.mineral_id)
            and (subjects.stage is null or subjects.stage = latest.stage)
            and latest.reference_year = latest.latest_year_with_figure
            and latest.production_share is not null
    where dated.as_of_kind = 'today' or latest.released_on <= dated.claimed_on

)

select
    *,
    {{ edition_age(['claim_id', 'subject_no', 'as_of_kind', 'source_id']) }} = 1
        as is_newest_known_edition
from known
