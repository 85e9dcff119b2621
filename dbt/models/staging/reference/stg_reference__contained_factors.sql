{{ config(materialized='table') }}
{#-
    Factors with numbers, narrow to keep beside every row of trade; a table, since a release's views
    read it.
-#}
select
    *,
    cast(row_number() over (order by factor_key) as smallint) as factor_number
from {{ lake('reference', 'contained_factor') }}
