"""Macros take names, codes and synonyms in any case, and refuse what they don't know, in every DuckDB.

A valid question without an answer is one row that says why.
"""

import json
from pathlib import Path
from typing import Any

import duckdb
import pytest

from dagster_project.publishing.release_files import DATABASE
from tests.clients import VERSIONS, answers

pytestmark = pytest.mark.slow

# As a person writes it, and as the tables spell it.
FORGIVEN = [
    ("dependency('Germany', 'Cobalt', 'refining', 2024)", "dependency('DEU', 'cobalt', 'refined', 2024)"),
    ("dependency('de', 'CO', 'REFINED', '2024')", "dependency('DEU', 'cobalt', 'refined', 2024)"),
    ("dependency('the U.S.', 'aluminum', 'Processing', 2023)", "dependency('USA', 'aluminium', 'refined', 2023)"),
    ("dependency('European Union', 'Rare-Earth Elements', 'refinery', 2023)",
     "dependency('EU27', 'rare_earths', 'refined', 2023)"),
    ("dependency('Türkiye', 'Barite', 'mining', 2022)", "dependency('TUR', 'baryte', 'mine', 2022)"),
    ("disruption('drc', 'Cobalt', 0.56, 365)", "disruption('COD', 'cobalt', 0.56, 365)"),
    ("disruption(['drc', 'china'], 'Cobalt', 1, 90, spare := 'measured')",
     "disruption(['CHN', 'COD'], 'cobalt', 1, 90, spare := 'measured')"),
    # Without a year the newest that has an answer.
    ("dependency('DEU', 'cobalt', 'refined')", "dependency('DEU', 'cobalt', 'refined', 2024)"),
    ("dependency('DEU', 'cobalt', 'refined', null)", "dependency('DEU', 'cobalt', 'refined', 2024)"),
    # Words of trade for a stage, and a year where the stage may stand.
    ("dependency('Japan', 'titanium', 'Metal', 2024)", "dependency('JPN', 'titanium', 'refined', 2024)"),
    ("dependency('Germany', 'Lithium', 2022)", "dependency('DEU', 'lithium', null, 2022)"),
    ("dependency('Germany', 'Lithium', in_year := '2022')", "dependency('DEU', 'lithium', '2022')"),
    ("look_through('Germany', 'Lithium', 2022)", "look_through('DEU', 'lithium', in_year := 2022)"),
    ("look_through('Germany', 'Lithium')", "look_through('DEU', 'lithium', null, null)"),
    ("compare(['Germany', 'Japan'], 'Lithium')", "compare(['DEU', 'JPN'], 'lithium', null)"),
    # What is held by a mineral of ours answers as that mineral, whose id stands in the row.
    ("dependency('EU', 'Dysprosium', 'refined', 2024)", "dependency('EU', 'heavy_rare_earths', 'refined', 2024)"),
    ("dependency('EU27', 'HREE', 'refined', 2024)", "dependency('EU27', 'heavy_rare_earths', 'refined', 2024)"),
    ("dependency('EU27', 'yttrium', 'refined', 2024)", "dependency('EU27', 'heavy_rare_earths', 'refined', 2024)"),
    ("dependency('EU27', 'Neodymium', 'refined', 2024)", "dependency('EU27', 'light_rare_earths', 'refined', 2024)"),
    ("dependency('EU27', 'Nd', 'refined', 2024)", "dependency('EU27', 'light_rare_earths', 'refined', 2024)"),
    ("dependency('EU27', 'LREEs', 'refined', 2024)", "dependency('EU27', 'light_rare_earths', 'refined', 2024)"),
    ("compare('European Union', 'magnets', 'product')", "compare(['EU27'], 'metal_magnets', 'product')"),
    ("dependency('Japan', 'bauxite', 'mine', 2024)", "dependency('JPN', 'aluminium', 'mine', 2024)"),
    ("dependency('EU27', 'Ruthenium', 'refined', 2024)", "dependency('EU27', 'other_pgm', 'refined', 2024)"),
    ("dependency('EU27', 'lithium carbonate', 'refined')", "dependency('EU27', 'lithium', 'refined', 2024)"),
    ("dependency('Japan', 'chromite', 'ores', 2024)", "dependency('JPN', 'chromium', 'mine', 2024)"),
    ("compare('the EU-27', 'Cobalt', 'refining')", "compare(['EU27'], 'cobalt', 'refined')"),
    ("compare(['European Union', 'EU', 'Côte d''Ivoire', 'Korea, Republic of'], 'Cobalt', 'refining')",
     "compare(['EU27', 'EU', 'CIV', 'KOR'], 'cobalt', 'refined')"),
    ("control_exposure(' japan ', '2026-01-12')", "control_exposure('JPN', date '2026-01-12')"),
    ("look_through('Germany', 'Lithium', 'refining')", "look_through('DEU', 'lithium', 'refined', 2024)"),
    ("look_through('eu', 'cobalt', 'refining')", "look_through('EU', 'cobalt', 'refined', 2024)"),
    ("look_through('germany', 'Li', 'Processing', '2024')", "look_through('DEU', 'lithium', 'refined', 2024)"),
    ("controls_as_of('2026-01-12')", "controls_as_of(date '2026-01-12')"),
    ("controls_as_of()", "controls_as_of('Today')"),
    ("controls_as_of('today')", "controls_as_of(cast(make_timestamp(epoch_us(now())) as date))"),
    ("control_exposure('Japan')", "control_exposure('JPN', 'today')"),
    ("disruption('China', 'cobalt')", "disruption('CHN', 'cobalt', 1, 365)"),
]  # fmt: skip
# What is said of it, in order.
REFUSED = [
    ("dependency('Germny', 'cobalt', 'refined', 2024)", ["No party is called 'Germny'", "Germany (DEU)"]),
    ("dependency('DEU', 'cobolt', 'refined', 2024)", ["No mineral is called 'cobolt'", "Cobalt (cobalt)"]),
    ("dependency('DEU', 'cobalt', 'refind', 2024)", ["No stage is called 'refind'", "Refining (refined)"]),
    ("dependency('DEU', 'cobalt', 'oxide', 2024)",
     ["No stage is called 'oxide'", "The stages", "(mine)", "(intermediate)", "(refined)", "(high_purity)",
      "(product)", "(scrap)"]),
    # Arguments in another order are told apart from slips of the pen.
    ("dependency('gallium', 'Japan')", ["that is a ", "Mind the order of the arguments"]),
    ("dependency('DEU', 'refined', 'cobalt')", ["that is a ", "Mind the order of the arguments"]),
    # A group of which only the parts are traded.
    ("dependency('DEU', 'graphite')", ["as a whole", "(graphite_natural)", "(graphite_synthetic)"]),
    ("compare('Japan', 'gallium', 2022)", ["newest year", "Ask dependency"]),
    ("compare('Japan', 'graphite', 'refined')", ["as a whole", "(graphite_natural)", "(graphite_synthetic)"]),
    ("disruption('China', 'graphite')", ["as a whole", "(graphite_natural)", "(graphite_synthetic)"]),
    ("look_through('Japan', 'PGM')", ["as a whole", "(palladium)", "(platinum)", "(rhodium)"]),
    ("vulnerability('gallium')", ["No party is called 'gallium': that is a mineral, Gallium (gallium)"]),
    ("dependency('Germny', 'cobalt')", ["No party is called 'Germny'"]),
    ("look_through('DEU', 'cobolt')", ["No mineral is called 'cobolt'"]),
    ("dependency('DEU', 'gold', 'refined', 2024)", ["No mineral is called 'gold'"]),
    ("dependency('DEU', 'coltan', 'mine', 2024)", ["Niobium (niobium) and Tantalum (tantalum)"]),
    ("dependency(null, 'cobalt', 'refined', 2024)", ["The party is null"]),
    ("dependency('DEU', 'cobalt', 'refined', 'last')", ["No year is 'last'"]),
    ("look_through('DEU', 'cobalt', 'refined', 'last')", ["No year is 'last'"]),
    ("look_through('Germny', 'zinc', 'scrap', 2024)", ["No party is called 'Germny'"]),
    ("dependency('Congo', 'cobalt', 'refined', 2024)", ["DR Congo (COD) and Republic of the Congo (COG)"]),
    ("dependency('Korea', 'cobalt', 'refined', 2024)", ["South Korea (KOR) and North Korea (PRK)"]),
    # All is asked before any row is looked for: a stage without a line hides no misspelt country.
    ("dependency('Germny', 'zinc', 'scrap', 2024)", ["No party is called 'Germny'"]),
    ("disruption('Chna', 'cobalt', 1, 365)", ["No party is called 'Chna'", "China (CHN)"]),
    ("disruption('CHN', 'cobalt', 56, 365)", ["No depth is 56"]),
    ("disruption('CHN', 'cobalt', 1, 0)", ["No duration is 0"]),
    ("disruption(['CHN', 'Chna'], 'cobalt', 1, 365)", ["No party is called 'Chna'"]),
    ("disruption('CHN', 'cobalt', 1, 365, spare := 'all')", ["No spare is 'all'"]),
    ("disruption('CHN', 'cobalt', 1, 365, allocation := 'fair')", ["No allocation is 'fair'"]),
    ("control_exposure('Jpan', '2026-01-12')", ["No party is called 'Jpan'", "Japan (JPN)"]),
    ("control_exposure('JPN', '12 January 2026')", ["No day is '12 January 2026'"]),
    ("compare(['JPN', 'Germny'], 'cobalt', 'refined')", ["No party is called 'Germny'"]),
    ("compare(null, 'cobalt', 'refined')", ["The party is null"]),
    ("controls_as_of('soon')", ["No day is 'soon'"]),
    ("controls_as_of(null)", ["No day is 'null'"]),
    ("explain_production('MCS2026:none')", ["fct_production", "'MCS2026:none'"]),
    ("explain_trade('BACI202601:none')", ["fct_trade", "'BACI202601:none'"]),
    ("explain_trade(null)", ["fct_trade", "'null'"]),
]  # fmt: skip
# One row, with its reason.
OPEN = [
    ("dependency('DEU', 'zinc', 'scrap', 2024)", "no_hs_line"),
    ("dependency('DEU', 'cobalt', 'refined', 2031)", "year_not_held"),
    ("dependency('Antarctica', 'cobalt', 'refined', 2024)", "importer_not_in_series"),
    ("dependency('Germany', 'Germanium', 'Refining', 2015)", "code_drift"),
    ("dependency('DEU', 'zinc', 'scrap')", "no_hs_line"),
    ("dependency('Antarctica', 'cobalt', 'refined')", "importer_not_in_series"),
    ("look_through('Japan', 'gallium', 'refined', 2024)", "only_mixed_lines"),
    ("look_through('Albania', 'cobalt', 'refined', 2024)", "not_looked_through"),
    ("compare('Japan', 'caesium', 'refined')", "no_hs_line"),
    ("disruption('China', 'caesium')", "no_hs_line"),
    ("compare(['Antarctica'], 'cobalt', 'refined')", "importer_not_in_series"),
    ("compare('Japan', 'gallium', 'refined')", "only_mixed_lines"),
    ("disruption('CHN', 'solar panels', 1, 365)", "line_not_held"),
]
# A call, and what it asks of its mart, there asked with constants.
QUICK = {
    "dependency('Germany', 'Cobalt', 'refining', 2024)": (
        "mart_import_dependency where importer_id = 'DEU' and mineral_id = 'cobalt' "
        "and stage = 'refined' and reference_year = 2024"
    ),
    "dependency('Japan', 'Rare earths', 'refined', 1995)": (
        "mart_import_dependency where importer_id = 'JPN' and mineral_id = 'rare_earths' "
        "and stage = 'refined' and reference_year = 1995"
    ),
    "control_exposure('Japan', '2026-01-12')": (
        "mart_export_control_exposure where importer_id = 'JPN'"
    ),
    "explain_production('MCS2026:MCS2026_Commodities_Data.csv:2033')": (
        "fct_production where source_row_id = 'MCS2026:MCS2026_Commodities_Data.csv:2033'"
    ),
}
# The same question joined with the view, which then is computed whole: what the bound guards against.
JOINED = (
    "mart_import_dependency inner join (select 'DEU' as importer_id, 'cobalt' as mineral_id, "
    "'refined' as stage, 2024 as reference_year) "
    "using (importer_id, mineral_id, stage, reference_year)"
)
COUNTED = {"CUMULATIVE_ROWS_SCANNED": "true", "CUMULATIVE_CARDINALITY": "true"}
# Calls handle 1.1 to 3.8 times the rows of the same with constants, a join with the view 27 times.
MOST_TIMES = 6


