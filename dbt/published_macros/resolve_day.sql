-- A day as a date; what is none is an error. Argument: a date, or text like 2026-01-11.
create macro critical_minerals.marts.resolve_day(any_day) as
coalesce(
    try_cast(any_day as date),
    error(concat('No day is ''', coalesce(cast(any_day as varchar), 'null'), ''': write it like 2026-01-11.'))
);
