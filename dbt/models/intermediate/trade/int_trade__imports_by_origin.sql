{#-
    What everybody imports from everybody, by numbers: countries and blocs as importers, countries and two
    blocs (China with Hong Kong and Macao; the EU's 27) as origins, on single lines and pooled by mineral and
    stage. `is_inside`: both ends lie in the importing bloc. Sums are of whole dollars, kilograms and grams.
-#}
with

flows as (

    select * from {{ ref('int_trade__measured_flows') }}
    where is_current_edition

),

series as (

    select * from {{ ref('int_trade__series') }}

),

chosen as (

    select * from {{ ref('int_trade__series_by_year') }}

),

members as (

    select * from {{ ref('int_trade__bloc_members_by_year') }}

),

pool_keys as (

    select * from {{ ref('int_trade__pool_factors') }}

),

single_lines as (

    select
        flows.line_number as series_number,
        flows.reference_year,
        flows.importer_number,
        flows.exporter_number,
        flows.value_usd,
        flows.quantity_kg,
        flows.contained_g,
        flows.contained_low_g,
        flows.contained_high_g,
        case when flows.is_unit_value_outlier then flows.quantity_kg end as outlier_kg,
        case when flows.quantity_kg is not null then flows.value_usd end as value_weighed_usd,
        case when flows.contained_g is not null then flows.value_usd end as value_contained_usd,
        cast(null as bigint) as fixed_g,
        {%- for number in range(1, 5) %}
        cast(null as bigint) as ranged_{{ number }}_kg,
        {%- endfor %}
        flows.stage as first_stage,
        flows.stage as last_stage,
        flows.is_suspected_double_count as has_double_count,
        flows.is_code_drift
    from flows
    inner join series on flows.line_number = series.series_number
    where series.series_level = 'hs6' and not series.is_partial_partners

),

-- A cargo that stands under two codes is pooled once.
pooled as (

    select
        flows.pool_number as series_number,
        flows.reference_year,
        flows.importer_number,
        flows.exporter_number,
        cast(sum(flows.value_usd) as bigint) as value_usd,
        cast(sum(flows.quantity_kg) as bigint) as quantity_kg,
        cast(sum(flows.contained_g) as bigint) as contained_g,
        cast(sum(flows.contained_low_g) as bigint) as contained_low_g,
        cast(sum(flows.contained_high_g) as bigint) as contained_high_g,
        cast(
            sum(case when flows.is_unit_value_outlier then flows.quantity_kg end) as bigint
        ) as outlier_kg,
        cast(
            sum(case when flows.quantity_kg is not null then flows.value_usd end) as bigint
        ) as value_weighed_usd,
        cast(
            sum(case when flows.contained_g is not null then flows.value_usd end) as bigint
        ) as value_contained_usd,
        cast(
            sum(case when pool_keys.key_number is null then flows.contained_g end) as bigint
        ) as fixed_g,
        {%- for number in range(1, 5) %}
        cast(
            sum(
                case
                    when pool_keys.key_number = {{ number }} and flows.contained_g is not null
                        then flows.quantity_kg
                end
            ) as bigint
        ) as ranged_{{ number }}_kg,
        {%- endfor %}
        min(flows.stage) as first_stage,
        max(flows.stage) as last_stage,
        false as has_double_count,
        false as is_code_drift
    from flows
    inner join chosen
        on
            flows.pool_number = chosen.series_number
            and flows.reference_year = chosen.reference_year
    inner join series on flows.pool_number = series.series_number
    left join pool_keys
        on
            flows.pool_number = pool_keys.pool_number
            and flows.contained_factor_key = pool_keys.contained_factor_key
    where
        not flows.is_code_drift
        and not flows.is_suspected_double_count
        and (chosen.is_current_series or series.is_kept_beside)
    group by
        flows.pool_number, flows.reference_year, flows.importer_number, flows.exporter_number

),

by_country as (

    select * from single_lines
    union all
    select * from pooled

),

bloc_sizes as (

    select
        bloc_number,
        reference_year,
        count(*) as member_count
    from members
    group by bloc_number, reference_year

),

-- Blocs all of whose members are members of another one in the year.
inner_blocs as (

    select
        members.bloc_number,
        members.reference_year,
        outer_bloc.bloc_id as importer_bloc_id
    from members
    inner join members as outer_bloc
        on
            members.member_number = outer_bloc.member_number
            and members.reference_year = outer_bloc.reference_year
    inner join bloc_sizes
        on
            members.bloc_number = bloc_sizes.bloc_number
            and members.reference_year = bloc_sizes.reference_year
    group by
        members.bloc_number, members.reference_year, outer_bloc.bloc_id, bloc_sizes.member_count
    having count(*) = bloc_sizes.member_count

),

-- Eurostat's reporters are the EU's members: it knows no imports of blocs that reach beyond.
by_bloc as (

    select
        by_country.series_number,
        by_country.reference_year,
        members.bloc_number as importer_number,
        by_country.exporter_number,
        own.member_number is not null as is_inside,
        {{ summed_imports() }}
    from by_country
    inner join members
        on
            by_country.importer_number = members.member_number
            and by_country.reference_year = members.reference_year
    inner join series on by_country.series_number = series.series_number
    left join members as own
        on
            members.bloc_number = own.bloc_number
            and by_country.exporter_number = own.member_number
            and by_country.reference_year = own.reference_year
    left join inner_blocs
        on
            members.bloc_number = inner_blocs.bloc_number
            and members.reference_year = inner_blocs.reference_year
            and series.importer_bloc_id = inner_blocs.importer_bloc_id
    where series.importer_bloc_id is null or inner_blocs.bloc_number is not null
    group by
        by_country.series_number, by_country.reference_year, members.bloc_number,
        by_country.exporter_number, own.member_number is not null

),

from_countries as (

    select
        series_number,
        reference_year,
        importer_number,
        false as is_bloc_importer,
        exporter_number as origin_number,
        false as is_bloc_origin,
        false as is_inside,
        value_usd,
        quantity_kg,
        contained_g,
        contained_low_g,
        contained_high_g,
        outlier_kg,
        value_weighed_usd,
        value_contained_usd,
        fixed_g,
        {%- for number in range(1, 5) %}
        ranged_{{ number }}_kg,
        {%- endfor %}
        first_stage,
        last_stage,
        has_double_count,
        is_code_drift
    from by_country
    union all
    select
        series_number,
        reference_year,
        importer_number,
        true as is_bloc_importer,
        exporter_number as origin_number,
        false as is_bloc_origin,
        is_inside,
        value_usd,
        quantity_kg,
        contained_g,
        contained_low_g,
        contained_high_g,
        outlier_kg,
        value_weighed_usd,
        value_contained_usd,
        fixed_g,
        {%- for number in range(1, 5) %}
        ranged_{{ number }}_kg,
        {%- endfor %}
        first_stage,
        last_stage,
        has_double_count,
        is_code_drift
    from by_bloc

),

-- A bloc does not buy from itself; nor do China, Hong Kong and Macao from the three of them. Of a
-- bloc of origin only those members count that lie outside the importing one.
from_blocs as (

    select
        from_countries.series_number,
        from_countries.reference_year,
        from_countries.importer_number,
        from_countries.is_bloc_importer,
        members.bloc_number as origin_number,
        true as is_bloc_origin,
        false as is_inside,
        {{ summed_imports() }}
    from from_countries
    inner join members
        on
            from_countries.origin_number = members.member_number
            and from_countries.reference_year = members.reference_year
            and members.bloc_id in ('CHN_HKG', 'EU27')
    left join members as own
        on
            members.bloc_number = own.bloc_number
            and from_countries.importer_number = own.member_number
            and from_countries.reference_year = own.reference_year
    where
        not from_countries.is_inside
        and from_countries.importer_number <> members.bloc_number
        and (members.bloc_id <> 'CHN_HKG' or own.bloc_number is null)
    group by
        from_countries.series_number, from_countries.reference_year,
        from_countries.importer_number, from_countries.is_bloc_importer, members.bloc_number

),

from_all as (

    select * from from_countries
    union all
    select * from from_blocs

)

-- Countries are ranked among each other; blocs stand beside them.
select
    *,
    case
        when not is_inside and not is_bloc_origin and not is_code_drift
            then
                cast(
                    rank() over (
                        partition by
                            series_number, reference_year, importer_number,
                            is_inside or is_bloc_origin or is_code_drift
                        order by value_usd desc
                    ) as smallint
                )
    end as origin_rank
from from_all
-- The order in which an analyst asks: a lookup then reads few blocks of the mart, which keeps it.
-- What has no share comes last: behind a null DuckDB 1.5.5 may take a smaller one for the largest.
order by importer_number, series_number, reference_year, is_inside, origin_number