@pytest.fixture(scope="module")
def database(data: Path) -> Path:
    return data / "published" / "current" / DATABASE


def _told(version: str, database: Path, calls: list[str]) -> dict[str, Any]:
    asked = list(dict.fromkeys(calls))
    told = answers(version, database, [f"from marts.{call}" for call in asked])
    return dict(zip(asked, told, strict=True))


@pytest.fixture(scope="module")
def spelt(database: Path) -> dict[str, list[str]]:
    """Rows of each call as the tables spell it, from the DuckDB that is ours: every other must give the same."""
    told = _told(duckdb.__version__, database, [call for _, call in FORGIVEN])
    return {call: sorted(map(str, answer["rows"])) for call, answer in told.items()}


@pytest.mark.parametrize("version", VERSIONS)
def test_names_are_taken_or_refused(
    database: Path, spelt: dict[str, list[str]], version: str
) -> None:
    calls = [written for written, _ in FORGIVEN]
    told = _told(version, database, calls + [call for call, _ in (*REFUSED, *OPEN)])
    for written, as_spelt in FORGIVEN:
        assert told[written]["rows"], written
        assert sorted(map(str, told[written]["rows"])) == spelt[as_spelt], written
    for call, words in REFUSED:
        error = told[call].get("error", "no error")
        assert all(word in error for word in words), (call, error)
    for call, reason in OPEN:
        [row] = told[call]["rows"]
        assert reason in row, call


