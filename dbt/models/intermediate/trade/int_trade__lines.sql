{#-
    One row per HS line: the mineral it is, or the group that it mixes. A mixed line is never attributed to
    one of its metals; a group that is an article of its own (`trade_pooled_group`) is pooled as what it is.
    A code is in force from the year of its first HS revision to the year before a revision dropped it; no last
    year where the newest revision has it.
-#}
with

hs_lines as (select * from {{ ref('stg_reference__hs_lines') }}),
pooled_groups as (select * from {{ ref('trade_pooled_group') }}),
flagged as (select * from {{ ref('trade_line_flag') }})

select
    hs_lines.hs6,
    coalesce(
        max(case when hs_lines.is_exclusive then hs_lines.mineral_id end), max(hs_lines.group_id)
    ) as mineral_id,
    max(hs_lines.stage) as stage,
    max(hs_lines.form) as form,
    bool_and(hs_lines.is_exclusive or pooled_groups.group_id is not null) as is_exclusive,
    max(hs_lines.group_id) is not null as is_mixed_line,
    max(hs_lines.contained_factor_key) as contained_factor_key,
    max(hs_lines.drift_from_year) as drift_from_year,
    cast(replace(min(hs_lines.hs_revision_from), 'HS', '') as integer) as in_force_from_year,
    -- A revision ends as the next begins, also the newest that our list knows (HS2028 begins then).
    case max(hs_lines.hs_revision_to)
        {%- for revision, last_year in {
            'HS1992': 1995, 'HS1996': 2001, 'HS2002': 2006, 'HS2007': 2011, 'HS2012': 2016,
            'HS2017': 2021, 'HS2022': 2027
        }.items() %}
        when '{{ revision }}' then {{ last_year }}
        {%- endfor %}
    end as in_force_to_year,
    max(case when flagged.flag = 'grade_heterogeneous' then flagged.hs6 end) is not null
        as is_grade_heterogeneous
from hs_lines
left join pooled_groups on hs_lines.group_id = pooled_groups.group_id
left join flagged on hs_lines.hs6 = flagged.hs6
group by hs_lines.hs6
