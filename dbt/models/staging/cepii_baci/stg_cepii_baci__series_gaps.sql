select * from {{ lake('cepii_baci', 'series_gap') }}
where {{ of_known_editions('cepii_baci') }}
