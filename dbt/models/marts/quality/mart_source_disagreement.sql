with

headline_shares as (

    select * from {{ ref('int_production__shares') }}
    where is_headline and is_current_edition and production_share is not null

),

-- The figure of one source beside the nearest year of another, at most five years away.
figure_pairs as (

    select
        one.mineral_id,
        one.stage,
        one.country_iso3,
        one.source_id,
        one.edition,
        one.form,
        one.basis,
        one.reference_year,
        one.production_share,
        other.source_id as other_source_id,
        other.edition as other_edition,
        other.form as other_form,
        other.basis as other_basis,
        other.reference_year as other_reference_year,
        other.production_share as other_production_share,
        one.world_total_tonnes,
        other.world_total_tonnes as other_world_total_tonnes,
        row_number() over (
            partition by
                one.mineral_id, one.stage, one.country_iso3,
                one.source_id, one.reference_year, other.source_id
            order by abs(one.reference_year - other.reference_year), other.reference_year desc
        ) as nearness
    from headline_shares as one
    inner join headline_shares as other
        on
            {{ same_key('one', 'other', ['mineral_id', 'stage', 'country_iso3']) }}
            and one.source_id > other.source_id
    where abs(one.reference_year - other.reference_year) <= 5

),

nearest as (

    select
        *,
        reference_year = other_reference_year as is_same_year,
        basis = other_basis as is_same_basis,
        production_share - other_production_share as share_difference
    from figure_pairs
    where nearness = 1

),

final as (

    select
        *,
        case
            when is_same_basis and is_same_year
                then world_total_tonnes / other_world_total_tonnes
        end as world_total_ratio,
        abs(share_difference) > {{ threshold('share_disagreement_tolerance') }}
            as is_beyond_tolerance,
        case
            when abs(share_difference) <= {{ threshold('share_disagreement_tolerance') }}
                then 'within_tolerance'
            when not is_same_basis then 'different_basis'
            when not is_same_year then 'different_year'
            else 'publishers_disagree'
        end as explanation
    from nearest

)

{{ contract_columns() }}
order by
    mineral_id, stage, country_iso3, reference_year, source_id, other_source_id
