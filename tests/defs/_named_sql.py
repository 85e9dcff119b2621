"""Checks that one plain statement spoils: what is wrong then, the table, the statement, the rows that offend.

Belongs here: SQL on one table. Does not belong here: a case that is worked out in Python.
"""

MINED = "marts.fct_production"
FLOWS = "intermediate.int_trade__measured_flows"
SERIES_YEARS = "intermediate.int_trade__series_by_year"
EVIDENCE = "marts.mart_import_evidence"
EVIDENCE_GOODS = "seeds.import_evidence_goods"
TOTALS = "intermediate.int_production__world_totals"
SHARED = "intermediate.int_production__shares"
T4 = "staging.stg_usgs_mcs_us__export_control_t4s"
T4_ANSWERS = "staging.stg_reference__export_control_t4s"
# A newer book's table, one control fewer.
NEWER_T4 = (
    T4,
    f"insert into {T4} select * replace ('MCS2027' as edition, released_on + 350 as released_on) "
    f"from {T4} where country_iso3 <> 'BWA'",
)

NAMED_SQL: dict[str, tuple[str, str, str, int]] = {
    "dr_congo_exports_no_more_cobalt_than_it_mines": (
        "DR Congo mined a tenth of it in the latest year",
        MINED,
        f"update {MINED} set quantity_tonnes = quantity_tonnes / 10 where mineral_id = 'cobalt' "
        "and country_iso3 = 'COD' and source_id = 'usgs_mcs' and is_current_edition "
        "and stage = 'mine' and reference_year = 2024",
        1,
    ),
    "flows_counted_at_a_stage_are_its_imports": (
        "a flow of a pool that answers, one dollar more than in the mart",
        FLOWS,
        f"update {FLOWS} set value_usd = value_usd + 1 where rowid = (select min(flows.rowid) "
        f"from {FLOWS} as flows inner join {SERIES_YEARS} as years on flows.pool_number = years.series_number "
        "and flows.reference_year = years.reference_year where years.is_current_series "
        "and flows.reference_year = 2024 and not flows.is_code_drift and not flows.is_suspected_double_count)",
        1,
    ),
    "who_knows_an_importers_origins_answers": (
        "USGS's import sources of gallium answer no more, of the four years of their mean",
        EVIDENCE,
        f"update {EVIDENCE} set is_best_evidence = false where importer_id = 'USA' "
        "and mineral_id = 'gallium'",
        4,
    ),
    "every_form_of_import_sources_is_placed": (
        "the list forgets a form",
        EVIDENCE_GOODS,
        f"delete from {EVIDENCE_GOODS} where mineral_id = 'chromium' and goods = 'scrap'",
        1,
    ),
    "one_basis_is_current_a_year": (
        "a year of lithium that is current on two bases, of two editions",
        TOTALS,
        f"update {TOTALS} set mineral_id = 'lithium', edition = 'spoiled' where rowid = ("
        f"select min(rowid) from {TOTALS} where mineral_id = 'magnesite' "
        "and statistic = 'production' and reference_year = 2025 and is_current_edition)",
        1,
    ),
    "shares_of_the_world_add_up_to_one_at_most": (
        "the share of gallium's leader, and the least share of niobium's, too large by a half",
        SHARED,
        f"update {SHARED} set "
        "production_share = production_share + case when mineral_id = 'gallium' then 0.5 else 0 end, "
        "production_share_lower = "
        "production_share_lower + case when mineral_id = 'niobium' then 0.5 else 0 end "
        "where source_id = 'usgs_mcs' and mineral_id in ('gallium', 'niobium') and producer_order = 1 "
        "and statistic = 'production' and reference_year = 2025 and is_current_edition",
        2,
    ),
}
