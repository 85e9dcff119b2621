"""What the atlas holds: one query a table, read from the built file. They choose rows and round; nothing is computed.

A column that ends in `_share` or stands in `SCALED` is held as a whole number of 1/100,000. `SHARED` is what every
choice needs. `OF_IMPORTER` is cut by importer: its queries give `importer_id`, and order by it first.
"""

# Shares are shown to a tenth of a per cent; what is smaller would show as 0.0% and is left out.
SMALLEST_SHARE = 0.001
SCALE = 100_000
SCALED = frozenset(
    {"supplier_hhi", "production_hhi_lower", "production_hhi_upper", "extra_bloc_share"}
)

PREPARE = (
    # Every importer of the release; those that the page itself holds are the most asked about. As of a day on which no
    # trade was out, controls alone have importers.
    """
    create or replace temp table atlas_importer as
    select importer_id, any_value(importer_name) as importer_name, any_value(importer_kind) as importer_kind,
        count(leading_share) as answer_count,
        bool_or(
            importer_kind = 'bloc' or importer_id = 'CHN'
            or importer_id in (
                select party_id from marts.bridge_bloc_member where bloc_id like 'MEETING%'
                union select country_iso3 from marts.bridge_bloc_member where bloc_id = 'G7'
            )
        ) as is_in_page
    from (
        select importer_id, importer_name, importer_kind, leading_share from marts.mart_headline
        union all
        select distinct importer_id, importer_name, importer_kind, null from marts.mart_export_control_exposure
    )
    group by importer_id
    """,
)

# Of the level of lines only what no mineral can claim: lines published as a group.
IMPORTS = """marts.mart_import_dependency
        where is_current_series
            and (series_level = 'mineral_stage'
                or mineral_id not in (select mineral_id from marts.dim_mineral))"""
# The first bit of `gap.years`.
FIRST_YEAR = 1990

