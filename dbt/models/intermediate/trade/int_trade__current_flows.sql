{#-
    Flows of the editions that answer: what every share, sum and count is made of. Flows of other editions
    are in `int_trade__measured_flows` and, to be read, in `fct_trade`.
-#}
select * from {{ ref('int_trade__measured_flows') }}
where is_current_edition
