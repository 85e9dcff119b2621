with

questions as (select * from {{ ref('int_disruption__scenario_cases') }}),
losses as (select * from {{ ref('int_disruption__gross_losses') }}),
allocations as (select * from {{ ref('int_disruption__spare_allocations') }}),
cases as (select * from {{ ref('disruption_case') }}),
parties as (select * from {{ ref('int_trade__parties') }}),
members as (select * from {{ ref('int_trade__bloc_members_by_year') }}),
series_years as (select * from {{ ref('int_trade__series_by_year') }}),

{{ look_through_cells() }},

-- Another series of the publisher tells otherwise of what is lost; by origin, of whoever sells.
conflicts as (

    select distinct
        questions.question_number,
        contradicted.importer_number
    from questions
    inner join {{ ref('int_trade__series_conflicts') }} as contradicted
        on {{ same_key('questions', 'contradicted', ['series_number', 'reference_year']) }}
    where
        questions.origin_view <> 'declared_origin'
        or questions.supplier_number = contradicted.origin_number

),

-- Who bought of the supplier at a price per tonne that is an outlier.
outlying_imports as (

    select
        questions.question_number,
        imports.importer_number
    from questions
    inner join {{ ref('int_trade__imports_by_origin') }} as imports
        on
            {{ same_key('questions', 'imports', ['series_number', 'reference_year']) }}
            and questions.supplier_number = imports.origin_number
    where
        imports.outlier_kg > {{ threshold('outlier_quantity_share') }} * imports.quantity_kg

),

spares as (

    select
        question_number,
        case_id,
        cast(sum(spare_g) as bigint) as spare_g,
        cast(sum(case when importer_number is not null then spare_g end) as bigint) as spare_used_g
    from allocations
    group by question_number, case_id

),

-- What stands behind the spare of all but the supplier.
bases as (

    select
        questions.question_number,
        {{ spare_basis_of_sum() }} as spare_basis,
        {{ spare_estimated_share('spares.spare_g') }} as spare_estimated_share,
        max(spares.source_id) as source_id,
        max(spares.capacity_edition) as edition,
        cast(
            {{ spare_at_most('floor(spares.spare_high_g * questions.year_share)') }} as bigint
        ) as spare_high_g,
        {{ spare_excluded('spares.country_iso3') }} as excluded_producers
    from questions
    inner join {{ ref('int_disruption__spares') }} as spares
        on
            {{ same_key('questions', 'spares', [
                'mineral_id', 'stage', 'reference_year', 'origin_view',
            ]) }}
            and questions.supplier_number <> coalesce(spares.party_number, 0)
    group by questions.question_number

),

received_spares as (

    select
        question_number,
        case_id,
        importer_number,
        cast(sum(spare_g) as bigint) as received_g
    from allocations
    where importer_number is not null
    group by question_number, case_id, importer_number

),

anchors as (

    select
        scenario_id,
        mineral_id,
        citation || ': ' || cast(anchor_value as string)
        || coalesce(
            ' (' || cast(anchor_low as string) || ' to ' || cast(anchor_high as string) || ')', ''
        )
        || ' ' || unit || coalesce(', ' || importer_id, '') || '; ' || note as published_anchor
    from {{ ref('disruption_anchor') }}

),

by_country as (

    select
        losses.question_number,
        cases.case_id,
        losses.importer_number,
        coalesce(received_spares.received_g, 0) as received_g,
        case
            when cases.has_stock
                then
                    least(
                        coalesce(losses.stock_g, 0),
                        losses.loss_g - coalesce(received_spares.received_g, 0)
                    )
            else 0
        end as stock_used_g
    from losses
    cross join cases
    left join received_spares
        on
            losses.question_number = received_spares.question_number
            and cases.case_id = received_spares.case_id
            and losses.importer_number = received_spares.importer_number
    where not losses.is_bloc

),

-- A bloc receives and takes from stock what its members do, at most what it lacks: by origin it is
-- one node, and its loss may be less than that of members who sell each other what they bought.
by_bloc as (

    select
        by_country.question_number,
        by_country.case_id,
        members.bloc_number as importer_number,
        cast(sum(by_country.received_g) as bigint) as received_g,
        cast(sum(by_country.stock_used_g) as bigint) as stock_used_g
    from by_country
    inner join questions on by_country.question_number = questions.question_number
    inner join members
        on
            questions.reference_year = members.reference_year
            and by_country.importer_number = members.member_number
    group by by_country.question_number, by_country.case_id, members.bloc_number

),

