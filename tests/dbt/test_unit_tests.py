"""dbt's unit tests: every formula on rows worked out by hand, in one invocation of dbt.

They lie in `_unit_tests.yml` beside the models; refreshes leave them out. dbt reads columns of the
inputs from the warehouse, so it gets a copy of one that a refresh built; no figure of it is used.
"""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from dagster_project.operations.dbt_runner import (
    invoke,
    load_graph,
    load_manifest,
    prepare_manifest,
)
from dagster_project.operations.refresh import UNIT_TEST
from dagster_project.settings import load_settings

ROOT = Path(__file__).resolve().parents[2]
MODELS = ROOT / "dbt" / "models"
# Models that reshape or pick and compute nothing that a unit test could ask.
WITHOUT_FORMULA = {
    "mart_assumption": "a list of seeds and thresholds",
    "mart_scenario_spare": "int_disruption__spares in tonnes",
    "mart_supplier_concentration": "int_concentration__producer_hhi in the types of its contract",
    **dict.fromkeys(
        ("bridge_bloc_member", "bridge_critical_list_member", "bridge_mineral_host"),
        "a list of ours in the types of its contract",
    ),
    **dict.fromkeys(
        (
            "dim_country",
            "dim_edition",
            "dim_hs_line",
            "dim_party",
            "dim_source",
            "dim_stage",
        ),
        "a list of ours in the types of its contract",
    ),
    **dict.fromkeys(
        ("fct_capacity", "fct_production", "fct_reserve"), "macro world_figures on one statistic"
    ),
    **dict.fromkeys(
        ("fct_demand", "fct_supply_outlook", "fct_us_import_source"),
        "a staging table with the mark of the edition that macro edition_age calls current",
    ),
    "fct_trade_agreement": "a list of ours in the types of its contract",
}

Outcomes = dict[str, tuple[str, str]]


def _declared() -> list[dict[str, str]]:
    return [
        test
        for path in sorted(MODELS.rglob("_unit_tests.yml"))
        for test in yaml.load(path.read_text(encoding="utf-8"), yaml.CSafeLoader)["unit_tests"]
    ]


DECLARED = _declared()


def _columns_once(ask: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    """What dbt asks of each input of each test: of tables that stay as they are, asked once."""
    known: dict[str, Any] = {}

    def columns(adapter: Any, relation: Any) -> Any:
        name = relation.render()
        if "__dbt_tmp" in name:
            return ask(adapter, relation)
        if name not in known:
            known[name] = ask(adapter, relation)
        return known[name]

    return columns


@pytest.fixture(scope="module")
def outcomes(few: Path, parsed: Path, tmp_path_factory: pytest.TempPathFactory) -> Outcomes:
    """Unit test to its status and message, all of one invocation."""
    from dbt.adapters.sql.impl import SQLAdapter

    scratch = tmp_path_factory.mktemp("unit_tests")
    shutil.copytree(parsed / "dbt", scratch / "dbt")
    (scratch / "warehouse").mkdir()
    shutil.copy2(few / "warehouse" / "chokepoint.duckdb", scratch / "warehouse")
    # Views of the copied warehouse look for the lake where the copy's folder says it is.
    (scratch / "lake").symlink_to(few / "lake")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CHOKEPOINT_DATA", str(scratch))
        patch.setenv("DO_NOT_TRACK", "1")
        # dbt looks for a query's first `with` alone: whoever groups the words of all of it takes a fifth of the time.
        patch.setattr("sqlparse.engine.grouping.group", lambda statement: statement)
        ask = SQLAdapter.get_columns_in_relation
        patch.setattr(SQLAdapter, "get_columns_in_relation", _columns_once(ask))
        folder = prepare_manifest(load_settings())
        graph = load_graph(load_settings(), folder)
        chosen = ["test", "--select", "test_type:unit", "--no-write-json"]
        found = invoke(chosen, scratch / "target", scratch / "logs", manifest=graph)
        loaded = load_manifest(folder)
    names = {key: node["name"] for key, node in loaded["unit_tests"].items()}
    return {
        names[item.node.unique_id]: (str(item.status), item.message or "")
        for item in found
        if item.node.unique_id in names
    }


@pytest.mark.slow
@pytest.mark.parametrize("name", [test["name"] for test in DECLARED])
def test_formula_gives_what_is_worked_out_by_hand(outcomes: Outcomes, name: str) -> None:
    status, message = outcomes[name]
    assert status == "pass", message


@pytest.mark.slow
def test_all_unit_tests_ran(outcomes: Outcomes) -> None:
    assert set(outcomes) == {test["name"] for test in DECLARED}


def test_unit_tests_are_described() -> None:
    assert not [test["name"] for test in DECLARED if not test.get("description")]


def test_names_of_unit_tests_tell_them_from_assets() -> None:
    assert not [test["name"] for test in DECLARED if not test["name"].startswith(UNIT_TEST)]


def test_every_model_that_computes_has_a_unit_test() -> None:
    folders = (MODELS / "intermediate", MODELS / "marts")
    models = {path.stem for folder in folders for path in folder.rglob("*.sql")}
    tested = {test["model"] for test in DECLARED}
    assert not models - tested - WITHOUT_FORMULA.keys(), "add a unit test, or a reason here"
    assert not tested & WITHOUT_FORMULA.keys()
    assert WITHOUT_FORMULA.keys() <= models