SHARED = {
    "importer": """
        select importer_id, importer_name, importer_kind, answer_count from atlas_importer
        order by importer_kind desc, importer_name
    """,
    # Stages that trade is asked about, and the years it has.
    "traded": f"""
        select mineral_id, stage, min(reference_year) as first_year, max(reference_year) as last_year
        from {IMPORTS}
        group by all order by all
    """,
    # Stages that are asked about on any evidence: rare earths by group have no pool of trade.
    "asked": "select distinct mineral_id, stage from marts.mart_headline order by all",
    # Minerals of our list that nothing of the release tells of, each with its reason.
    "untold": """
        select mineral_id, stage, null_reason from marts.mart_coverage
        where statistic = 'import_dependency_value'
            and mineral_id not in (select mineral_id from marts.mart_headline)
            and mineral_id not in (select mineral_id from marts.mart_supplier_concentration)
        order by mineral_id, stage
    """,
    "country": "select country_iso3, country_name from marts.dim_country order by country_iso3",
    "member": """
        select bloc_id, country_iso3 from marts.bridge_bloc_member
        where valid_to is null
        order by all
    """,
    "mineral": """
        select mineral_id, mineral_name, parent_mineral_id from marts.dim_mineral order by mineral_name
    """,
    "mixed_in": """
        select distinct mineral_id, stage, group_id, hs6 from marts.dim_hs_line
        where group_id is not null order by all
    """,
    "stage": "select stage, stage_name, stage_description from marts.dim_stage order by stage_order",
    "source": """
        select source_id, publisher, title, landing_page, licence_title, licence_url, credit_line
        from marts.dim_source order by source_id
    """,
    "edition": """
        select source_id, edition, released_on from marts.dim_edition order by source_id, released_on, edition
    """,
    "threshold": """
        select assumption_id, value_low, unit, reason, defined_in from marts.mart_assumption
        where assumption_kind = 'exposure_band' and value_low is not null order by value_low desc
    """,
    "caveat": """
        select assumption_id as quality_flag, starts_with(reason, 'grave: ') as is_grave from marts.mart_assumption
        where assumption_kind = 'headline_caveat' order by value_low
    """,
    "production": """
        select mineral_id, stage, source_id, form, basis, reference_year, country_iso3, production_share,
            value_status, is_estimated, edition, excluded_producers, quality_flags, null_reason
        from marts.mart_production_share
        where is_current_edition
        order by mineral_id, stage, source_id, form, basis, reference_year, production_share desc, country_iso3
    """,
    "concentration": """
        select mineral_id, stage, source_id, form, basis, reference_year, edition,
            production_hhi_lower, production_hhi_upper, leader_country_iso3, leader_share, leader_count,
            china_share, china_null_reason, excluded_producers, is_edition_break, null_reason
        from marts.mart_supplier_concentration
        where is_current_edition
        order by mineral_id, stage, source_id, form, basis, reference_year
    """,
    "control": """
        select slice.event_id, slice.item, slice.valid_from, slice.valid_to, slice.status,
            slice.status_claims, slice.imposing_iso3, slice.target_id, slice.instrument, slice.mineral_id,
            slice.stage, slice.extent, slice.verified, slice.verification, control.scope_note, control.legal_ref,
            control.source, control.source_url, list.checked_on as list_checked_on, list.review_by as list_review_by
        from marts.fct_export_control_slice as slice
        left join marts.fct_export_control as control using (event_id, item)
        inner join marts.dim_reviewed_list as list
            on list.list_file = 'sources/reference/export_controls.csv'
        order by slice.event_id, slice.item, slice.valid_from
    """,
    "rank": """
        select ranked.importer_id, ranked.importer_kind, ranked.mineral_id, ranked.stage, ranked.reference_year,
            ranked.mineral_rank, ranked.mineral_rank_low, ranked.mineral_rank_high, ranked.importer_rank,
            ranked.importer_rank_low, ranked.importer_rank_high, ranked.band_id, ranked.leading_origin_id,
            ranked.leading_share, ranked.evidence_kind, ranked.share_source_id, headline.share_edition as edition,
            ranked.main_caveat, ranked.is_caveat_grave,
            ranked.net_import_reliance_goods, ranked.net_import_reliance_year,
            ranked.net_import_reliance_share_lower as reliance_lower_share,
            ranked.net_import_reliance_share_upper as reliance_upper_share, ranked.is_net_exporter,
            ranked.export_value_usd > ranked.import_value_usd as sells_more
        from marts.mart_vulnerability as ranked
        inner join marts.mart_headline as headline using (importer_id, mineral_id, stage)
        where ranked.mineral_rank is not null or ranked.rank_null_reason = 'no_line_of_the_stage'
        order by ranked.importer_id, ranked.mineral_rank, ranked.mineral_id, ranked.stage
    """,
    "price": """
        select mineral_id, price_label, source_id, edition, reference_year, value_usd_per_tonne,
            value_usd_per_tonne_lower, value_usd_per_tonne_upper, price_basis, null_reason
        from marts.fct_price
        where is_current_edition and period_kind = 'year' and reference_year >= 1995
        order by all
    """,
    "demand": """
        select mineral_id, scenario, demand_use, form, basis, reference_year, quantity_tonnes, source_id, edition
        from marts.fct_demand where is_current_edition and demand_use = 'total' order by all
    """,
    "outlook": """
        select mineral_id, stage, outlook_kind, scenario, form, basis, reference_year, quantity_tonnes, source_id, edition
        from marts.fct_supply_outlook where is_current_edition and geography_kind = 'world' order by all
    """,
    "network": """
        select mineral_id, stage, reference_year, country_iso3, measure, series_id, trade_role, pass_through_share,
            supplier_count, declared_loss_share, traced_loss_share, quality_flags, null_reason, role_null_reason,
            traced_null_reason
        from marts.mart_trade_network
        order by mineral_id, stage, reference_year, declared_loss_share desc, country_iso3
    """,
    "series": """
        select distinct series_id, source_id, edition from marts.mart_import_dependency
        where source_id is not null order by all
    """,
    # The months of the year so far, beside the same of the year before.
    "us_trade": """
        select hs4, hs4_name, mineral_ids, other_goods, partner_iso3, period_month_count, reference_year,
            value_usd, value_usd_year_before, change_share, verdict, null_reason, source_id, edition
        from marts.mart_us_trade_change
        where flow = 'import' and measure = 'value' and period_kind = 'year_to_date'
            and reference_year = (select max(reference_year) from marts.mart_us_trade_change)
        order by hs4, partner_iso3
    """,
    "claim": """
        select claim_id, claim_text, claimed_on, claimed_low as claimed_low_share,
            claimed_high as claimed_high_share, measure, country_iso3, party_id, counterparty_id, mineral_id,
            stage, source_id, edition, is_newest_known_edition, reference_year, share_measure, sector,
            evidence_id, base_first_year, computed_low as computed_low_share, computed_high as computed_high_share,
            as_of_kind, as_of, verdict, explanation, correction_source, verified
        from marts.mart_claim_check
        order by claimed_on, claim_id, as_of_kind, mineral_id, stage, party_id, source_id,
            reference_year, edition, measure, share_measure
    """,
}

