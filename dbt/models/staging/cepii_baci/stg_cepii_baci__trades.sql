select
    *,
    -- The lake has no column for what is put together from the key: 900,000 texts are dear.
    edition || ':' || series_id || ':' || cast(reference_year as string) || ':' || hs6 || ':'
    || cast(exporter_code as string) || ':' || cast(importer_code as string)
        as source_row_id,
    -- The part of that text that no other column says, as a number: three digits each.
    cast(exporter_code * 1000 + importer_code as integer) as trader_codes
from {{ lake('cepii_baci', 'trade') }}
where {{ of_known_editions('cepii_baci') }}
