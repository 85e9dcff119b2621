{{ config(severity='warn', meta={'dagster': {'ref': {'name': 'fct_trade_agreement'}}}) }}
{#-
    The agreements in table T5 of USGS's newest book and our list cover each other: each row has an agreement of ours,
    by its number or with that partner in that month; each number that ours names is a row. A new book may list
    one that nobody has looked at.
-#}
with

editions as (

    select
        *,
        {{ edition_age(['source_id']) }} = 1 as is_newest
    from {{ ref('stg_usgs_mcs_us__trade_agreement_t5s') }}

),

listed_by_usgs as (

    select
        cast(file_row as integer) - 1 as t5_row,
        published_country,
        country_iso3,
        signed_year,
        signed_month
    from editions
    where is_newest

),

ours as (

    select
        agreement_id,
        counterparty_id,
        usgs_table_t5_row as t5_row,
        extract(year from signed_on) as signed_year,
        extract(month from signed_on) as signed_month
    from {{ ref('fct_trade_agreement') }}

),

unanswered as (

    select
        'agreement of T5 that our list lacks' as finding,
        listed_by_usgs.t5_row,
        listed_by_usgs.published_country as subject
    from listed_by_usgs
    left join ours
        on
            coalesce(listed_by_usgs.country_iso3, ours.counterparty_id) = ours.counterparty_id
            and (
                listed_by_usgs.t5_row = ours.t5_row
                or (
                    listed_by_usgs.signed_year = ours.signed_year
                    and listed_by_usgs.signed_month = ours.signed_month
                )
            )
    where ours.agreement_id is null

),

-- As of a day before the table was out there is nothing to name.
orphaned as (

    select
        'agreement of ours that names no row of T5' as finding,
        ours.t5_row,
        ours.agreement_id as subject
    from ours
    left join listed_by_usgs
        on
            ours.t5_row = listed_by_usgs.t5_row
            and ours.counterparty_id
            = coalesce(listed_by_usgs.country_iso3, ours.counterparty_id)
    where
        ours.t5_row is not null
        and listed_by_usgs.t5_row is null
        and exists (select 1 from listed_by_usgs)

)

select * from unanswered
union all
select * from orphaned
