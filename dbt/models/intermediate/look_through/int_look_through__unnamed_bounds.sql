{#-
    What the source of a graph's output leaves unnamed, at the most: the world's total less the named, or the
    row of all others where that is more, and half a unit of the total's second significant digit where the
    total is rounded. Whom the source does not name makes something between nothing and this. Null where there
    is no total. One row per role, mineral, stage and year.
-#}
with

cells as (

    select * from {{ ref('look_through_cell') }}

),

chosen as (

    select * from {{ ref('int_production__current_editions') }}
    where statistic = 'production'

),

totals as (

    select totals.*
    from {{ ref('int_production__world_totals') }} as totals
    inner join chosen
        on
            totals.source_id = chosen.source_id
            and totals.edition = chosen.edition
            and totals.statistic = chosen.statistic
            and totals.mineral_id = chosen.mineral_id
            and totals.stage = chosen.stage
            and totals.form = chosen.form
            and totals.basis = chosen.basis
            and totals.reference_year = chosen.reference_year

),

rests as (

    select
        source_id,
        mineral_id,
        stage,
        form,
        basis,
        reference_year,
        world_total_tonnes,
        greatest(
            world_total_tonnes - coalesce(named_total_tonnes, 0), coalesce(rest_tonnes, 0), 0
        )
        + case
            when is_total_unrounded then 0
            else 0.5 * power(10, floor(log10(world_total_tonnes)) - 1)
        end as rest_tonnes
    from totals
    where world_total_tonnes > 0

)

select
    'traded' as role,
    cells.mineral_id,
    cells.stage,
    cells.reference_year,
    cast(
        round(
            rests.rest_tonnes
            -- Where the shares are put on another source's total, so is what they leave.
            * case
                when cells.total_source_id is null then 1
                else worlds.world_total_tonnes / rests.world_total_tonnes
            end
            * 1000000
        ) as bigint
    ) as unnamed_rest_g
from cells
left join rests
    on
        cells.production_source_id = rests.source_id
        and cells.mineral_id = rests.mineral_id
        and cells.stage = rests.stage
        and cells.production_form = rests.form
        and cells.production_basis = rests.basis
        and cells.reference_year = rests.reference_year
left join rests as worlds
    on
        cells.total_source_id = worlds.source_id
        and cells.mineral_id = worlds.mineral_id
        and cells.total_stage = worlds.stage
        and cells.total_form = worlds.form
        and cells.total_basis = worlds.basis
        and cells.reference_year = worlds.reference_year
where cells.production_source_id is not null
union all
select
    'feed' as role,
    cells.mineral_id,
    cells.stage,
    cells.reference_year,
    cast(round(rests.rest_tonnes * 1000000) as bigint) as unnamed_rest_g
from cells
left join rests
    on
        cells.feed_source_id = rests.source_id
        and cells.mineral_id = rests.mineral_id
        and rests.stage = 'mine'
        and cells.feed_form = rests.form
        and cells.feed_basis = rests.basis
        and cells.reference_year = rests.reference_year
where cells.feed_source_id is not null
