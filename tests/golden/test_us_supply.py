"""US secondary supply and stocks, divided by hand from the cells that USGS prints, against the release.

Cells are of MCS2026_Commodities_Data.csv unless said otherwise; the numbers behind # are its lines (header: 1).
"""

import duckdb
import pytest

# Mineral, form, kind of scrap, year: secondary and consumption in the printed unit, and their lines.
RECYCLED = {
    ("aluminium", "metal", "old", 2025): (1_600, 5_700),  # 242, 248
    ("aluminium", "metal", "old", 2024): (1_560, 5_830),  # 228, 234
    ("antimony", "metal_and_oxide", "not_stated", 2025): (3_500, 45_000),  # 382, 393
    ("antimony", "metal_and_oxide", "not_stated", 2024): (3_330, 28_600),  # 366, 377
    ("bismuth", "total", "not_stated", 2024): (80, 830),  # 969, 976
    ("chromium", "total", "not_stated", 2025): (100, 480),  # 1474, 1479
    ("cobalt", "total", "not_stated", 2025): (2_000, 9_600),  # 1835, 1839
    ("cobalt", "total", "not_stated", 2023): (2_030, 6_440),  # 1813, 1817
    ("copper", "refined", "old", 2025): (160, 2_200),  # 1959, 1965
    ("nickel", "total", "not_stated", 2025): (130_000, 220_000),  # 5033, 5035
    ("tin", "refined", "old", 2025): (9_000, 43_000),  # 7787, 7796
    ("vanadium", "total", "not_stated", 2025): (7_500, 13_000),  # 8337, 8353
    # Of table 7, lines 23 and 25: the chapter has no secondary production.
    ("palladium", "total", "not_stated", 2025): (50, 130),
    ("platinum", "total", "not_stated", 2025): (9, 92),
    # mcs2023-cobal_salient.csv, line 2 (2018): columns 5 and 9.
    ("cobalt", "total", "not_stated", 2018): (2_750, 7_680),
}
# The same: at least, at most, why there is no figure.
WITHHELD = {
    # W, W and a reliance of ">50": 8189, 8197, 8200.
    ("tungsten", "total", "not_stated", 2025): (0, 0.5, "secondary_supply_withheld"),
    # 110 thousand tonnes of a consumption of W: 4424, 4428.
    ("magnesium", "total", "old_and_new", 2025): (None, None, "consumption_withheld"),
    # 8,000 t of new scrap, which consumption leaves out: 7788.
    ("tin", "refined", "new", 2025): (None, None, "new_scrap_is_outside_consumption"),
    # Table 7, line 39: "Primary production includes both primary and secondary metal production."
    ("zinc", "total", "not_stated", 2025): (None, None, "secondary_supply_included_elsewhere"),
    # Table 7, line 18: NA.
    ("lithium", "total", "not_stated", 2025): (None, None, "secondary_supply_not_available"),
}
# Mineral, form, holder, year: stock and consumption in the printed unit, and which consumption.
COVERED = {
    ("aluminium", "metal", "industry", 2025): (1_800, 5_700, "apparent"),  # 251, 248
    ("aluminium", "metal", "all", 2025): (1_800 + 8, 5_700, "apparent"),  # 251, 252, 248
    ("aluminium", "bauxite", "industry", 2025): (240, 1_700, "reported"),  # 736, 738; 737 is W
    ("chromium", "total", "consumer", 2024): (5, 442, "apparent"),  # 1471, 1467
    ("cobalt", "total", "industry", 2025): (1_500, 9_600, "apparent"),  # 1842, 1839
    ("cobalt", "total", "exchange", 2025): (34, 9_600, "apparent"),  # 1843, 1839
    ("cobalt", "total", "all", 2025): (1_500 + 34, 9_600, "apparent"),
    ("cobalt", "total", "all", 2024): (956 + 34, 7_960, "apparent"),  # 1831, 1832, 1828
    ("copper", "refined", "all", 2025): (450, 2_200, "apparent"),  # 1969, 1965
    ("gallium", "total", "consumer", 2025): (3_400, 19_000, "reported"),  # 2543, 2541
    ("manganese", "ore", "producer_and_consumer", 2025): (200, 410, "reported"),  # 4575, 4570
    ("molybdenum", "total", "consumer", 2025): (2_000, 34_000, "apparent"),  # 4890, 4888
    ("nickel", "total", "all", 2025): (25_000 + 110, 220_000, "apparent"),  # 5038, 5039, 5035
    ("phosphate", "total", "producer", 2025): (8_400, 21_000, "apparent"),  # 5473, 5471
    ("tin", "refined", "consumer_and_dealer", 2025): (8_100, 43_000, "apparent"),  # 7799, 7796
    ("zinc", "refined", "producer_and_consumer", 2025): (110, 820, "apparent"),  # 8672, 8669
}


