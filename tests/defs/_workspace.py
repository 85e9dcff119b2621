"""Shared by the tests of definitions: one copy of the refreshed data folder, and checks run on it alone."""

import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import dagster as dg

from dagster_project import audit
from dagster_project.gate import PublishRefusedError, pass_gate
from dagster_project.settings import Settings
from tests.failure._helpers import build_of, copied, gate, settings_of

QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}
RELEASE = dg.AssetKey(["published", "release"])


@contextmanager
def working_in(settings: Settings) -> Iterator[None]:
    """The environment of a process that works on this folder."""
    before = dict(os.environ)
    os.environ.pop("CHOKEPOINT_INPUT", None)
    os.environ.pop("CHOKEPOINT_AS_OF", None)
    os.environ["CHOKEPOINT_DATA"] = str(settings.data)
    os.environ["DAGSTER_HOME"] = str(settings.dagster_home)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def check_key(spec: dg.AssetCheckSpec) -> str:
    """Its key in the audit."""
    return audit.check_key(spec.asset_key.to_user_string(), spec.name)


@dataclass
class Workspace:
    """Definitions, and a data folder that each case finds as the refresh left it."""

    pristine: Settings
    settings: Settings
    definitions: Any

    def restore(self) -> None:
        """What the refresh left: lake, warehouse, audit."""
        for name in ("lake", "warehouse"):
            shutil.rmtree(self.settings.data / name)
            shutil.copytree(self.pristine.data / name, self.settings.data / name)

    @property
    def assets(self) -> list[dg.AssetSpec]:
        return [spec for asset in self.definitions.assets for spec in asset.specs]

    @property
    def checks(self) -> list[dg.AssetCheckSpec]:
        """Every check of the definitions."""
        return [
            spec
            for definition in (*self.definitions.assets, *self.definitions.asset_checks)
            for spec in definition.check_specs
        ]

    def run_checks(
        self, specs: Sequence[dg.AssetCheckSpec]
    ) -> dict[str, tuple[bool, dg.AssetCheckSeverity]]:
        """Run these checks and nothing else, as the UI would: key to (passed, severity)."""
        job = dg.define_asset_job(
            "these_checks",
            selection=dg.AssetSelection.checks(*(spec.key for spec in specs)),
            executor_def=dg.in_process_executor,
        )
        definitions = dg.Definitions(
            assets=self.definitions.assets,
            asset_checks=self.definitions.asset_checks,
            resources=self.definitions.resources,
            jobs=[job],
        )
        result = definitions.resolve_job_def("these_checks").execute_in_process(
            raise_on_error=False, run_config=QUIET
        )
        evaluated = result.get_asset_check_evaluations()
        assert evaluated, [event.message for event in result.all_events if event.is_failure]
        return {
            audit.check_key(found.asset_key.to_user_string(), found.check_name): (
                found.passed,
                found.severity,
            )
            for found in evaluated
        }

    def refusal(self) -> str:
        """What the gate says to this warehouse; empty where it opens."""
        nodes, _ = gate(self.pristine)
        blocking = sorted(check_key(spec) for spec in self.checks if spec.blocking)
        try:
            pass_gate(self.settings, nodes, blocking)
        except PublishRefusedError as error:
            return str(error)
        return ""

    def recorded(self, key: str) -> audit.CheckRecord:
        """What the audit of the build says of a check."""
        results = audit.read(self.settings.audit, build_of(self.settings))
        return next(item for item in results if item.key == key)


@cache
def workspace_of(data: Path) -> Workspace:
    """One for the whole session: loading definitions costs seconds."""
    settings = copied(data, data.with_name(f"{data.name}-definitions") / "data")
    with working_in(settings):
        from dagster_project.definitions import build_definitions

        return Workspace(settings_of(data), settings, build_definitions())
