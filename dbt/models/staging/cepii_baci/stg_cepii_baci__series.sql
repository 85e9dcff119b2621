select * from {{ lake('cepii_baci', 'series') }}
where {{ of_known_editions('cepii_baci') }}
