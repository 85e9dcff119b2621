select * from {{ lake('reference', 'figure_page') }}
