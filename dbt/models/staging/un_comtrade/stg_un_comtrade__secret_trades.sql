select * from {{ lake('un_comtrade', 'secret_trade') }}
where {{ known_by_as_of() }}
