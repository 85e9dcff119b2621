-- A year as a number; what is none is an error, and a null stays one. Argument: a number, or text like 2024.
create macro critical_minerals.marts.resolve_year(any_year) as
case
    when any_year is not null
        then coalesce(
            try_cast(any_year as integer),
            error(concat('No year is ''', cast(any_year as varchar), ''': write it like 2024.'))
        )
end;
