"""Pieces of work that write what must outlive a kill and a power cut, each with the question what is left of it."""

import datetime as dt
import json
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from unittest.mock import patch

from dagster_project.operations import dbt_runner
from dagster_project.operations.alerts import Alert, raise_alert, waiting_alerts
from dagster_project.publishing import audit
from dagster_project.publishing.releases import about_release, damage, releases
from sources.editions.pins import PinStore
from sources.reading.lake import read_sidecar, sidecar_matches
from tests.editions._pins import SOURCE, pin
from tests.failure._helpers import mutate, publish, settings_of

PARSED = 20_000


@dataclass(frozen=True)
class Work:
    """`prepare` is done before, unharmed; `do` is harmed; `left` says what is wrong afterwards, or nothing."""

    prepare: Callable[[Path], object]
    do: Callable[[Path], object]
    left: Callable[[Path], str]
    # Folder below the data folder that a power cut harms.
    within: str
    # Whether `do` once more mends all.
    is_cheap: bool = True


def _publish(data: Path) -> None:
    publish(settings_of(data))


def _change_marts(data: Path) -> None:
    mutate(settings_of(data), f"news {dt.datetime.now(dt.UTC).isoformat()}")


def _published(data: Path) -> str:
    settings = settings_of(data)
    current = settings.published / "current"
    if not current.is_symlink():
        return "current is no link"
    if wrong := damage(current):
        return f"current is damaged: {wrong[0]}"
    for folder in releases(settings.published):
        if about_release(folder) is None:
            return f"{folder.name} is torn"
    return ""


def _parse(data: Path) -> None:
    """Parse a project, where dbt's part is to write two files."""
    settings = settings_of(data)

    def parse(_: list[str], beside: Path, __: Path) -> None:
        (beside / dbt_runner.MANIFEST).write_text(json.dumps({"nodes": "x" * PARSED}))
        (beside / dbt_runner.PARSED).write_bytes(b"x" * PARSED)

    with patch.object(dbt_runner, "invoke", parse):
        folder = dbt_runner.prepare_manifest(settings)
    assert len(dbt_runner.load_manifest.__wrapped__(folder)["nodes"]) == PARSED


def _unparsed(data: Path) -> None:
    shutil.rmtree(data / "dbt" / "manifests", ignore_errors=True)
    (data / "dbt" / "manifests").mkdir(parents=True)


def _parsed(data: Path) -> str:
    """A half of a manifest is never taken for one."""
    folder = dbt_runner._manifest_folder(settings_of(data))
    if dbt_runner._is_whole(folder):
        try:
            json.loads((folder / dbt_runner.MANIFEST).read_text())
        except (OSError, ValueError):
            return "a torn manifest is called whole"
    return ""


def _pin(data: Path) -> None:
    store = PinStore(data / "state")
    for number in range(4):
        store.put(SOURCE, pin(f"CMO2026-{number + 4:02}", f"2026-{number + 4:02}-02"))


def _unpinned(data: Path) -> None:
    store = PinStore(data / "state")
    store.path.unlink(missing_ok=True)
    store.put(SOURCE, pin("CMO2026-03", "2026-03-02"))


def _pinned(data: Path) -> str:
    try:
        found = PinStore(data / "state").read().get(SOURCE, [])
    except Exception as error:
        return str(error).splitlines()[0]
    # Sorted: who pins again after a kill puts what was pinned already behind the rest.
    names = sorted(known.edition.edition for known in found)
    whole = [f"CMO2026-{number:02}" for number in range(3, 3 + len(names))]
    return "" if names and names == whole else f"pins are {names}"


def _alert(data: Path) -> None:
    for number in range(4):
        raise_alert(settings_of(data), Alert(f"{number}", "title", "what" * 500, "do"))


def _unalerted(data: Path) -> None:
    shutil.rmtree(data / "state" / "alerts", ignore_errors=True)


def _alerted(data: Path) -> str:
    for path in waiting_alerts(settings_of(data)):
        try:
            json.loads(path.read_bytes())
        except ValueError:
            return f"{path.name} is torn"
    return ""


def _audit(data: Path) -> None:
    for number in range(4):
        result = audit.CheckRecord(f"marts/x:check_{number}", True, "ERROR", "no row offends")
        audit.record(data / "warehouse" / "audit", "of-a-kill", [result])


def _unaudited(data: Path) -> None:
    (data / "warehouse" / "audit" / "of-a-kill.json").unlink(missing_ok=True)


def _audited(data: Path) -> str:
    path = data / "warehouse" / "audit" / "of-a-kill.json"
    if path.exists():
        try:
            json.loads(path.read_bytes())
        except ValueError:
            return "the audit is torn"
    return ""


def _rewrite_lake(data: Path) -> None:
    import polars as pl

    from dagster_project.publishing.audit import read  # noqa: F401 - imported as a refresh has it
    from sources.reading.lake import write_table
    from sources.reference.labels import mineral_ids
    from sources.registry import reader_of

    lake = data / "lake"
    frame = pl.read_parquet(lake / "usgs_mcs" / "production.parquet")
    write_table(
        frame, reader_of("usgs_mcs").lake["production"], lake=lake, source_id="usgs_mcs",
        table="production", input_name="embedded", build_id=f"of-{os.getpid()}", editions={},
        minerals=mineral_ids(),
    )  # fmt: skip


def _lake(data: Path) -> str:
    """Table and sidecar are each whole; a pair of two builds is seen by the gate."""
    import polars as pl

    lake = data / "lake"
    sidecar = read_sidecar(lake, "usgs_mcs", "production")
    rows = pl.read_parquet(lake / "usgs_mcs" / "production.parquet").height
    if sidecar_matches(lake, sidecar) and rows != sidecar.rows:
        return f"{rows} rows, where the sidecar says {sidecar.rows}"
    return ""


def _no_preparation(_: Path) -> None:
    """No preparation."""


WORKS = {
    "publish": Work(_change_marts, _publish, _published, "published", is_cheap=False),
    "parse": Work(_unparsed, _parse, _parsed, "dbt"),
    "pin": Work(_unpinned, _pin, _pinned, "state"),
    "alert": Work(_unalerted, _alert, _alerted, "state"),
    "audit": Work(_unaudited, _audit, _audited, "warehouse/audit"),
    "lake": Work(_no_preparation, _rewrite_lake, _lake, "lake/usgs_mcs"),
}
