select
    *,
    'cepii_baci' as source_id
from {{ lake('cepii_baci', 'line_account') }}
where {{ of_known_editions('cepii_baci') }}
