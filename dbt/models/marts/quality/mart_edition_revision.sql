{#-
    What moved between an edition and the one before: same source, series, geography and year. Of production
    every figure that either lists; of trade, which a new release moves everywhere, what moved.
-#}
with

production as (

    select * from {{ ref('int_production__figures') }}
    where statistic = 'production'

),

shared as (

    select * from {{ ref('int_production__shares') }}

),

editions as (

    select
        source_id,
        edition,
        lag(edition) over (partition by source_id order by released_on, edition)
            as previous_edition,
        lead(edition) over (partition by source_id order by released_on, edition)
            as next_edition
    from {{ ref('stg_reference__editions') }}

),

figures as (

    select
        production.source_id,
        production.edition,
        editions.previous_edition,
        editions.next_edition,
        production.mineral_id,
        production.stage,
        production.form,
        production.basis,
        production.reference_year,
        production.geography_kind,
        production.geography_id,
        production.country_iso3,
        production.quantity_tonnes,
        production.value_status,
        production.source_row_id,
        shared.production_share
    from production
    inner join editions
        on
            production.source_id = editions.source_id
            and production.edition = editions.edition
    left join shared on production.source_row_id = shared.source_row_id

),

later as (

    select * from figures
    where previous_edition is not null

),

earlier as (

    select * from figures
    where next_edition is not null

),

compared as (

    select
        coalesce(later.source_id, earlier.source_id) as source_id,
        coalesce(later.edition, earlier.next_edition) as edition,
        coalesce(later.previous_edition, earlier.edition) as previous_edition,
        coalesce(later.mineral_id, earlier.mineral_id) as mineral_id,
        coalesce(later.stage, earlier.stage) as stage,
        coalesce(later.form, earlier.form) as form,
        coalesce(later.basis, earlier.basis) as basis,
        coalesce(later.reference_year, earlier.reference_year) as reference_year,
        coalesce(later.geography_kind, earlier.geography_kind) as geography_kind,
        coalesce(later.geography_id, earlier.geography_id) as geography_id,
        coalesce(later.country_iso3, earlier.country_iso3) as country_iso3,
        later.quantity_tonnes,
        earlier.quantity_tonnes as previous_quantity_tonnes,
        later.production_share,
        earlier.production_share as previous_production_share,
        later.source_row_id,
        earlier.source_row_id as previous_source_row_id,
        coalesce(later.value_status, 'not_listed') as value_status,
        coalesce(earlier.value_status, 'not_listed') as previous_value_status
    from later
    full outer join earlier
        on
            later.source_id = earlier.source_id
            and later.previous_edition = earlier.edition
            and later.mineral_id = earlier.mineral_id
            and later.stage = earlier.stage
            and later.form = earlier.form
            and later.basis = earlier.basis
            and later.reference_year = earlier.reference_year
            and later.geography_kind = earlier.geography_kind
            and later.geography_id = earlier.geography_id

),

counted as (

    select
        *,
        count(source_row_id) over (
            partition by source_id, edition, mineral_id, stage, form, basis, reference_year
        ) as later_rows,
        count(previous_source_row_id) over (
            partition by source_id, edition, mineral_id, stage, form, basis, reference_year
        ) as earlier_rows
    from compared

),

-- Series and years that both editions publish: what only one of them covers is no revision.
both_published as (

    select * from counted
    where later_rows > 0 and earlier_rows > 0

),

revisions as (

    select
        *,
        'production' as statistic
    from both_published
    union all by name
    select
        *,
        'trade' as statistic,
        'gross' as basis,
        case when geography_kind = 'country' then geography_id end as country_iso3,
        quantity_kg / 1000 as quantity_tonnes,
        previous_quantity_kg / 1000 as previous_quantity_tonnes,
        case when value_usd is null then 'not_listed' else 'numeric' end as value_status,
        case when previous_value_usd is null then 'not_listed' else 'numeric' end
            as previous_value_status
    from {{ ref('int_trade__edition_changes') }}

),

final as (

    select
        *,
        quantity_tonnes / nullif(previous_quantity_tonnes, 0) as quantity_ratio,
        production_share - previous_production_share as production_share_change,
        value_usd / previous_value_usd as value_ratio,
        export_share - previous_export_share as export_share_change,
        -- Of trade only what moved is there.
        case
            when previous_value_status = 'not_listed' then 'newly_listed'
            when value_status = 'not_listed' then 'no_longer_listed'
            when value_status <> previous_value_status then 'status_changed'
            when statistic = 'trade' or quantity_tonnes <> previous_quantity_tonnes
                then 'revised'
            else 'unchanged'
        end as revision_kind
    from revisions

)

{{ contract_columns() }}
order by
    mineral_id, stage, form, basis, reference_year, source_id, edition, series_id, line_code,
    geography_id
