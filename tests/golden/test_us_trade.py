"""US trade with China in the mart: FIGURES F8, worked out from the workbooks by nothing of ours."""

import duckdb
import pytest

# Heading: dollars of 2023, 2024, 2025 and of January to April 2024, 2025, 2026.
F8 = {
    "2504": (110_018_490, 95_899_895, 46_039_431, 35_541_540, 38_241_997, 9_286_862),
    "2805": (67_063_573, 50_161_241, 35_855_435, 29_252_671, 17_800_755, 17_777_764),
    "2846": (108_255_646, 112_644_992, 100_698_766, 45_456_901, 59_229_873, 96_366_817),
    "8101": (86_087_990, 70_317_305, 44_337_925, 30_559_333, 23_301_922, 24_480_386),
    "8106": (7_514_303, 7_247_225, 3_468_266, 1_716_263, 3_466_196, 4_600),
    "8110": (9_349_071, 10_548_234, 3_523_948, 2_089_251, 3_340_452, 316_425),
    "8112": (121_537_617, 185_108_162, 75_996_244, 64_135_717, 54_863_700, 19_836_673),
    "8505": (565_730_874, 486_914_658, 418_189_682, 209_945_419, 176_474_853, 169_047_346),
}
PERIODS = [("year", year) for year in (2023, 2024, 2025)] + [
    ("year_to_date", year) for year in (2024, 2025, 2026)
]
# By hand from the two last columns: 9,286,862 / 38,241,997 is 0.243, a fall by 75.7%, and so on.
SINCE_JANUARY = {
    "2504": "all_but_stopped",
    "2805": "continued",
    "2846": "continued",
    "8101": "continued",
    "8106": "all_but_stopped",
    "8110": "all_but_stopped",
    "8112": "fell",
    "8505": "continued",
}
# 46.0 / 95.9 is 0.48; 35.9 / 50.2 is 0.71; 100.7 / 112.6 is 0.89; 44.3 / 70.3 is 0.63; and so on.
YEAR_2025 = {
    "2504": "fell",
    "2805": "fell",
    "2846": "continued",
    "8101": "fell",
    "8106": "fell",
    "8110": "fell",
    "8112": "fell",
    "8505": "continued",
}
MIXED = {"2805", "8112", "8505"}


@pytest.mark.slow
def test_imports_from_china_are_those_of_f8(release: duckdb.DuckDBPyConnection) -> None:
    got = release.execute(
        "select hs4, period_kind, reference_year, value_usd, value_usd_year_before "
        "from marts.mart_us_trade_change "
        "where flow = 'import' and partner_iso3 = 'CHN' and measure = 'value'"
    ).fetchall()
    values = {(hs4, kind, year): value for hs4, kind, year, value, _ in got}
    before = {(hs4, kind, year): value for hs4, kind, year, _, value in got}
    for hs4, figures in F8.items():
        for (kind, year), figure in zip(PERIODS, figures, strict=True):
            assert values[hs4, kind, year] == figure
            assert before.get((hs4, kind, year + 1), figure) == figure


@pytest.mark.slow
@pytest.mark.parametrize(
    ("kind", "year", "expected"),
    [("year_to_date", 2026, SINCE_JANUARY), ("year", 2025, YEAR_2025)],
)
def test_supplies_continue_in_some_headings_and_not_in_others(
    release: duckdb.DuckDBPyConnection, kind: str, year: int, expected: dict[str, str]
) -> None:
    got = release.execute(
        "select hs4, verdict, is_mixed_heading from marts.mart_us_trade_change "
        "where flow = 'import' and partner_iso3 = 'CHN' and measure = 'value' "
        "and period_kind = ? and reference_year = ? and list_contains(?, hs4)",
        [kind, year, list(expected)],
    ).fetchall()
    assert {hs4: verdict for hs4, verdict, _ in got} == expected
    assert {hs4 for hs4, _, is_mixed in got if is_mixed} == MIXED


@pytest.mark.slow
def test_the_year_that_is_not_over_says_nothing(release: duckdb.DuckDBPyConnection) -> None:
    got = release.execute(
        "select distinct value_usd, quantity, change_share, null_reason "
        "from marts.mart_us_trade_change where period_kind = 'year' and reference_year = 2026"
    ).fetchall()
    assert got == [(None, None, None, "period_not_over")]


@pytest.mark.slow
def test_a_heading_is_zero_where_every_unit_of_it_is(release: duckdb.DuckDBPyConnection) -> None:
    """Magnets from China are printed in pieces, in kilograms and without a unit; some of them 0."""
    wrong = release.execute(
        "select count(*) from marts.mart_us_trade_change where measure = 'value' "
        "and value_status <> case when value_usd is null then 'not_available' "
        "when value_usd = 0 then 'zero' else 'numeric' end"
    ).fetchone()
    assert wrong == (0,)


@pytest.mark.slow
def test_the_claim_is_judged_by_heading(release: duckdb.DuckDBPyConnection) -> None:
    got = dict(
        release.execute(
            "select evidence_id, verdict from marts.mart_claim_check "
            "where claim_id = 'CHN_SUPPLY_TO_US_CONTINUES' and measure = 'us_imports_continue' "
            "and as_of_kind = 'today'"
        ).fetchall()
    )
    for verdicts, period in ((YEAR_2025, "2025"), (SINCE_JANUARY, "the first 4 months of 2026")):
        for hs4, verdict in verdicts.items():
            expected = "agrees" if verdict == "continued" else "differs"
            assert got[f"HS {hs4}, {period}"] == expected
        assert got[f"all headings, {period}"] == "differs"
    # The workbook is of July: at the claim's date, in January, it was not out.
    early = release.execute(
        "select count(*) from marts.mart_claim_check "
        "where measure = 'us_imports_continue' and as_of_kind = 'claim_date'"
    ).fetchone()
    assert early == (0,)


@pytest.mark.slow
@pytest.mark.parametrize("mart", ["fct_us_trade", "mart_us_trade_change"])
def test_the_comment_names_all_partners_that_are_held(
    release: duckdb.DuckDBPyConnection, mart: str
) -> None:
    """Who filters on Mexico gets no row: the comment says that it is not held."""
    [(comment,)] = release.execute(
        "select comment from duckdb_columns() where schema_name = 'marts' "
        "and table_name = ? and column_name = 'partner_iso3'",
        [mart],
    ).fetchall()
    held = release.execute(f"select distinct partner_name from marts.{mart} order by 1").fetchall()
    assert ": " + ", ".join(name for (name,) in held) + ". " in comment
