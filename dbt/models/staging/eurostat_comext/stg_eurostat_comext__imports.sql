select
    *,
    'comext_cn8' as series_id,
    'CN8' as hs_revision
from {{ lake('eurostat_comext', 'cn8_import') }}
where {{ known_by_as_of() }}
