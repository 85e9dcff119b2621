{#-
    Producers weighed by how unstable they are: the sum of squared shares times instability, between bounds for
    producers without an estimate of governance and for the unnamed rest. One row per source, edition, series
    and year, as in `int_concentration__producer_hhi`, whose index it weighs. Instability comes from
    `fct_governance`, the one home of its scale.
-#}
with

shared as (

    select * from {{ ref('int_production__shares') }}
    where statistic = 'production'

),

concentrations as (

    select * from {{ ref('int_concentration__producer_hhi') }}

),

governance as (

    select * from {{ ref('fct_governance') }}
    where is_current_edition and indicator = 'political_stability'

),

years as (

    select
        reference_year,
        max(edition) as governance_edition
    from governance
    group by reference_year

),

weighed as (

    select
        shared.source_id,
        shared.edition,
        shared.mineral_id,
        shared.stage,
        shared.form,
        shared.basis,
        shared.reference_year,
        shared.production_share * shared.production_share as square,
        governance.political_instability
    from shared
    left join governance
        on
            shared.country_iso3 = governance.country_iso3
            and shared.reference_year = governance.reference_year

),

-- A country without an estimate counts as 0 here, and as 1 in the upper bound.
summed as (

    select
        source_id,
        edition,
        mineral_id,
        stage,
        form,
        basis,
        reference_year,
        {{ exact_sum('square') }} as squares,
        {{ exact_sum('square * coalesce(political_instability, 0)') }} as squares_weighed,
        {{ exact_sum('case when political_instability is null then square else 0 end') }}
            as squares_without_governance
    from weighed
    group by source_id, edition, mineral_id, stage, form, basis, reference_year

),

joined as (

    select
        concentrations.*,
        years.governance_edition,
        summed.squares,
        summed.squares_weighed,
        summed.squares_without_governance,
        case
            when years.governance_edition is not null
                then 1 - summed.squares_without_governance / nullif(summed.squares, 0)
        end as governance_coverage_share,
        concentrations.null_reason as concentration_null_reason
    from concentrations
    inner join summed
        on
            concentrations.source_id = summed.source_id
            and concentrations.edition = summed.edition
            and concentrations.mineral_id = summed.mineral_id
            and concentrations.stage = summed.stage
            and concentrations.form = summed.form
            and concentrations.basis = summed.basis
            and concentrations.reference_year = summed.reference_year
    left join years on concentrations.reference_year = years.reference_year

)

select
    mineral_id,
    stage,
    form,
    basis,
    reference_year,
    source_id,
    edition,
    is_current_edition,
    is_edition_break,
    excluded_producers,
    production_hhi_lower,
    squares,
    governance_edition,
    governance_coverage_share,
    case
        when concentration_null_reason is null and governance_edition is not null
            then squares_weighed
    end as index_lower,
    case
        when concentration_null_reason is not null or governance_edition is null then null
        when
            squares_weighed + squares_without_governance
            + (production_hhi_upper - production_hhi_lower) > 1
            then 1
        else
            squares_weighed + squares_without_governance
            + (production_hhi_upper - production_hhi_lower)
    end as index_upper,
    case
        when concentration_null_reason is not null then concentration_null_reason
        when governance_edition is null then 'governance_year_not_published'
        when governance_coverage_share < {{ threshold('governance_coverage_minimum') }}
            then 'governance_missing'
    end as null_reason
from joined
