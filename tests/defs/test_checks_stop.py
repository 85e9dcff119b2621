"""Each stopping check is seen failing on a mutated table, and the gate shut behind it.

The checks run through Dagster as in a refresh. Of the lake, many mutations share a round, each on tables that no
other check of the round rests on: what fails must be what was spoiled, and what was left alone must pass. Of the
warehouse each mutation is made alone, the question of its dbt test asked, and the mutation taken back; that a test
whose question finds a row stops the run is seen of one test of each table, all spoiled at once.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import dagster as dg
import pytest

from dagster_project.operations.dbt_runner import load_manifest, prepare_manifest, run_dbt
from dagster_project.publishing import audit
from tests.defs._mutations import (
    BAND,
    LED,
    NAMED,
    SHARED,
    Case,
    band_case,
    cases_of,
    leader_case,
    reads,
    spoil,
)
from tests.defs._workspace import UNIQUE_ID, Verdict, Workspace, check_key, working_in
from tests.failure._helpers import build_of, writing

pytestmark = pytest.mark.slow


@pytest.fixture
def workspace(loaded: Workspace) -> Iterator[Workspace]:
    loaded.restore()
    with working_in(loaded.settings):
        yield loaded


@pytest.fixture
def manifest(workspace: Workspace) -> Mapping[str, Any]:
    return load_manifest(prepare_manifest(workspace.settings))


@pytest.fixture
def questions(workspace: Workspace) -> dict[str, str]:
    """Name of a dbt test to its query, as the refresh ran it: it gives the rows that offend."""
    compiled = workspace.settings.dbt_target / "target" / "compiled"
    return {path.stem: path.read_text(encoding="utf-8") for path in compiled.rglob("*.sql")}


def _is_of_lake(spec: dg.AssetCheckSpec) -> bool:
    return spec.asset_key.path[0] == "lake"


# It warns once a list has not been looked at for too long: by the day on which the test runs.
OF_THE_DAY = {"marts/dim_reviewed_list:lists_kept_by_hand_are_looked_at_in_time"}

SHOW_THEIR_ROWS = ("within_range", "null_exactly_with_reason")


@dataclass
class Round:
    """Cases that do not touch one another's checks."""

    cases: dict[str, Case] = field(default_factory=dict)
    read: set[str] = field(default_factory=set)
    touched: set[str] = field(default_factory=set)

    def takes(self, key: str, case: Case, of_check: frozenset[str]) -> bool:
        """Add the case, if it keeps apart from those that are there."""
        if key in self.cases or case.touches & (self.read | self.touched):
            return False
        if of_check & self.touched:
            return False
        self.cases[key] = case
        self.read |= of_check
        self.touched |= case.touches
        return True

    def wrong(
        self, found: Mapping[str, Verdict], rests_on: Mapping[str, frozenset[str]]
    ) -> list[str]:
        """What is not as it should be, in words."""
        lines = []
        for key, case in self.cases.items():
            verdict = found.get(key)
            if verdict is None or not verdict.stops:
                lines.append(f"{key}: {case.wrong}: the check says {verdict}")
            elif case.offends not in (None, verdict.offending):
                lines.append(f"{key}: {case.wrong}: {verdict.offending} rows, not {case.offends}")
        for key, of_check in rests_on.items():
            if key in OF_THE_DAY:
                continue
            if not of_check & self.touched and not (key in found and found[key].passed):
                lines.append(f"{key}: nothing it rests on was spoiled, yet {found.get(key)}")
        return lines


def _rounds(manifest: Mapping[str, Any], specs: list[dg.AssetCheckSpec]) -> list[Round]:
    rounds: list[Round] = []
    for spec in specs:
        for case in cases_of(manifest, spec):
            of_check = reads(spec)
            if not any(known.takes(check_key(spec), case, of_check) for known in rounds):
                rounds.append(Round())
                assert rounds[-1].takes(check_key(spec), case, of_check)
    return rounds


def test_every_stopping_check_has_a_case(workspace: Workspace, manifest: Mapping[str, Any]) -> None:
    stopping = [spec for spec in workspace.checks if spec.blocking]
    assert len(stopping) >= 95
    without = [check_key(spec) for spec in stopping if not cases_of(manifest, spec)]
    assert without == [], "give each of these a mutation in tests/defs/_mutations.py"


def test_every_named_mutation_has_a_check_that_runs(workspace: Workspace) -> None:
    """A check that the definitions do not have stops nothing, however well it is written."""
    unasked = set(NAMED) - {spec.name for spec in workspace.checks}
    assert unasked == set(), "add these checks to dagster_project/definitions.py"


def test_the_unspoiled_build_passes(workspace: Workspace) -> None:
    """As the refresh audited it; run alone, what is left unspoiled passes in the first round of each layer."""
    found = audit.read(workspace.settings.audit, build_of(workspace.settings))
    wrong = {result.key for result in found if not result.passed}
    assert wrong <= OF_THE_DAY
    assert {result.key for result in found} == {check_key(spec) for spec in workspace.checks}
    assert workspace.refusal() == ""


