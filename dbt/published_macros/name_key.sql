-- What `resolve_name` compares: a name without case, accents, punctuation and a leading "the". Argument: any name.
create macro critical_minerals.marts.name_key(any_name) as
regexp_replace(
    trim(
        regexp_replace(
            regexp_replace(lower(strip_accents(cast(any_name as varchar))), '[.''’]', '', 'g'),
            '[^a-z0-9]+', ' ', 'g'
        )
    ),
    '^the ', ''
);
