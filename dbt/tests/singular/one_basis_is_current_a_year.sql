{{ config(meta={'dagster': {'ref': {'name': 'int_production__world_totals'}}}) }}
{#-
    A year of a series has one current edition. An edition whose basis is read wrongly (MCS 2024 calls gross
    magnesite contained oxide) makes a series of its own beside the true one: both stand as current, and the
    revision between editions is missing. Two bases are right only where one edition prints both.
-#}
with

chosen as (

    select * from {{ ref('int_production__world_totals') }}
    where is_current_edition

),

printed as (

    select distinct
        source_id,
        edition,
        statistic,
        mineral_id,
        stage,
        form,
        basis
    from {{ ref('int_production__world_totals') }}

),

both_printed as (

    select distinct
        one.source_id,
        one.statistic,
        one.mineral_id,
        one.stage,
        one.form,
        one.basis,
        other.basis as other_basis
    from printed as one
    inner join printed as other
        on
            one.source_id = other.source_id
            and one.edition = other.edition
            and one.statistic = other.statistic
            and one.mineral_id = other.mineral_id
            and one.stage = other.stage
            and one.form = other.form
            and one.basis < other.basis

)

select
    one.source_id,
    one.statistic,
    one.mineral_id,
    one.stage,
    one.form,
    one.reference_year,
    one.edition,
    one.basis,
    other.edition as other_edition,
    other.basis as other_basis
from chosen as one
inner join chosen as other
    on
        one.source_id = other.source_id
        and one.statistic = other.statistic
        and one.mineral_id = other.mineral_id
        and one.stage = other.stage
        and one.form = other.form
        and one.reference_year = other.reference_year
        and one.basis < other.basis
left join both_printed
    on
        one.source_id = both_printed.source_id
        and one.statistic = both_printed.statistic
        and one.mineral_id = both_printed.mineral_id
        and one.stage = both_printed.stage
        and one.form = both_printed.form
        and one.basis = both_printed.basis
        and other.basis = both_printed.other_basis
where both_printed.source_id is null
