select
    *,
    -- Of an id that `fct_trade` puts together, what no other column says: three digits each.
    cast(exporter_code * 1000 + importer_code as integer) as trader_codes
from {{ lake('cepii_baci', 'trade') }}
where {{ of_known_editions('cepii_baci') }}
