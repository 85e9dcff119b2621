with

figure_pages as (

    select * from {{ lake('reference', 'figure_page') }}

)

select * from figure_pages
