-- A day as a date; what is none is an error. Argument: a date, text like 2026-01-11, or 'today' (of UTC).
create macro critical_minerals.marts.resolve_day(any_day) as
coalesce(
    try_cast(any_day as date),
    case
        when critical_minerals.marts.name_key(any_day) = 'today' then cast(make_timestamp(epoch_us(now())) as date)
    end,
    error(concat('No day is ''', coalesce(cast(any_day as varchar), 'null'), ''': write it like 2026-01-11.'))
);
