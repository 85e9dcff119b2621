{#-
    Every importer, mineral, stage and year that the pooled series leave without a share, and why. An
    importer that never imports it has no row in the data either: no zero is made of that.
-#}
with

hs_lines as (select * from {{ ref('stg_reference__hs_lines') }}),
series as (select * from {{ ref('int_trade__series') }}),

current_series as (

    select * from {{ ref('int_trade__series_by_year') }}
    where is_current_series

),

parties as (select * from {{ ref('int_trade__parties') }}),
countries as (select * from {{ ref('stg_reference__countries') }}),

-- Importers are the blocs, and the countries that the release knows or gives inside another area.
importers as (

    select distinct importer_number as party_number
    from {{ ref('int_trade__imports_by_origin') }}
    where not is_bloc_origin
    union
    select parties.party_number
    from {{ ref('stg_reference__area_members') }} as inside
    inner join parties on inside.member_iso3 = parties.party_id

),

years as (

    select distinct reference_year from current_series

),

-- A pool of moved goods alone says nothing of who buys none of it: its stage's lines are not held.
pools as (

    select * from current_series
    where series_level = 'mineral_stage' and has_own_line

),

stages_without_own_line as (

    select distinct
        mineral_id,
        stage,
        reference_year
    from current_series
    where series_level = 'mineral_stage' and not has_own_line

),

-- Lines that only declarations have are held where a release was asked to read them. What one
-- bloc's own statistics hold says nothing of the others.
pooled_stages as (

    select distinct
        mineral_id,
        stage
    from series
    where series_level = 'mineral_stage' and importer_bloc_id is null and has_own_line

),

-- What is held of a mineral's stage at all: without a pool in the year, this says why.
stages as (

    select
        mineral_id,
        stage,
        max(
            case
                when is_exclusive and data_held not in ('none', 'comtrade_importers') then 1
                else 0
            end
        ) as has_line,
        max(
            case when is_exclusive and data_held = 'comtrade_importers' then 1 else 0 end
        ) as has_restricted_line,
        max(case when is_exclusive then 1 else 0 end) as has_exclusive_line,
        min(case when is_exclusive then drift_from_year end) as drift_from_year
    from hs_lines
    group by mineral_id, stage
    union
    select
        series.mineral_id,
        series.stage,
        max(case when series.has_own_line then 1 else 0 end) as has_line,
        0 as has_restricted_line,
        1 as has_exclusive_line,
        cast(null as integer) as drift_from_year
    from series
    left join hs_lines
        on series.mineral_id = hs_lines.mineral_id and series.stage = hs_lines.stage
    where series.series_level = 'mineral_stage' and hs_lines.hs6 is null
    group by series.mineral_id, series.stage

),

-- Each mineral, stage and year by a number, in their order.
numbered_years as (

    select
        stages.*,
        years.reference_year,
        cast(
            row_number() over (order by stages.mineral_id, stages.stage, years.reference_year)
            as integer
        ) as stage_year_number
    from stages
    cross join years

),

stage_years as (

    select
        numbered_years.stage_year_number,
        numbered_years.mineral_id,
        numbered_years.stage,
        numbered_years.reference_year,
        numbered_years.has_line = 1 or pooled_stages.mineral_id is not null as has_line,
        numbered_years.has_restricted_line,
        numbered_years.has_exclusive_line,
        numbered_years.drift_from_year,
        pools.series_number,
        pools.series_id,
        pools.edition,
        pools.importer_bloc_id,
        pools.is_of_importers_only,
        stages_without_own_line.mineral_id is not null as has_moved_cargo
    from numbered_years
    left join pooled_stages
        on {{ same_key('numbered_years', 'pooled_stages', ['mineral_id', 'stage']) }}
    left join pools
        on {{ same_key('numbered_years', 'pools', ['mineral_id', 'stage', 'reference_year']) }}
    left join stages_without_own_line
        on
            {{ same_key('numbered_years', 'stages_without_own_line', [
                'mineral_id', 'stage', 'reference_year',
            ]) }}

),

pool_years as (

    select
        numbered_years.stage_year_number,
        current_series.series_number,
        current_series.reference_year,
        current_series.series_id
    from current_series
    inner join numbered_years
        on
            {{ same_key('current_series', 'numbered_years', [
                'mineral_id', 'stage', 'reference_year',
            ]) }}
    where current_series.series_level = 'mineral_stage'

),

recorded_imports as (

    select
        pool_years.stage_year_number,
        imports.importer_number,
        bool_or(not imports.is_inside) as is_from_outside,
        max(pool_years.series_id) as series_id
    from {{ ref('int_trade__imports_by_origin') }} as imports
    inner join pool_years
        on {{ same_key('imports', 'pool_years', ['series_number', 'reference_year']) }}
    where not imports.is_bloc_origin
    group by pool_years.stage_year_number, imports.importer_number

),

-- Years in which a bloc has members.
blocs as (

    select distinct
        bloc_number,
        reference_year
    from {{ ref('int_trade__bloc_members_by_year') }}

),

declarations as (

    select
        declared.edition,
        declared.reference_year,
        declared.reporter_iso3,
        coalesce(merged_lines.counted_under_hs6, declared.hs6) as hs6
    from {{ ref('stg_un_comtrade__declarations') }} as declared
    left join {{ ref('reconcile_merged_line') }} as merged_lines on declared.hs6 = merged_lines.hs6
    where declared.flow = 'import'

),

pulled_lines as (

    select distinct
        edition,
        reference_year,
        hs6
    from declarations

),

pulled_reporters as (

    select distinct
        edition,
        reference_year,
        reporter_iso3
    from declarations

),

-- Who declares any import in a pull that has the mineral's stage in the year: others are unknown.
declaring_importers as (

    select distinct
        hs_lines.mineral_id,
        hs_lines.stage,
        pulled_lines.reference_year,
        parties.party_number as importer_number
    from pulled_lines
    inner join hs_lines on pulled_lines.hs6 = hs_lines.hs6
    inner join pulled_reporters
        on {{ same_key('pulled_lines', 'pulled_reporters', ['edition', 'reference_year']) }}
    inner join parties on pulled_reporters.reporter_iso3 = parties.party_id

),

-- A bloc is known where all of its members are; areas that were once given as one declare nothing.
declaring_blocs as (

    select
        pools.mineral_id,
        pools.stage,
        members.reference_year,
        members.bloc_number as importer_number
    from {{ ref('int_trade__bloc_members_by_year') }} as members
    inner join pools
        on
            members.reference_year = pools.reference_year
            and pools.is_of_importers_only
    left join declaring_importers
        on
            members.member_number = declaring_importers.importer_number
            and pools.mineral_id = declaring_importers.mineral_id
            and pools.stage = declaring_importers.stage
            and members.reference_year = declaring_importers.reference_year
    where
        members.member_id not in (
            select areas.area_iso3 from {{ ref('stg_reference__area_members') }} as areas
        )
    group by pools.mineral_id, pools.stage, members.reference_year, members.bloc_number
    having count(declaring_importers.importer_number) = count(*)

),

in_series as (

    select * from declaring_importers
    union all
    select * from declaring_blocs

),

open_cells as (

    select
        stage_years.*,
        importers.party_number as importer_number,
        parties.party_id as importer_id,
        parties.party_kind as importer_kind,
        recorded_imports.importer_number is not null as is_bought_inside,
        coalesce(recorded_imports.series_id, stage_years.series_id) as asked_series_id
    from importers
    inner join parties on importers.party_number = parties.party_number
    cross join stage_years
    left join recorded_imports
        on
            stage_years.stage_year_number = recorded_imports.stage_year_number
            and importers.party_number = recorded_imports.importer_number
    where not coalesce(recorded_imports.is_from_outside, false)

)

select
    open_cells.importer_number,
    open_cells.importer_id,
    open_cells.importer_kind,
    open_cells.mineral_id,
    open_cells.stage,
    open_cells.reference_year,
    open_cells.asked_series_id as series_id,
    case
        -- The area may buy moved goods of a stage whose lines are not held.
        when areas.area_iso3 is not null and open_cells.has_moved_cargo then 'inside_another_area'
        when open_cells.has_exclusive_line = 0 then 'only_mixed_lines'
        when open_cells.reference_year >= open_cells.drift_from_year then 'code_drift'
        when not open_cells.has_line and open_cells.has_restricted_line = 1
            then 'line_not_redistributable'
        when not open_cells.has_line then 'line_not_held'
        when open_cells.series_number is null then 'year_not_held'
        when areas.area_iso3 is not null then 'inside_another_area'
        when countries.valid_from_year > open_cells.reference_year then 'not_yet_a_country'
        when countries.valid_to_year < open_cells.reference_year then 'no_longer_a_country'
        when open_cells.importer_kind = 'bloc' and blocs.bloc_number is null
            then 'bloc_without_members'
        when gaps.country_iso3 is not null then 'importer_not_in_series'
        when open_cells.importer_bloc_id is not null and reporters.member_id is null
            then 'importer_not_in_series'
        when open_cells.is_of_importers_only and in_series.importer_number is null
            then 'importer_not_in_series'
        when open_cells.is_bought_inside then 'no_imports_from_outside'
        else 'no_imports_recorded'
    end as null_reason
from open_cells
left join countries on open_cells.importer_id = countries.country_iso3
left join {{ ref('stg_reference__area_members') }} as areas
    on
        open_cells.importer_id = areas.member_iso3
        and open_cells.reference_year >= coalesce(areas.valid_from_year, 0)
        and open_cells.reference_year <= coalesce(areas.valid_to_year, 9999)
left join {{ ref('stg_cepii_baci__series_gaps') }} as gaps
    on
        open_cells.series_id = gaps.series_id
        and open_cells.edition = gaps.edition
        and open_cells.importer_id = gaps.country_iso3
        and open_cells.reference_year >= gaps.first_year
        and open_cells.reference_year <= gaps.last_year
left join {{ ref('int_trade__bloc_members_by_year') }} as reporters
    on
        open_cells.importer_number = reporters.member_number
        and open_cells.reference_year = reporters.reference_year
        and open_cells.importer_bloc_id = reporters.bloc_id
left join blocs
    on
        open_cells.importer_number = blocs.bloc_number
        and open_cells.reference_year = blocs.reference_year
left join in_series
    on
        {{ same_key('open_cells', 'in_series', [
            'importer_number', 'mineral_id', 'stage', 'reference_year',
        ]) }}
-- In the order in which an analyst asks: by importer, mineral, stage and year.
order by open_cells.importer_number, open_cells.stage_year_number