OF_IMPORTER = {
    # One row a question with an origin; its suppliers are the next `suppliers` rows of `supplier`. Of a country whose
    # tonnes are published in part, the largest known tonnes may be its own and its share by tonnes is null all the same.
    "question": f"""
        with weighed as (
            select *,
                case
                    when origin_kind <> 'country' or quantity_null_reason = 'inside_the_bloc' then null
                    when quantity_basis = 'contained' then quantity_tonnes_contained
                    else quantity_tonnes_gross
                end as known_tonnes
            from {IMPORTS}
                and origin_id is not null
        )
        select importer_id, series_level, hs6, mineral_id, stage, reference_year,
            any_value(source_id) as source_id, any_value(edition) as edition,
            any_value(series_id) as series_id, any_value(supplier_hhi) as supplier_hhi,
            any_value(extra_bloc_share) as extra_bloc_share, any_value(quantity_basis) as quantity_basis,
            if(count(value_share) = 0, min(null_reason), null) as null_reason,
            if(count(quantity_share) = 0, min(quantity_null_reason), null) as quantity_null_reason,
            if(
                max(known_tonnes) filter (quantity_share is null) > max(known_tonnes) filter (quantity_share is not null),
                arg_max(origin_id, known_tonnes) filter (quantity_share is null), null
            ) as unweighed_leader_id,
            count(*) filter (
                value_share >= {SMALLEST_SHARE} or quantity_share >= {SMALLEST_SHARE}
            ) as suppliers
        from weighed
        group by all
        order by importer_id, mineral_id, stage, hs6, reference_year
    """,
    # Questions without an origin: one row for all years of one reason, each year a bit.
    "gap": f"""
        select importer_id, series_level, hs6, mineral_id, stage, series_id, null_reason, quantity_null_reason,
            bit_or(cast(1 as bigint) << (reference_year - {FIRST_YEAR})) as years
        from {IMPORTS}
            and origin_id is null
        group by all
        order by all
    """,
    "supplier": f"""
        select importer_id, origin_id, value_share, quantity_share, quality_flags, null_reason, quantity_null_reason
        from {IMPORTS}
            and (value_share >= {SMALLEST_SHARE} or quantity_share >= {SMALLEST_SHARE})
        order by importer_id, mineral_id, stage, hs6, reference_year, value_share desc, origin_id
    """,
    # Who else says from whom an importer buys, where the trade of the year does not.
    "evidence": f"""
        select importer_id, mineral_id, stage, reference_year, evidence_kind, goods, period_from_year,
            period_to_year, origin_id, origin_kind, share as evidence_share, share_lower as evidence_lower_share,
            share_upper as evidence_upper_share, denominator, share_measure,
            source_id, edition, series_id, quality_flags, null_reason
        from marts.mart_import_evidence
        where is_best_evidence and evidence_kind <> 'current_series'
            and coalesce(share >= {SMALLEST_SHARE}, true)
        order by importer_id, mineral_id, stage, reference_year, share desc nulls last, origin_id
    """,
    "view": f"""
        select importer_id, mineral_id, stage, reference_year, measure, denominator, origin_id,
            declared_origin_share, refiner_origin_share, mine_origin_share, refiner_unresolved_share,
            mine_unresolved_share, production_source_id, edition, feed_source_id, feed_edition, series_id,
            quality_flags, null_reason, refiner_null_reason, mine_null_reason
        from marts.mart_dependency_view
        where series_level = 'mineral_stage'
            and (origin_id is null
                or greatest(declared_origin_share, refiner_origin_share, mine_origin_share) >= {SMALLEST_SHARE})
        order by importer_id, mineral_id, stage, reference_year, measure, denominator, origin_id
    """,
    "exposure": """
        select on_date, event_id, item, importer_id, mineral_id, stage, first_year_before, last_year_before,
            latest_year, latest_series_id, value_share_before_low as before_low_share,
            value_share_before_high as before_high_share, value_share_latest_low as latest_low_share,
            value_share_latest_high as latest_high_share,
            quantity_share_before_low as before_low_tonnes_share, quantity_share_before_high as before_high_tonnes_share,
            quantity_share_latest_low as latest_low_tonnes_share,
            quantity_share_latest_high as latest_high_tonnes_share,
            quantity_basis, quality_flags, before_null_reason, latest_null_reason
        from marts.mart_export_control_exposure
        where series_level = 'mineral_stage'
        order by importer_id, mineral_id, on_date, event_id, item, stage
    """,
    # The newest month of each line, where the release holds months.
    "month": f"""
        with newest as (
            select importer_id, source_id, hs6, max(reference_year * 12 + reference_month) as newest_month
            from marts.mart_trade_month where importer_id is not null group by all
        )
        select importer_id, source_id, edition, hs6, mineral_ids, is_mixed_line, origin_id, reference_year,
            reference_month, currency, value, value_share_twelve_months as twelve_months_share, change_share,
            null_reason, trailing_share_null_reason, change_null_reason
        from marts.mart_trade_month
        inner join newest using (importer_id, source_id, hs6)
        where reference_year * 12 + reference_month = newest_month
            and coalesce(value_share_twelve_months >= {SMALLEST_SHARE}, true)
        order by importer_id, hs6, source_id, value_share_twelve_months desc nulls last, value desc, origin_id
    """,
    # Why trade has no answer.
    "unanswered": """
        select importer_id, mineral_id, stage, reference_year, null_reason from marts.mart_headline
        where null_reason is not null and evidence_kind = 'current_series'
        order by importer_id, mineral_id, stage
    """,
}
