"""What the UI shows of runs, marts and checks: read from what the shared refresh left in Dagster's history."""

from collections.abc import Iterator
from typing import Any

import dagster as dg
import polars as pl
import pytest

from dagster_project.defs.dbt.check_descriptions import asked
from dagster_project.operations.command_runs import CODE_LOCATION
from dagster_project.operations.run_failures import as_dagster_failure
from dagster_project.publishing.gate import refused
from dagster_project.settings import PROJECT_ROOT
from sources.reading.errors import SourceError
from tests.defs._workspace import Workspace, working_in
from tests.failure._helpers import whole

pytestmark = pytest.mark.slow

MART = dg.AssetKey(["marts", "mart_reserve_share"])
VIEW = dg.AssetKey(["marts", "mart_import_dependency"])


@pytest.fixture
def workspace(loaded: Workspace) -> Iterator[Workspace]:
    loaded.restore()
    with working_in(loaded.settings):
        yield loaded


def _told(key: dg.AssetKey) -> dict[str, Any]:
    with dg.DagsterInstance.get() as instance:
        event = instance.get_latest_materialization_event(key)
    assert event is not None
    assert event.asset_materialization is not None
    return dict(event.asset_materialization.metadata)


def test_a_run_of_the_command_belongs_to_the_code_location(workspace: Workspace) -> None:
    """The timeline and a job's history list what belongs; the label is how they ask for it."""
    with dg.DagsterInstance.get() as instance:
        label = {".dagster/repository": f"__repository__@{CODE_LOCATION}"}
        runs = instance.get_runs(dg.RunsFilter(job_name="refresh", tags=label))
    assert runs
    assert all(run.tags["chokepoint/started_by"] == "command" for run in runs)
    origin = runs[0].remote_job_origin
    assert origin is not None
    assert (origin.location_name, origin.job_name) == (CODE_LOCATION, "refresh")
    project = (PROJECT_ROOT / "pyproject.toml").read_text("utf-8")
    assert f'code_location_name = "{CODE_LOCATION}"' in project


@pytest.mark.parametrize("key", [MART, VIEW])
def test_a_mart_tells_its_rows_and_shows_the_first(workspace: Workspace, key: dg.AssetKey) -> None:
    told = _told(key)
    folder = workspace.settings.published / "current" / "parquet"
    rows = pl.scan_parquet(folder / f"{key.path[-1]}.parquet").select(pl.len()).collect().item()
    assert told["dagster/row_count"].value == rows
    shown = told["first_rows"].records
    assert len(shown) == 5
    assert "mineral_id" in shown[0].data


def test_a_release_names_what_a_person_opens(workspace: Workspace) -> None:
    told = _told(dg.AssetKey(["published", "release"]))
    release = whole(workspace.settings)["release"]
    for name, file in (
        ("atlas", "atlas.html"),
        ("release_notes", "RELEASE_NOTES.md"),
        ("dictionary", "dictionary.html"),
    ):
        link = told[name]
        assert isinstance(link, dg.UrlMetadataValue)
        # As `chokepoint serve` answers it.
        assert link.value == f"/release/{release}/{file}"


def test_owners_have_one_form_and_intermediate_its_subjects(workspace: Workspace) -> None:
    assert {owner for spec in workspace.assets for owner in spec.owners} == {
        "team:analysis",
        "team:data-engineering",
    }
    for spec in workspace.assets:
        if spec.key.path[0] == "intermediate":
            subject = spec.key.path[1].removeprefix("int_").split("__")[0]
            assert spec.group_name == f"intermediate_{subject}"


def test_every_check_says_what_it_asks(workspace: Workspace) -> None:
    assert [spec.name for spec in workspace.checks if not spec.description] == []


def test_no_description_is_shown_as_code(workspace: Workspace) -> None:
    """Markdown takes an indented line for code."""
    indented = [
        spec.key.to_user_string()
        for spec in workspace.assets
        if any(line.startswith("    ") for line in (spec.description or "").splitlines())
    ]
    assert indented == []


def test_a_test_is_described_by_its_kind_its_comment_or_its_name() -> None:
    def told(**more: object) -> str:
        test = {"name": "a_sum_is_whole", "raw_code": "", "config": {"severity": "ERROR"}, **more}
        return asked(test)

    kwargs = {"columns": ["a", "b"], "model": "x"}
    assert told(test_metadata={"name": "unique_key", "kwargs": kwargs}) == (
        "No two rows share `a`, `b`, and none of these is null. A row that differs stops the refresh."
    )
    comment = "{{ config(severity='warn') }}\n{#-\n    Two lines\n    of it.\n-#}\nselect 1"
    assert told(raw_code=comment, config={"severity": "warn"}) == (
        "Two lines of it. A row that differs warns."
    )
    assert told().startswith("A sum is whole. ")


def test_our_message_comes_first_in_a_failed_run() -> None:
    error = SourceError(
        source="usgs_mcs", problem="a label", where="w", expected="e", got="g", next_step="n"
    )
    with pytest.raises(dg.Failure) as failed, as_dagster_failure():
        raise error
    assert failed.value.description == str(error)
    parts = {name: value.value for name, value in failed.value.metadata.items()}
    assert parts == {"where": "w", "expected": "e", "got": "g", "next": "n"}
    with pytest.raises(dg.Failure) as failed, as_dagster_failure():
        raise refused("no warehouse", [])
    assert str(failed.value.metadata["next"].value).startswith("run a whole refresh")
    # A fault of ours stays what it is.
    with pytest.raises(ValueError, match="ours"), as_dagster_failure():
        raise ValueError("ours")
