"""Shared by the tests of definitions: one copy of the refreshed data folder, and checks run on it alone."""

import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import dagster as dg
from sqlalchemy.engine import Engine
from sqlalchemy.event import listens_for

from dagster_project.publishing import audit
from dagster_project.publishing.gate import PublishRefusedError, pass_gate
from dagster_project.settings import Settings
from tests.failure._helpers import build_of, copied, gate, settings_of

QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}
UNIQUE_ID = "dagster_dbt/unique_id"


_held: dict[str, sqlite3.Connection] = {}


@listens_for(Engine, "connect")
def _spare_the_disk(connection: Any, _: object) -> None:
    """Events of Dagster's scratch instance need not survive a loss of power.

    It opens its database anew for each query, and SQLite brings the disk up to date whenever the last
    connection closes: one that stays open, and no waiting for the disk, halve the time of a round.
    """
    if isinstance(connection, sqlite3.Connection):
        connection.execute("pragma synchronous = off")
        for _, _, path in connection.execute("pragma database_list").fetchall():
            if path not in _held:
                _held[path] = sqlite3.connect(path, check_same_thread=False)
                _held[path].execute("select 1 from sqlite_master").fetchall()


@contextmanager
def working_in(settings: Settings) -> Iterator[None]:
    """The environment of a process that works on this folder."""
    before = dict(os.environ)
    os.environ.pop("CHOKEPOINT_INPUT", None)
    os.environ.pop("CHOKEPOINT_AS_OF", None)
    os.environ["CHOKEPOINT_DATA"] = str(settings.data)
    os.environ["DAGSTER_HOME"] = str(settings.dagster_home)
    # As a refresh has it (settings.prepare_environment): events go to the disk in batches.
    os.environ["DAGSTER_EVENT_BATCH_SIZE"] = "100"
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def check_key(spec: dg.AssetCheckSpec) -> str:
    """Its key in the audit."""
    return audit.check_key(spec.asset_key.to_user_string(), spec.name)


@dataclass(frozen=True)
class Verdict:
    """What a check said; `offending` rows where it is dbt's."""

    passed: bool
    severity: dg.AssetCheckSeverity
    offending: object = None

    @property
    def stops(self) -> bool:
        return not self.passed and self.severity is dg.AssetCheckSeverity.ERROR

    @property
    def warns(self) -> bool:
        return not self.passed and self.severity is dg.AssetCheckSeverity.WARN


@dataclass
class Workspace:
    """Definitions, and a data folder that each case finds as the refresh left it."""

    pristine: Settings
    settings: Settings
    definitions: Any

    def restore(self) -> None:
        """What the refresh left: lake, warehouse, audit. What nobody wrote to stays as it is."""
        for name in ("lake", "warehouse"):
            before, now = self.pristine.data / name, self.settings.data / name
            for path in now.rglob("*"):
                if path.is_file() and not _same(path, before / path.relative_to(now)):
                    path.unlink()
            for path in before.rglob("*"):
                copy = now / path.relative_to(before)
                if path.is_file() and not copy.exists():
                    copy.parent.mkdir(parents=True, exist_ok=True)
                    shutil.copy2(path, copy)

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

    def run_checks(self, specs: Sequence[dg.AssetCheckSpec]) -> dict[str, Verdict]:
        """Run these checks and nothing else, as the UI would.

        dbt's and the others apart: after a failed dbt step Dagster skips what stands behind it.
        """
        of_dbt = [spec for spec in specs if UNIQUE_ID in (spec.metadata or {})]
        others = [spec for spec in specs if spec not in of_dbt]
        # dbt's threads need the folder's own instance; the one in memory takes no events from them.
        return {
            **self._run(of_dbt, dg.DagsterInstance.get),
            **self._run(others, _forgetful),
        }

    def _run(
        self, specs: Sequence[dg.AssetCheckSpec], storage: Callable[[], dg.DagsterInstance]
    ) -> dict[str, Verdict]:
        if not specs:
            return {}
        everything = self.definitions.resolve_implicit_global_asset_job_def()
        job = everything.get_subset(asset_check_selection={spec.key for spec in specs})
        with storage() as instance:
            result = job.execute_in_process(
                instance=instance, raise_on_error=False, run_config=QUIET
            )
            evaluated = result.get_asset_check_evaluations()
        assert evaluated, _root_causes(result)
        return {
            audit.check_key(found.asset_key.to_user_string(), found.check_name): Verdict(
                found.passed,
                found.severity,
                getattr(found.metadata.get("offending_rows"), "value", None),
            )
            for found in evaluated
        }

    @cached_property
    def nodes(self) -> list[str]:
        """Models and seeds, as the refresh left them."""
        return gate(self.pristine)[0]

    def refusal(self) -> str:
        """What the gate says to this warehouse; empty where it opens."""
        blocking = sorted(check_key(spec) for spec in self.checks if spec.blocking)
        try:
            pass_gate(self.settings, self.nodes, blocking)
        except PublishRefusedError as error:
            return str(error)
        return ""

    def stopped(self) -> set[str]:
        """Keys of the checks that the audit of the build calls stopping."""
        results = audit.read(self.settings.audit, build_of(self.settings))
        return {item.key for item in results if item.stops}


def _forgetful() -> dg.DagsterInstance:
    """In memory, and it keeps no event: nobody asks it again, and to store them takes as long as the checks."""
    instance = dg.DagsterInstance.ephemeral()
    for name in ("store_event", "store_event_batch"):
        setattr(instance.event_log_storage, name, lambda _: None)
    return instance


def _same(path: Path, copied_from: Path) -> bool:
    """Whether a file is as it was copied: a write leaves another time, if not another size."""
    if not copied_from.exists():
        return False
    one, other = path.stat(), copied_from.stat()
    return (one.st_size, one.st_mtime_ns) == (other.st_size, other.st_mtime_ns)


def workspace_of(data: Path, target: Path) -> Workspace:
    """Of a copy of the refreshed folder."""
    settings = copied(data, target)
    with working_in(settings):
        from dagster_project.definitions import build_definitions

        return Workspace(settings_of(data), settings, build_definitions())


def _root_causes(result: Any) -> list[str]:
    """What ended the steps that failed."""
    causes: list[str] = []
    for event in result.all_events:
        error = getattr(event.event_specific_data, "error", None)
        while error is not None and error.cause is not None:
            error = error.cause
        if error is not None:
            causes.append(error.message)
    return causes
