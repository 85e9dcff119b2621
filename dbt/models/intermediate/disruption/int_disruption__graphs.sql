{#-
    The graphs in which a question's consumption and origins are read: countries apart (bloc 0), and each bloc
    as one node.
-#}
with

questions as (

    select * from {{ ref('int_disruption__scenario_cases') }}
    where graph_number is not null

),

graphs as (

    select * from {{ ref('int_look_through__graphs') }}

)

select
    questions.question_number,
    questions.origin_view,
    questions.stage,
    scheme.graph_number,
    scheme.bloc_number
from questions
inner join graphs as own on questions.graph_number = own.graph_number
inner join graphs as scheme on own.base_number = scheme.base_number
-- A view without an answer has no graph to trace; what is used is asked of the declared partner.
where questions.null_reason is null