receipts as (

    select * from by_country
    union all
    select * from by_bloc

),

outcomes as (

    select
        losses.question_number,
        cases.case_id,
        losses.importer_number,
        losses.is_named,
        losses.is_supplied,
        losses.has_exported_outliers,
        case when losses.null_reason is null then losses.supply_g end as supply_g,
        losses.consumption_g,
        case when losses.null_reason is null then losses.loss_g end as loss_g,
        case
            when losses.null_reason is null
                then cast(least(losses.loss_g, coalesce(receipts.received_g, 0)) as bigint)
        end as received_g,
        case
            when losses.null_reason is null
                then
                    cast(
                        least(
                            losses.loss_g - least(losses.loss_g, coalesce(receipts.received_g, 0)),
                            coalesce(receipts.stock_used_g, 0)
                        ) as bigint
                    )
        end as stock_used_g,
        losses.null_reason,
        losses.consumption_null_reason
    from losses
    cross join cases
    left join receipts
        on
            losses.question_number = receipts.question_number
            and cases.case_id = receipts.case_id
            and losses.importer_number = receipts.importer_number

),

-- The ministerial's countries are shown also where they lose nothing, all others where they do, or
-- buy of the supplier and nobody knows how many tonnes.
shown_outcomes as (

    select outcomes.*
    from outcomes
    inner join questions on outcomes.question_number = questions.question_number
    left join members
        on
            members.bloc_id = 'MEETING_2026_01_12'
            and questions.reference_year = members.reference_year
            and outcomes.importer_number = members.member_number
    left join parties on outcomes.importer_number = parties.party_number
    where
        outcomes.loss_g > 0
        or (outcomes.is_supplied and outcomes.null_reason is not null)
        or members.member_number is not null
        or parties.party_kind = 'bloc'

),

answers as (

    select
        questions.*,
        cases.case_id,
        shown_outcomes.importer_number,
        shown_outcomes.is_named,
        shown_outcomes.is_supplied,
        shown_outcomes.has_exported_outliers,
        shown_outcomes.supply_g,
        shown_outcomes.consumption_g,
        shown_outcomes.loss_g,
        -- Where nobody knows what others could spare, nobody knows what is received.
        coalesce(cases.case_id <> 'no_spare' and spares.spare_g is null, false)
            as is_spare_unknown,
        case
            when
                cases.case_id = 'no_spare' or spares.spare_g is not null
                then shown_outcomes.received_g
        end as received_g,
        case
            when
                cases.case_id = 'no_spare' or spares.spare_g is not null
                then shown_outcomes.stock_used_g
        end as stock_used_g,
        case
            when cases.case_id = 'no_spare' or spares.spare_g is not null
                then
                    cast(
                        shown_outcomes.loss_g
                        - shown_outcomes.received_g
                        - shown_outcomes.stock_used_g as bigint
                    )
        end as shortfall_g,
        spares.spare_g,
        spares.spare_used_g,
        bases.spare_high_g,
        bases.spare_basis,
        bases.spare_estimated_share,
        bases.source_id as spare_source_id,
        bases.edition as spare_edition,
        bases.excluded_producers as spare_excluded_producers,
        case
            when questions.null_reason is not null then questions.null_reason
            when shown_outcomes.importer_number is null then 'supplier_delivers_nothing'
            else shown_outcomes.null_reason
        end as loss_null_reason,
        case
            when questions.null_reason is not null then questions.null_reason
            when shown_outcomes.importer_number is null then 'supplier_delivers_nothing'
            else shown_outcomes.consumption_null_reason
        end as use_null_reason
    from questions
    cross join cases
    left join shown_outcomes
        on
            questions.question_number = shown_outcomes.question_number
            and cases.case_id = shown_outcomes.case_id
    left join spares
        on
            questions.question_number = spares.question_number
            and cases.case_id = spares.case_id
    -- Of the cases in which somebody helps.
    left join bases on spares.question_number = bases.question_number

),

