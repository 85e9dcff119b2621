{{ config(meta={'dagster': {'ref': {'name': 'int_production__world_totals'}}}) }}
{#-
    A year of a series has one current edition. An edition whose basis is read wrongly (MCS 2024 calls gross
    magnesite contained oxide) makes a series of its own beside the true one: both stand as current, and the
    revision between editions is missing. Two bases are right only where one edition prints both.
-#}
with

current_totals as (

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
            {{ same_key('one', 'other', [
                'source_id', 'edition', 'statistic', 'mineral_id', 'stage', 'form',
            ]) }}
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
from current_totals as one
inner join current_totals as other
    on
        {{ same_key('one', 'other', [
            'source_id', 'statistic', 'mineral_id', 'stage', 'form', 'reference_year',
        ]) }}
        and one.basis < other.basis
left join both_printed
    on
        {{ same_key('one', 'both_printed', [
            'source_id', 'statistic', 'mineral_id', 'stage', 'form', 'basis',
        ]) }}
        and other.basis = both_printed.other_basis
where both_printed.source_id is null
