{#-
    Steps of a `with`: from `by_country` (series, year, importing and exporting country) to `by_party`, where
    blocs import too, and two blocs (China with Hong Kong and Macao; the EU's 27) are origins. `measures` is
    each measure's function: sums are of whole units. Reads the steps `series` and `members`.
-#}
{% macro imports_by_party(measures) -%}
{%- set summed -%}
    {%- for measure, function in measures.items() %}
        {%- if function == 'sum' %}
        cast(sum(flows.{{ measure }}) as bigint) as {{ measure }}
        {%- else %}
        {{ function }}(flows.{{ measure }}) as {{ measure }}
        {%- endif %}
        {{- ',' if not loop.last }}
    {%- endfor %}
{%- endset -%}
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
        flows.series_number,
        flows.reference_year,
        members.bloc_number as importer_number,
        flows.exporter_number,
        own.member_number is not null as is_inside,
        {{- summed }}
    from by_country as flows
    inner join members
        on
            flows.importer_number = members.member_number
            and flows.reference_year = members.reference_year
    inner join series on flows.series_number = series.series_number
    left join members as own
        on
            members.bloc_number = own.bloc_number
            and flows.exporter_number = own.member_number
            and flows.reference_year = own.reference_year
    left join inner_blocs
        on
            members.bloc_number = inner_blocs.bloc_number
            and members.reference_year = inner_blocs.reference_year
            and series.importer_bloc_id = inner_blocs.importer_bloc_id
    where series.importer_bloc_id is null or inner_blocs.bloc_number is not null
    group by
        flows.series_number, flows.reference_year, members.bloc_number, flows.exporter_number,
        own.member_number is not null

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
        {{ measures | join(', ') }}
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
        {{ measures | join(', ') }}
    from by_bloc

),

-- A bloc does not buy from itself; nor do China, Hong Kong and Macao from the three of them. Of a
-- bloc of origin only those members count that lie outside the importing one.
from_blocs as (

    select
        flows.series_number,
        flows.reference_year,
        flows.importer_number,
        flows.is_bloc_importer,
        members.bloc_number as origin_number,
        true as is_bloc_origin,
        false as is_inside,
        {{- summed }}
    from from_countries as flows
    inner join members
        on
            flows.origin_number = members.member_number
            and flows.reference_year = members.reference_year
            and members.bloc_id in ('CHN_HKG', 'EU27')
    left join members as own
        on
            members.bloc_number = own.bloc_number
            and flows.importer_number = own.member_number
            and flows.reference_year = own.reference_year
    where
        not flows.is_inside
        and flows.importer_number <> members.bloc_number
        and (members.bloc_id <> 'CHN_HKG' or own.bloc_number is null)
    group by
        flows.series_number, flows.reference_year, flows.importer_number, flows.is_bloc_importer,
        members.bloc_number

),

by_party as (

    select * from from_countries
    union all
    select * from from_blocs

)
{%- endmacro %}