final as (

    select
        answers.scenario_id,
        answers.case_id,
        answers.supplier_id,
        answers.target_id,
        answers.mineral_id,
        answers.stage,
        answers.reference_year,
        answers.origin_view,
        importer.party_id as importer_id,
        importer.party_kind as importer_kind,
        answers.cut_share as depth_share,
        answers.duration_days,
        answers.leakage as leakage_share,
        answers.quantity_basis,
        {%- for measure in [
            'supply', 'consumption', 'loss', 'received', 'stock_used', 'shortfall'
        ] %}
        answers.{{ measure }}_g / 1000000 as {{ measure }}_tonnes,
        {%- endfor %}
        answers.loss_g / nullif(answers.supply_g, 0) as loss_share,
        answers.shortfall_g / nullif(answers.supply_g, 0) as shortfall_share,
        answers.shortfall_g / nullif(answers.consumption_g, 0) as shortfall_share_of_consumption,
        {%- for bound, name in [('min', 'low'), ('max', 'high')] %}
        {{ bound }}(answers.shortfall_g / nullif(answers.consumption_g, 0)) over (
            partition by
                answers.scenario_id, answers.case_id, answers.mineral_id, answers.stage,
                answers.importer_number
        ) as shortfall_share_of_consumption_{{ name }},
        {%- endfor %}
        {%- for measure, name in {
            'spare': 'spare_tonnes', 'spare_high': 'spare_tonnes_high',
            'spare_used': 'spare_used_tonnes'
        }.items() %}
        case
            when answers.null_reason is null and not answers.is_spare_unknown
                then coalesce(answers.{{ measure }}_g, 0) / 1000000
        end as others_{{ name }},
        {%- endfor %}
        {%- for column in [
            'spare_basis', 'spare_estimated_share', 'spare_source_id', 'spare_edition',
            'spare_excluded_producers'
        ] %}
        case when answers.null_reason is null then answers.{{ column }} end as {{ column }},
        {%- endfor %}
        answers.source_id,
        answers.series_id,
        answers.edition,
        case when answers.graph_number is not null then answers.production_source_id end
            as production_source_id,
        anchors.published_anchor,
        {{ quality_flags({
            'basis_converted':
                "answers.loss_null_reason is null and cells.total_source_id is not null"
                ~ " and (answers.origin_view <> 'declared_origin'"
                ~ " or answers.consumption_g is not null)",
            'de_minimis': "importer_years.value_usd < " ~ threshold('de_minimis_usd'),
            'grade_heterogeneous': "series_years.is_grade_heterogeneous",
            'lines_missing': "answers.has_missing_lines",
            'mixed_line': "series_years.is_mixed_line",
            'none_recorded': "answers.loss_null_reason is null and not answers.is_supplied",
            'own_production_not_named':
                "answers.consumption_g is not null"
                ~ " and not coalesce(answers.is_named, false)",
            'series_conflict': "conflicts.importer_number is not null",
            'spare_unknown': "answers.null_reason is null and answers.is_spare_unknown",
            'unit_value_outlier':
                "importer_years.has_outliers_in_all"
                ~ " or outlying_imports.importer_number is not null"
                ~ " or answers.has_exported_outliers",
        }) }} as quality_flags,
        answers.loss_null_reason as null_reason,
        answers.use_null_reason as consumption_null_reason,
        coalesce(
            answers.loss_null_reason,
            case when answers.is_spare_unknown then 'spare_unknown' end
        ) as shortfall_null_reason
    from answers
    left join parties as importer on answers.importer_number = importer.party_number
    left join anchors
        on {{ same_key('answers', 'anchors', ['scenario_id', 'mineral_id']) }}
    left join cells
        on {{ same_key('answers', 'cells', ['mineral_id', 'stage', 'reference_year']) }}
    left join series_years
        on {{ same_key('answers', 'series_years', ['series_number', 'reference_year']) }}
    left join conflicts
        on {{ same_key('answers', 'conflicts', ['question_number', 'importer_number']) }}
    left join {{ ref('int_trade__importer_years') }} as importer_years
        on
            series_years.series_year_number = importer_years.series_year_number
            and answers.importer_number = importer_years.importer_number
    left join outlying_imports
        on
            {{ same_key('answers', 'outlying_imports', ['question_number', 'importer_number']) }}

)

{{ contract_columns() }}
order by
    scenario_id, case_id, mineral_id, stage, origin_view, importer_id
