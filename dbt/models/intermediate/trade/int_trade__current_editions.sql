{#-
    The one place that chooses the edition of trade: of each series and year the newest that publishes it. A
    new release that covers a year answers for all of its lines, those that it dropped too: lines of two
    editions are never pooled. A year, or a series, that it does not publish stays with the edition before.
    Declared trade is put together of all pulls and bears the name of the newest.
-#}
with

editions as (select * from {{ ref('stg_reference__editions') }}),
trade_series as (select * from {{ ref('trade_series') }}),

declared_editions as (

    select distinct
        source_id,
        edition,
        released_on,
        reference_year
    from {{ ref('stg_un_comtrade__declarations') }}

),

pulls as (

    select
        source_id,
        edition,
        {{ edition_age(['source_id']) }} as edition_age
    from declared_editions

),

newest_pull as (

    select distinct
        source_id,
        edition
    from pulls
    where edition_age = 1

),

declared_years as (

    select distinct
        source_id,
        reference_year
    from declared_editions

),

published_years as (

    select
        source_id,
        edition,
        series_id,
        reference_year
    from {{ ref('stg_cepii_baci__line_accounts') }}
    where is_used
    group by source_id, edition, series_id, reference_year
    union all
    select
        source_id,
        edition,
        series_id,
        reference_year
    from {{ ref('stg_eurostat_comext__imports') }}
    where value_status = 'numeric'
    group by source_id, edition, series_id, reference_year
    union all
    select
        newest_pull.source_id,
        newest_pull.edition,
        trade_series.series_id,
        declared_years.reference_year
    from newest_pull
    inner join trade_series on newest_pull.source_id = trade_series.source_id
    inner join declared_years on newest_pull.source_id = declared_years.source_id

),

dated_years as (

    select
        published_years.source_id,
        published_years.edition,
        published_years.series_id,
        published_years.reference_year,
        editions.released_on
    from published_years
    inner join editions
        on {{ same_key('published_years', 'editions', ['source_id', 'edition']) }}

),

with_edition_age as (

    select
        *,
        {{ edition_age(['series_id', 'reference_year']) }} as edition_age
    from dated_years

)

select
    source_id,
    series_id,
    edition,
    released_on,
    cast(reference_year as smallint) as reference_year,
    edition_age = 1 as is_current_edition
from with_edition_age
