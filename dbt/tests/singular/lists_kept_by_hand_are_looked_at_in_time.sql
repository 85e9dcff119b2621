{{ config(severity='warn', meta={'dagster': {'ref': {'name': 'dim_reviewed_list'}}}) }}
{#-
    Lists of ours that a person should have compared with the world again by now. Nothing that we read tells of what
    they lack: answers that rest on them are of the day of the last look. It depends on the day (of UTC) of the refresh.
-#}
select *
from {{ ref('dim_reviewed_list') }}
where review_by < cast('{{ run_started_at.strftime("%Y-%m-%d") }}' as date)
