-- The id of what a name names, by `dim_name`: codes, names and synonyms, in any case. An unknown name is an error that says the nearest ones (of stages all), a name of two things one that says both. A null is an error, but of a stage. Arguments: kind (party, mineral or stage), name.
create macro critical_minerals.marts.resolve_name(kind, asked_name) as (
    select
        case
            when count(*) filter (where is_it) = 1 then min(named_id) filter (where is_it)
            when count(*) = 0 then error(concat('No kind of name is ''', kind, ''': ask for a party, mineral or stage.'))
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
            else
                error(
                    concat(
                        'No ', kind, ' is called ''', asked_name, case kind when 'stage' then '''. The stages: ' else '''. Nearest: ' end,
                        string_agg(shown, ', ' order by place) filter (where place <= 3 or kind = 'stage'),
                        '. All names are in marts.dim_name.'
                    )
                )
        end
    from (
        select *, row_number() over (order by likeness desc, named_id) as place
        from (
            select
                named_id,
                concat(min(title), ' (', named_id, ')') as shown,
                bool_or(coalesce(known_key = asked_key, false)) as is_it,
                max(jaro_winkler_similarity(known_key, coalesce(asked_key, ''))) as likeness
            from (
                select
                    named_id,
                    title,
                    critical_minerals.marts.name_key(name) as known_key,
                    critical_minerals.marts.name_key(asked_name) as asked_key
                from critical_minerals.marts.dim_name
                where name_kind = kind
            ) as keyed
            group by named_id
        ) as compared
    ) as ranked
);