def test_checks_of_the_lake_stop_at_a_mutated_table(
    workspace: Workspace, manifest: Mapping[str, Any]
) -> None:
    specs = [spec for spec in workspace.checks if _is_of_lake(spec)]
    stopping = [spec for spec in specs if spec.blocking]
    rests_on = {check_key(spec): reads(spec) for spec in specs}
    wrong: list[str] = []
    seen: set[str] = set()
    for number, turn in enumerate(_rounds(manifest, stopping)):
        workspace.restore()
        spoil(workspace.settings, *turn.cases.values())
        # All of them in the first round, which is the fullest; later those that must stop, and what
        # shares their step: the other checks of their source.
        sources = {
            spec.asset_key.path[1] for spec in specs if number == 0 or check_key(spec) in turn.cases
        }
        judged = [spec for spec in specs if spec.asset_key.path[1] in sources]
        found = workspace.run_checks(judged)
        wrong += turn.wrong(found, {check_key(spec): rests_on[check_key(spec)] for spec in judged})
        _assert_shut(workspace, found)
        seen |= set(turn.cases)
    assert wrong == [], "\n".join(wrong)
    assert seen == {check_key(spec) for spec in stopping}


def test_each_mutation_of_the_warehouse_offends_alone(
    workspace: Workspace, manifest: Mapping[str, Any], questions: Mapping[str, str]
) -> None:
    """Made in a transaction that is never kept: what offends is what was spoiled, and one row is enough."""
    wrong: list[str] = []
    with writing(workspace.settings) as connection:
        for spec in _stopping_of_warehouse(workspace):
            if _is_of_python(spec):
                continue
            test = manifest["nodes"][spec.metadata[UNIQUE_ID]]
            limits = [test["config"][name] for name in ("severity", "error_if", "fail_calc")]
            assert limits == ["ERROR", "!= 0", "count(*)"], test["name"]
            for case in cases_of(manifest, spec):
                connection.begin()
                case.change(workspace.settings, connection)
                query = f"select count(*) from (\n{questions[test['name']]}\n)"
                ((rows,),) = connection.execute(query).fetchall()
                connection.rollback()
                if rows == 0 or case.offends not in (None, rows):
                    wrong.append(f"{test['name']}: {case.wrong}: {rows} rows, not {case.offends}")
    assert wrong == [], "\n".join(wrong)


def test_an_offending_row_says_which_it_is(
    workspace: Workspace, manifest: Mapping[str, Any], questions: Mapping[str, str]
) -> None:
    """What a reader of a failed check looks for: the key of the row, beside the figure that is wrong."""
    tests = [node for node in manifest["nodes"].values() if node.get("test_metadata")]
    keys = {
        test["attached_node"]: set(
            # A part of a key may be null, and is then told apart as a text.
            re.findall(r"\b[a-z]\w*(?=,|$)", ",".join(test["test_metadata"]["kwargs"]["columns"]))
        )
        for test in tests
        if test["test_metadata"]["name"] == "unique_key"
    }
    judged = [test for test in tests if test["test_metadata"]["name"] in SHOW_THEIR_ROWS]
    assert len(judged) > 100
    without: dict[str, set[str]] = {}
    with writing(workspace.settings) as connection:
        for test in judged:
            shown = connection.execute(f"describe (\n{questions[test['name']]}\n)").fetchall()
            without[test["name"]] = keys.get(test["attached_node"], set()) - {
                row[0] for row in shown
            }
    assert {name: missing for name, missing in without.items() if missing} == {}


def test_checks_of_the_warehouse_stop_in_a_run(
    workspace: Workspace, manifest: Mapping[str, Any]
) -> None:
    """One of each table: Python's, and dbt's but for those that dbt skips behind one that failed.

    `no_zero_is_silent` stands behind all marts, so that any that fails skips it: it is asked by itself.
    """
    cases: dict[str, Case] = {}
    touched: set[str] = set()
    judged = []
    for spec in sorted(_stopping_of_warehouse(workspace), key=_is_of_python, reverse=True):
        case = cases_of(manifest, spec)[0]
        if spec.name != "no_zero_is_silent" and not case.touches & touched:
            cases[check_key(spec)] = case
            touched |= case.touches
            judged.append(spec)
    spoil(workspace.settings, *cases.values())
    found = workspace.run_checks(judged)
    _assert_shut(workspace, found)
    assert {key for key, verdict in found.items() if not verdict.stops} == set()
    assert {check_key(spec) for spec in judged if _is_of_python(spec)} <= set(found)
    assert len(found) >= 30


def _stopping_of_warehouse(workspace: Workspace) -> list[dg.AssetCheckSpec]:
    return [spec for spec in workspace.checks if spec.blocking and not _is_of_lake(spec)]


def _is_of_python(spec: dg.AssetCheckSpec) -> bool:
    return UNIQUE_ID not in (spec.metadata or {})


def _assert_shut(workspace: Workspace, found: Mapping[str, Verdict]) -> None:
    """The audit has what was seen, and the gate is shut."""
    assert workspace.stopped() == {key for key, verdict in found.items() if verdict.stops}
    assert workspace.refusal().startswith("not published: ")


