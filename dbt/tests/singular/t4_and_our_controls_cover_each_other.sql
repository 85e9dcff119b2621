{{ config(meta={'dagster': {'ref': {'name': 'fct_export_control'}}}) }}
{#-
    The table T4 of USGS's newest book and our list of controls cover each other: every row is answered, by an event of
    ours or by a reason; every answer is about a row that T4 still has; every event named exists, and covers a
    mineral that the row names (unless all it covers is outside the warehouse); and every
    mineral of ours that T4 names has an event of that country, or a reason on its row. A failure means
    that a new edition lists a control that nobody has looked at.
-#}
with

editions as (

    select
        *,
        {{ edition_age(['source_id']) }} = 1 as is_newest
    from {{ ref('stg_usgs_mcs_us__export_control_t4s') }}

),

t4 as (

    select distinct
        edition,
        cast(file_row as integer) - 1 as t4_row,
        country_iso3,
        mineral_id
    from editions
    where is_newest

),

-- Rows are numbered anew in each book. As of a date before the table was out, there is nothing to
-- cover.
answers as (

    select listed.*
    from {{ ref('stg_reference__export_control_t4s') }} as listed
    where listed.edition in (select t4.edition from t4)

),

-- T4 may name a group (graphite) where an event of ours covers its parts.
controls as (

    select
        fact.event_id,
        fact.imposing_iso3,
        fact.mineral_id,
        mineral.parent_mineral_id
    from {{ ref('fct_export_control') }} as fact
    left join {{ ref('dim_mineral') }} as mineral on fact.mineral_id = mineral.mineral_id

),

unanswered as (

    select
        'row of T4 without an answer' as finding,
        t4.t4_row,
        t4.country_iso3,
        cast(null as string) as subject
    from t4
    left join answers
        on t4.t4_row = answers.t4_row and t4.country_iso3 = answers.country_iso3
    where answers.t4_row is null

),

orphaned as (

    select
        'answer to a row that T4 does not have' as finding,
        answers.t4_row,
        answers.country_iso3,
        answers.t4_item as subject
    from answers
    left join t4
        on answers.t4_row = t4.t4_row and answers.country_iso3 = t4.country_iso3
    where t4.t4_row is null

),

unknown_event as (

    select
        'answer names an event that we do not have' as finding,
        answers.t4_row,
        answers.country_iso3,
        answers.event_id as subject
    from answers
    left join controls on answers.event_id = controls.event_id
    where answers.event_id is not null and controls.event_id is null

),

-- Gold and silver are no minerals of ours: an event on them alone can't be compared.
other_event as (

    select
        'answer names an event on other minerals' as finding,
        answers.t4_row,
        answers.country_iso3,
        answers.event_id as subject
    from answers
    inner join controls on answers.event_id = controls.event_id and controls.mineral_id is not null
    left join t4
        on
            answers.t4_row = t4.t4_row
            and answers.country_iso3 = t4.country_iso3
            and t4.mineral_id in (controls.mineral_id, controls.parent_mineral_id)
    group by answers.t4_row, answers.country_iso3, answers.event_id
    having count(t4.mineral_id) = 0

),

uncovered_mineral as (

    select
        'mineral of T4 without an event of that country' as finding,
        t4.t4_row,
        t4.country_iso3,
        t4.mineral_id as subject
    from t4
    left join controls
        on
            t4.country_iso3 = controls.imposing_iso3
            and t4.mineral_id in (controls.mineral_id, controls.parent_mineral_id)
    left join answers
        on
            t4.t4_row = answers.t4_row
            and t4.country_iso3 = answers.country_iso3
            and answers.reason is not null
    where
        t4.mineral_id is not null
        and controls.event_id is null
        and answers.t4_row is null

)

select * from unanswered
union all
select * from orphaned
union all
select * from unknown_event
union all
select * from other_event
union all
select * from uncovered_mineral