@pytest.mark.slow
@pytest.mark.parametrize("case", RECYCLED)
def test_a_recycled_share_is_that_of_the_printed_cells(
    release: duckdb.DuckDBPyConnection, case: tuple[str, str, str, int]
) -> None:
    secondary, consumption = RECYCLED[case]
    [row] = release.execute(
        "select recycled_share, recycled_share_lower, recycled_share_upper, null_reason "
        "from marts.mart_secondary_supply "
        "where mineral_id = ? and form = ? and scrap_kind = ? and reference_year = ?",
        list(case),
    ).fetchall()
    share = pytest.approx(secondary / consumption, abs=1e-12)
    assert row == (share, share, share, None)


@pytest.mark.slow
@pytest.mark.parametrize("case", WITHHELD)
def test_what_is_not_printed_has_bounds_or_a_reason(
    release: duckdb.DuckDBPyConnection, case: tuple[str, str, str, int]
) -> None:
    rows = release.execute(
        "select recycled_share, recycled_share_lower, recycled_share_upper, null_reason "
        "from marts.mart_secondary_supply "
        "where mineral_id = ? and form = ? and scrap_kind = ? and reference_year = ?",
        list(case),
    ).fetchall()
    assert rows == [(None, *WITHHELD[case])]


@pytest.mark.slow
@pytest.mark.parametrize("case", COVERED)
def test_days_of_stock_are_those_of_the_printed_cells(
    release: duckdb.DuckDBPyConnection, case: tuple[str, str, str, int]
) -> None:
    stock, consumption, basis = COVERED[case]
    [row] = release.execute(
        "select stock_days, stock_days_lower, consumption_basis, null_reason "
        "from marts.mart_stock_cover "
        "where mineral_id = ? and form = ? and holder = ? and reference_year = ?",
        list(case),
    ).fetchall()
    days = pytest.approx(stock / consumption * 365, abs=1e-9)
    assert row == (days, days, basis, None)


@pytest.mark.slow
def test_a_withheld_stock_is_no_zero(release: duckdb.DuckDBPyConnection) -> None:
    # Lines 4431, 8199 and 7930: W. Silicon's producers held 15 thousand tonnes in 2023, of a consumption of W.
    rows = release.execute(
        "select mineral_id, stock_tonnes, stock_days, null_reason from marts.mart_stock_cover "
        "where holder = 'all' and (mineral_id, reference_year) in "
        "(('magnesium', 2025), ('tungsten', 2025), ('titanium', 2025), ('silicon', 2023)) order by 1"
    ).fetchall()
    assert rows == [
        ("magnesium", None, None, "stock_withheld"),
        ("silicon", 15_000, None, "consumption_withheld"),
        ("titanium", None, None, "stock_withheld"),
        ("tungsten", None, None, "stock_withheld"),
    ]


@pytest.mark.slow
def test_a_lost_minus_is_mended_from_earlier_editions(release: duckdb.DuckDBPyConnection) -> None:
    # MCS 2026 prints "?1" and "?10" (lines 5086 and 7450), the editions before it −1 and −10.
    rows = release.execute(
        "select mineral_id, edition, quantity_tonnes, published_value, derivation "
        "from marts.fct_us_supply where statistic = 'government_shipments' "
        "and reference_year = 2021 and mineral_id in ('niobium', 'tantalum') "
        "and edition in ('MCS2025', 'MCS2026') order by 1, 2"
    ).fetchall()
    assert rows == [
        ("niobium", "MCS2025", -1, "−1", "as_published"),
        ("niobium", "MCS2026", -1, "?1", "corrected"),
        ("tantalum", "MCS2025", -10, "−10", "as_published"),
        ("tantalum", "MCS2026", -10, "?10", "corrected"),
    ]
