select * from {{ lake('un_comtrade', 'declaration') }}
where {{ known_by_as_of() }}
