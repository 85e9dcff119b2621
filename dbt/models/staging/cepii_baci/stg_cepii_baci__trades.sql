with

trades as (

    select * from {{ lake('cepii_baci', 'trade') }}
    where {{ of_known_editions('cepii_baci') }}

),

-- The lake has no column for what is put together from the key: 900,000 texts are dear.
numbered as (

    select
        *,
        edition || ':' || series_id || ':' || cast(reference_year as varchar) || ':' || hs6 || ':'
        || cast(exporter_code as varchar) || ':' || cast(importer_code as varchar)
            as source_row_id
    from trades

)

select * from numbered
