{#-
    The one place that chooses the edition of trade: of each series and year the newest that publishes it. A
    new release that covers a year answers for all of its lines, those that it dropped too: lines of two
    editions are never pooled. A year, or a series, that it does not publish stays with the edition before.
    Declared trade is put together of all pulls and bears the name of the newest.
-#}
with

editions as (select * from {{ ref('stg_reference__editions') }}),
trade_series as (select * from {{ ref('trade_series') }}),

declared as (

    select distinct
        source_id,
        edition,
        released_on,
        reference_year
    from {{ ref('stg_un_comtrade__declarations') }}

),

pulled as (

    select
        source_id,
        edition,
        {{ edition_age(['source_id']) }} as edition_age
    from declared

),

newest_pull as (

    select distinct
        source_id,
        edition
    from pulled
    where edition_age = 1

),

declared_years as (

    select distinct
        source_id,
        reference_year
    from declared

),

published as (

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

dated as (

    select
        published.source_id,
        published.edition,
        published.series_id,
        published.reference_year,
        editions.released_on
    from published
    inner join editions
        on {{ same_key('published', 'editions', ['source_id', 'edition']) }}

),

aged as (

    select
        *,
        {{ edition_age(['series_id', 'reference_year']) }} as edition_age
    from dated

)

select
    source_id,
    series_id,
    edition,
    released_on,
    cast(reference_year as smallint) as reference_year,
    edition_age = 1 as is_current_edition
from aged
