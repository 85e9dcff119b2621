with

questions as (

    select
        *,
        case when null_reason is null then graph_number end as answering_graph_number
    from {{ ref('int_look_through__importer_cases') }}

),

shares as (select * from {{ ref('int_look_through__origin_shares') }}),

{{ look_through_cells() }},

{{ look_through_answers() }},

parties as (select * from {{ ref('int_trade__parties') }}),
series as (select * from {{ ref('int_trade__series_by_year') }}),

editions as (

    select distinct
        source_id,
        mineral_id,
        stage,
        form,
        basis,
        reference_year,
        edition
    from {{ ref('int_production__shares') }}
    where statistic = 'production' and is_current_edition

),

contradicted_lines as (

    select
        line.mineral_id,
        line.stage,
        line.series_id,
        line.hs6,
        compared.reference_year,
        compared.importer_number
    from {{ ref('int_trade__series_conflicts') }} as compared
    inner join series as line
        on
            compared.series_number = line.series_number
            and compared.reference_year = line.reference_year
            and line.series_level = 'hs6'

),

-- Line by line, and of all lines together (an empty one).
conflicts as (

    select * from contradicted_lines
    union
    select
        mineral_id,
        stage,
        series_id,
        '' as hs6,
        reference_year,
        importer_number
    from contradicted_lines

),

traced_shares as (

    select
        {%- for view in ['refiner', 'mine'] %}
        {%- for column in ['origin_share', 'origin_rank', 'unresolved_share'] %}
        case when questions.{{ view }}_null_reason is null then shares.{{ view }}_{{ column }} end
            as {{ view }}_{{ column }},
        {%- endfor %}
        {%- endfor %}
        shares.origin_number,
        shares.is_seller,
        shares.is_partly_weighed,
        shares.declared_origin_share,
        shares.declared_origin_rank,
        shares.imbalance_share,
        questions.*
    from questions
    left join shares
        on
            questions.answering_graph_number = shares.graph_number
            and questions.party_number = shares.party_number
            and questions.measure = shares.measure
            and questions.denominator = shares.denominator

),

final as (

    select
        importer.party_id as importer_id,
        importer.party_kind as importer_kind,
        traced_shares.mineral_id,
        traced_shares.stage,
        traced_shares.series_level,
        traced_shares.hs6,
        traced_shares.reference_year,
        origin.party_id as origin_id,
        origin.party_kind as origin_kind,
        traced_shares.measure,
        traced_shares.denominator,
        traced_shares.declared_origin_share,
        traced_shares.refiner_origin_share,
        traced_shares.mine_origin_share,
        traced_shares.refiner_unresolved_share,
        traced_shares.mine_unresolved_share,
        traced_shares.imbalance_share,
        traced_shares.declared_origin_rank,
        traced_shares.refiner_origin_rank,
        traced_shares.mine_origin_rank,
        traced_shares.denominator_g / 1000000 as denominator_tonnes,
        cells.production_source_id,
        made.edition,
        cells.feed_source_id,
        dug.edition as feed_edition,
        traced_shares.series_id,
        {{ quality_flags({
            'basis_converted': "cells.total_source_id is not null",
            'grade_heterogeneous': "series.is_grade_heterogeneous",
            'lines_missing': "series.has_missing_lines",
            'miner_not_named':
                "traced_shares.origin_number is not null"
                ~ " and traced_shares.mine_null_reason is null"
                ~ " and traced_shares.mine_origin_share is null",
            'mixed_line': "series.is_mixed_line",
            'none_recorded':
                "not traced_shares.is_seller"
                ~ " and ( traced_shares.origin_number <> traced_shares.party_number"
                ~ " or traced_shares.denominator = 'imports' )",
            'origin_tonnage_not_published':
                "traced_shares.is_seller"
                ~ " and traced_shares.declared_origin_share is null"
                ~ " and not traced_shares.is_partly_weighed",
            'origin_tonnage_partly_published': "traced_shares.is_partly_weighed",
            'own_production_not_named':
                "not traced_shares.is_named"
                ~ " and traced_shares.denominator = 'apparent_supply'",
            'production_of_all_lines': "traced_shares.series_level = 'hs6'",
            'production_wider_than_lines': "cells.is_wider_than_lines",
            'refiner_not_named':
                "traced_shares.origin_number is not null"
                ~ " and traced_shares.refiner_null_reason is null"
                ~ " and traced_shares.refiner_origin_share is null",
            'series_break': "series.is_series_break",
            'series_conflict': "conflicts.importer_number is not null",
            'small_importer': "traced_shares.is_small_importer",
            'truncated_release': "series.is_truncated_release",
            'unit_value_outlier': "traced_shares.has_unit_value_outlier",
        }) }} as quality_flags,
        traced_shares.null_reason,
        traced_shares.refiner_null_reason,
        traced_shares.mine_null_reason
    from traced_shares
    inner join answers_by_party
        on {{ same_key('traced_shares', 'answers_by_party', ['party_number', 'reference_year']) }}
    inner join parties as importer on answers_by_party.importer_number = importer.party_number
    inner join cells
        on {{ same_key('traced_shares', 'cells', ['mineral_id', 'stage', 'reference_year']) }}
    -- A bloc's own part is its own, by whose look-through it may be answered.
    left join parties as origin
        on
            case
                when traced_shares.origin_number = traced_shares.party_number
                    then answers_by_party.importer_number
                else traced_shares.origin_number
            end
            = origin.party_number
    left join series
        on {{ same_key('traced_shares', 'series', ['series_number', 'reference_year']) }}
    left join editions as made
        on
            cells.production_source_id = made.source_id
            and cells.mineral_id = made.mineral_id
            and cells.stage = made.stage
            and cells.production_form = made.form
            and cells.production_basis = made.basis
            and cells.reference_year = made.reference_year
    left join editions as dug
        on
            cells.feed_source_id = dug.source_id
            and cells.mineral_id = dug.mineral_id
            and dug.stage = 'mine'
            and cells.feed_form = dug.form
            and cells.feed_basis = dug.basis
            and cells.reference_year = dug.reference_year
    left join conflicts
        on
            {{ same_key('traced_shares', 'conflicts', [
                'mineral_id', 'stage', 'series_id', 'reference_year',
            ]) }}
            and coalesce(traced_shares.hs6, '') = conflicts.hs6
            and traced_shares.party_number = conflicts.importer_number

)

{{ contract_columns() }}
order by
    importer_id, mineral_id, stage, series_level, hs6, reference_year, measure, denominator,
    origin_id
