{#-
    The day on which "in force" is asked where no other day is: the newest day of the seed that is known. One row.
    The lists of controls are kept to their last day, whatever the editions of figures are of.
-#}
select max(on_date) as on_date
from {{ ref('control_date') }}
where {{ known_by_as_of('on_date') }}
