-- The id of what a name names, by `dim_name`: codes, names and synonyms, in any case. An unknown name is an error that says the nearest ones (of stages all), a name of two things one that says both. A null is an error, but of a stage. Arguments: kind (party, mineral or stage), name.
create macro critical_minerals.marts.resolve_name(kind, asked_name) as (
    select
        case
            when count(*) filter (where is_it) = 1 then min(named_id) filter (where is_it)
            when not bool_or(is_kind) then error(concat('No kind of name is ''', kind, ''': ask for a party, mineral or stage.'))
            when asked_name is null and kind <> 'stage'
                then error(concat('The ', kind, ' is null: give its name or code, as in marts.dim_name.'))
            when asked_name is null then null
            when count(*) filter (where is_it) > 1
                then
                    error(
                        concat(
                            'Two things are called ''', asked_name, ''': ',
                            string_agg(shown, ' and ' order by named_id) filter (where is_it), '. Say which.'
                        )
                    )
            when bool_or(is_another)
                then
                    error(
                        concat(
                            'No ', kind, ' is called ''', asked_name, ''': that is a ',
                            string_agg(name_kind || ', ' || shown, ' or a ' order by named_id) filter (where is_another),
                            '. Mind the order of the arguments. All names are in marts.dim_name.'
                        )
                    )
            else
                error(
                    concat(
                        'No ', kind, ' is called ''', asked_name, case kind when 'stage' then '''. The stages: ' else '''. Nearest: ' end,
                        string_agg(shown, ', ' order by place) filter (where is_kind and (place <= 3 or kind = 'stage')),
                        '. All names are in marts.dim_name.'
                    )
                )
        end
    from (
        select *, row_number() over (partition by is_kind order by likeness desc, named_id) as place
        from (
            select
                name_kind,
                named_id,
                is_kind,
                concat(min(title), ' (', named_id, ')') as shown,
                bool_or(is_kind and coalesce(known_key = asked_key, false)) as is_it,
                bool_or(not is_kind and coalesce(known_key = asked_key, false)) as is_another,
                max(jaro_winkler_similarity(known_key, coalesce(asked_key, ''))) as likeness
            from (
                select
                    name_kind,
                    name_kind = kind as is_kind,
                    named_id,
                    title,
                    critical_minerals.marts.name_key(name) as known_key,
                    critical_minerals.marts.name_key(asked_name) as asked_key
                from critical_minerals.marts.dim_name
            ) as keyed
            group by name_kind, is_kind, named_id
        ) as compared
    ) as ranked
);