def test_macros_that_give_a_table_need_no_schema(release: duckdb.DuckDBPyConnection) -> None:
    named = "select function_name from duckdb_functions() where function_type = 'table_macro' and schema_name = "
    macros = release.execute(named + "'marts' order by 1").fetchall()
    assert ("dependency",) in macros
    assert release.execute(named + "'main' and not internal order by 1").fetchall() == macros
    call = "vulnerability('India')"
    rows = release.execute(f"from {call}").fetchall()
    assert rows
    assert rows == release.execute(f"from marts.{call}").fetchall()


def test_origins_of_dependency_have_their_names(release: duckdb.DuckDBPyConnection) -> None:
    found = "select origin_name, round(value_share, 3) from dependency('Japan', 'rare earths', 'refined', 2024)"
    assert release.execute(f"{found} where origin_id in ('CHN', 'VNM') limit 2").fetchall() == [
        ("China", 0.378),
        ("Vietnam", 0.318),
    ]


# Stages with a customs line, or with another publisher's shares; of caesium there is neither: then all.
STAGES = {
    "lithium": ["mine", "intermediate", "refined", "product"],
    "gallium": ["intermediate", "refined", "product"],
    "rare earths": ["mine", "refined", "product"],
    "magnets": ["product"],
    "scandium": ["refined"],
    "caesium": ["mine", "intermediate", "refined", "high_purity", "product", "scrap"],
}


