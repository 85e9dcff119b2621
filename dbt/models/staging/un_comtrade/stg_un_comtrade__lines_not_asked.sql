select * from {{ lake('un_comtrade', 'line_not_asked') }}
where {{ known_by_as_of() }}
