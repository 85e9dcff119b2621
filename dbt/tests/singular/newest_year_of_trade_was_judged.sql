{{ config(severity='warn', meta={'dagster': {'ref': {'name': 'int_trade__series_by_year'}}}) }}
{#-
    Minerals and stages whose look-through in the newest year of trade rests on the judgement of an earlier one
    (`look_through_cell` is carried on): whether the same figures still answer, nobody has said.
-#}
with

judged_years as (

    select
        mineral_id,
        stage,
        max(reference_year) as last_judged_year
    from {{ ref('look_through_cell') }}
    group by mineral_id, stage

),

newest as (

    select max(reference_year) as newest_trade_year
    from {{ ref('int_trade__series_by_year') }}

)

select
    judged_years.mineral_id,
    judged_years.stage,
    judged_years.last_judged_year,
    newest.newest_trade_year
from judged_years
inner join newest on judged_years.last_judged_year < newest.newest_trade_year