@pytest.mark.parametrize("mineral", STAGES)
@pytest.mark.parametrize(
    ("call", "more"),
    [
        ("dependency('United States', ", ""),
        ("dependency('Antarctica', ", ""),
        ("dependency('Japan', ", ", in_year := 2010"),
        ("look_through('EU', ", ""),
        ("compare(['Japan', 'Antarctica'], ", ""),
    ],
)
def test_without_a_stage_all_answer_in_their_order(
    release: duckdb.DuckDBPyConnection, mineral: str, call: str, more: str
) -> None:
    """Each as if it were asked alone, with the newest year of its own."""
    one_by_one = []
    for stage in STAGES[mineral]:
        one_by_one += release.execute(f"from {call}'{mineral}', '{stage}'{more})").fetchall()
    assert release.execute(f"from {call}'{mineral}'{more})").fetchall() == one_by_one
    assert len(one_by_one) >= len(STAGES[mineral])


def test_compare_has_a_row_for_each_importer_in_the_order_asked(
    release: duckdb.DuckDBPyConnection,
) -> None:
    """With a headline its own reason or none, without one that of `dependency`."""
    asked = "select importer_id, importer_name, leading_origin_id, null_reason from marts."
    assert release.execute(
        asked + "compare(['Japan', 'Antarctica', 'European Union', 'EU'], 'cobalt', 'refined')"
    ).fetchall() == [
        ("JPN", "Japan", "FIN", None),
        ("ATA", "Antarctica", None, "importer_not_in_series"),
        ("EU27", "European Union", "USA", None),
        ("EU", "European Union (members of the day)", "USA", None),
    ]
    assert release.execute(asked + "compare(['Japan', 'EU'], 'caesium', 'refined')").fetchall() == [
        ("JPN", "Japan", None, "no_hs_line"),
        ("EU", "European Union (members of the day)", None, "no_hs_line"),
    ]


def _rows_handled(database: Path, asked: str) -> int:
    """Rows read and passed on by all operators of a query: the same on any machine."""
    with duckdb.connect(str(database), read_only=True) as connection:
        connection.execute("pragma enable_profiling = 'no_output'")
        connection.execute(f"pragma custom_profiling_settings = '{json.dumps(COUNTED)}'")
        assert connection.execute(f"from marts.{asked}").fetchall()
        counted = json.loads(connection.get_profiling_information(format="json"))
    return counted["cumulative_rows_scanned"] + counted["cumulative_cardinality"]


@pytest.mark.parametrize("call", QUICK)
def test_names_cost_few_rows(database: Path, call: str) -> None:
    assert _rows_handled(database, call) < MOST_TIMES * _rows_handled(database, QUICK[call])


def test_a_join_with_the_view_would_cost_them(database: Path) -> None:
    constants, *_ = QUICK.values()
    assert _rows_handled(database, JOINED) > MOST_TIMES * _rows_handled(database, constants)


def test_two_meanings_are_an_error_that_names_both(release: duckdb.DuckDBPyConnection) -> None:
    """Publishers' spellings and ours meet under one key: only what is left open on purpose has two."""
    found = release.execute(
        "select name_kind, marts.name_key(name), count(distinct named_id) from marts.dim_name "
        "group by all having count(distinct named_id) > 1 order by all"
    ).fetchall()
    assert found == [("mineral", "coltan", 2), ("party", "congo", 2), ("party", "korea", 2)]