def _named(workspace: Workspace, name: str) -> dg.AssetCheckSpec:
    (spec,) = [spec for spec in workspace.checks if spec.name == name]
    return spec


def _verdict(workspace: Workspace) -> str:
    with writing(workspace.settings) as connection:
        found = connection.execute(
            "select distinct verdict from intermediate.int_production__band_results where band_id = ?",
            [BAND],
        ).fetchall()
    return ", ".join(sorted(verdict for (verdict,) in found))


@pytest.mark.parametrize(
    ("case", "verdict"),
    [
        (band_case("inside the plausible band only", 0.85), "outside_expected"),
        (band_case("no figure", None), "no_figure"),
        (
            band_case(
                "far outside a band from memory",
                0.01,
                "update seeds.production_share_band set band_kind = 'from_memory' "
                f"where band_id = '{BAND}'",
            ),
            "outside_expected",
        ),
    ],
    ids=lambda value: getattr(value, "wrong", ""),
)
def test_refining_share_within_band_warns_and_the_gate_stays_open(
    workspace: Workspace, case: Case, verdict: str
) -> None:
    """What publishes behind an open gate, this very check having warned: `tests/failure/test_gate.py`."""
    spec = _named(workspace, "refining_share_within_band")
    spoil(workspace.settings, case)
    assert _verdict(workspace) == verdict
    assert workspace.run_checks([spec])[check_key(spec)].warns
    assert workspace.stopped() == set()
    assert workspace.refusal() == ""


@pytest.mark.parametrize("case", NAMED["no_zero_is_silent"], ids=lambda case: case.wrong)
def test_no_zero_is_silent_stops_at_a_zero_without_evidence(
    workspace: Workspace, case: Case
) -> None:
    spec = _named(workspace, "no_zero_is_silent")
    spoil(workspace.settings, case)
    assert workspace.run_checks([spec])[check_key(spec)].stops
    assert workspace.stopped() == {check_key(spec)}


def test_refining_share_within_band_stops_where_there_is_no_band(workspace: Workspace) -> None:
    spec = _named(workspace, "refining_share_within_band")
    with writing(workspace.settings) as connection:
        connection.execute("delete from intermediate.int_production__band_results")
    assert workspace.run_checks([spec])[check_key(spec)].stops
    assert "no band at all" in workspace.refusal()


@pytest.mark.parametrize(
    ("name", "spoiled"),
    [
        ("line_totals_agree_between_series", "delete from seeds.trade_accepted_total"),
        (
            "eu_imports_agree_between_comext_and_baci",
            "update intermediate.int_trade__measured_flows set value_usd = value_usd // 2 "
            "where source_row_id like 'COMEXT%' and reference_year = 2023",
        ),
        (
            "t5_and_our_agreements_cover_each_other",
            "delete from marts.fct_trade_agreement where counterparty_id = 'MYS'",
        ),
        (
            "t6_is_the_us_list_of_minerals",
            "delete from marts.bridge_critical_list_member where published_label = 'Tin'",
        ),
        (
            "newest_year_of_trade_was_judged",
            "delete from seeds.look_through_cell where reference_year = 2024",
        ),
        (
            "publishers_agree_on_prices",
            "update marts.fct_price set mineral_id = case mineral_id when 'tin' then 'nickel' else 'tin' end "
            "where month_count = 12 and mineral_id in ('nickel', 'tin')",
        ),
        (
            "lists_kept_by_hand_are_looked_at_in_time",
            "update marts.dim_reviewed_list set review_by = current_date - 1 where review_days = 60",
        ),
    ],
    ids=lambda value: value.partition(" ")[0],
)
def test_a_dbt_test_of_severity_warn_fails_no_run(
    workspace: Workspace, name: str, spoiled: str
) -> None:
    """For dbt too it warns: with a failed node a refresh would publish nothing."""
    with writing(workspace.settings) as connection:
        connection.execute(spoiled)
    outcomes = run_dbt(workspace.settings, "warned", select=[name])
    [outcome] = [one for one in outcomes if one.unique_id.endswith(name)]
    assert (outcome.status, bool(outcome.failures)) == ("warn", True)


def test_a_changed_leader_warns_within_ten_points(workspace: Workspace) -> None:
    spec = _named(workspace, "largest_producer_is_the_known_one")
    spoil(workspace.settings, leader_case("lost a little", "production_share - 0.05"))
    assert workspace.run_checks([spec])[check_key(spec)].warns
    assert workspace.refusal() == ""


def test_an_accepted_change_of_leader_passes(workspace: Workspace) -> None:
    spec = _named(workspace, "largest_producer_is_the_known_one")
    accepts = (
        "insert into seeds.accepted_leader_change by name "
        "select source_id, edition, mineral_id, stage, form, basis, 'BRA' as old_leader_iso3, "
        "'CAN' as new_leader_iso3, date '2026-11-24' as accepted_on, 'a test' as reason "
        f"from {SHARED} where {LED} limit 1"
    )
    case = leader_case("lost all, accepted", "production_share - 0.5", accepts)
    spoil(workspace.settings, case)
    assert workspace.run_checks([spec])[check_key(spec)].passed
