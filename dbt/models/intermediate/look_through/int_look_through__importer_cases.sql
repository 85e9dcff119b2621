{#-
    Everything that is asked of the graphs: who imports, by mass or by value, of imports or of apparent supply;
    and why there is no answer.
-#}
with

graphs as (select * from {{ ref('int_look_through__graphs') }}),

{{ look_through_cells() }},

supplies as (select * from {{ ref('int_look_through__node_balances') }}),

{{ look_through_importers() }},

-- As of a day before the source came out, nobody is named.
known_graphs as (

    select graph_number
    from supplies
    group by graph_number
    having bool_or(is_named)

),

-- One row per graph and importer, with what decides whether and how well it is answered.
cases as (

    select
        graphs.graph_number,
        importers.party_number,
        graphs.bloc_id,
        graphs.mineral_id,
        graphs.stage,
        graphs.reference_year,
        graphs.series_level,
        graphs.hs6,
        graphs.series_id,
        graphs.series_number,
        graphs.measure as mass_measure,
        cells.is_wider_than_lines,
        cells.production_source_id is not null as is_traced,
        cells.refiner_null_reason,
        case
            when cells.mine_null_reason is not null then cells.mine_null_reason
            when graphs.feed_graph_number is not null and known_feed.graph_number is null
                then 'production_not_published'
        end as mine_null_reason,
        known_graphs.graph_number is not null as is_known,
        supplies.is_named,
        supplies.is_withheld,
        supplies.imports_g,
        supplies.exports_g,
        supplies.apparent_g,
        supplies.value_usd,
        supplies.outlier_g,
        supplies.exported_outlier_g,
        coalesce(supplies.value_weighed_usd / nullif(supplies.value_usd, 0), 0) as weighed_share
    from graphs
    inner join importers
        on {{ same_key('graphs', 'importers', ['reference_year', 'bloc_number']) }}
    inner join cells
        on {{ same_key('graphs', 'cells', ['mineral_id', 'stage', 'reference_year']) }}
    left join known_graphs on graphs.graph_number = known_graphs.graph_number
    left join known_graphs as known_feed on graphs.feed_graph_number = known_feed.graph_number
    left join supplies
        on
            graphs.graph_number = supplies.graph_number
            and importers.party_number = supplies.party_number
    where graphs.role = 'traded'

),

not_seen_through as (

    select
        importers.party_number,
        cells.mineral_id,
        cells.stage,
        cells.reference_year,
        cells.measure,
        coalesce(cells.null_reason, 'year_not_held') as null_reason
    from cells
    inner join importers on cells.reference_year = importers.reference_year
    left join graphs
        on
            {{ same_key('cells', 'graphs', ['mineral_id', 'stage', 'reference_year']) }}
            and graphs.role = 'traded'
    where graphs.graph_number is null

),

-- Declared partners need no production: where none is published, only makers stay unknown.
questions as (

    select
        *,
        mass_measure as measure,
        'imports' as denominator,
        case
            when is_traced and not is_known then 'production_not_published'
            when coalesce(value_usd, 0) = 0 then 'no_imports_recorded'
            when weighed_share = 0 then 'tonnage_not_published'
            when weighed_share < {{ threshold('quantity_coverage_minimum') }}
                then 'tonnage_partly_published'
        end as null_reason
    from cases
    union all
    select
        *,
        'value' as measure,
        'imports' as denominator,
        case
            when is_traced and not is_known then 'production_not_published'
            when coalesce(value_usd, 0) = 0 then 'no_imports_recorded'
        end as null_reason
    from cases
    union all
    select
        *,
        mass_measure as measure,
        'apparent_supply' as denominator,
        case
            when not is_traced then refiner_null_reason
            when not is_known then 'production_not_published'
            when series_level = 'hs6' then 'production_not_by_line'
            when is_wider_than_lines then 'production_wider_than_lines'
            when coalesce(is_withheld, false) then 'own_production_withheld'
            when coalesce(apparent_g, 0) <= 0 then 'no_apparent_supply'
            when weighed_share < {{ threshold('quantity_coverage_minimum') }} and imports_g > 0
                then 'tonnage_partly_published'
        end as null_reason
    from cases

)

select
    graph_number,
    party_number,
    mineral_id,
    stage,
    reference_year,
    series_level,
    hs6,
    series_id,
    series_number,
    measure,
    denominator,
    -- Dollars alone weigh something, and what is all sold on leaves nothing to share.
    nullif(case when denominator = 'imports' then imports_g else apparent_g end, 0)
        as denominator_g,
    is_named,
    -- Without any tonnes nobody knows how small it is.
    coalesce(
        imports_g > 0 and imports_g < {{ threshold('small_importer_tonnes') }} * 1000000, false
    ) as is_small_importer,
    -- What is sold counts where it is subtracted, and where nothing is left it may be why.
    coalesce(outlier_g > {{ threshold('outlier_quantity_share') }} * imports_g, false)
    or (
        denominator = 'apparent_supply'
        and coalesce(null_reason, 'no_apparent_supply') = 'no_apparent_supply'
        and coalesce(
            exported_outlier_g
            > {{ threshold('outlier_quantity_share') }} * greatest(apparent_g, 0),
            false
        )
    ) as has_unit_value_outlier,
    null_reason,
    coalesce(null_reason, refiner_null_reason) as refiner_null_reason,
    coalesce(null_reason, mine_null_reason) as mine_null_reason
from questions
union all by name
-- A cell that is not looked through is asked once per importer; so is one whose trade is not there.
select
    party_number,
    mineral_id,
    stage,
    reference_year,
    'mineral_stage' as series_level,
    measure,
    'imports' as denominator,
    false as is_small_importer,
    false as has_unit_value_outlier,
    null_reason,
    null_reason as refiner_null_reason,
    null_reason as mine_null_reason
from not_seen_through
