"""How a check shows itself in the UI: numbers that are plotted over runs, offenders as a table; and paced logs."""

import textwrap
import threading
import time
from collections.abc import Callable

import dagster as dg

from dagster_project.publishing import audit
from dagster_project.settings import Settings
from sources.reading.checks import Outcome


def offenders_table(rows: list[dict[str, object]]) -> dg.TableMetadataValue | None:
    """Offending rows as a table; None where there are none. What a row does not speak of stays empty."""
    if not rows:
        return None
    # Dagster refuses records of different fields.
    names = list(dict.fromkeys(name for row in rows for name in row))
    records = [
        dg.TableRecord({name: _shown(row[name]) if name in row else "" for name in names})
        for row in rows
    ]
    return dg.MetadataValue.table(
        records=records, schema=dg.TableSchema(columns=[dg.TableColumn(name) for name in names])
    )


def _shown(value: object) -> str | int | float | bool:
    if value is None:
        return "null"
    return value if isinstance(value, (str, int, float, bool)) else str(value)


def row_in_words(row: dict[str, object]) -> str:
    """What a row holds, for a line of a message: without what is null, and not longer than three lines."""
    held = ", ".join(f"{name} {_shown(value)}" for name, value in row.items() if value is not None)
    return textwrap.shorten(held, 300, placeholder=" …")


def check_result(
    settings: Settings,
    build_id: str,
    asset_key: dg.AssetKey,
    name: str,
    outcome: Outcome,
    **more: dg.MetadataValue,
) -> dg.AssetCheckResult:
    """The check's result for Dagster, written into the audit of the build on the way.

    Args:
        build_id: build of the data that was judged.
    """
    result, record = reported(asset_key, name, outcome, **more)
    audit.record(settings.audit, build_id, [record])
    return result


def reported(
    asset_key: dg.AssetKey, name: str, outcome: Outcome, **more: dg.MetadataValue
) -> tuple[dg.AssetCheckResult, audit.CheckRecord]:
    """The check's result, for Dagster and for the audit."""
    stops = outcome.severity == "stop"
    severity = dg.AssetCheckSeverity.ERROR if stops else dg.AssetCheckSeverity.WARN
    key = audit.check_key(asset_key.to_user_string(), name)
    record = audit.CheckRecord(key, outcome.passed, severity.value, outcome.got)
    metadata: dict[str, dg.MetadataValue] = {
        "expected": dg.MetadataValue.text(outcome.expected),
        "got": dg.MetadataValue.text(outcome.got),
        **{key: dg.MetadataValue.float(value) for key, value in outcome.numbers.items()},
        **more,
    }
    table = offenders_table(outcome.offenders)
    if table is not None:
        metadata["offenders"] = table
    result = dg.AssetCheckResult(
        asset_key=asset_key,
        check_name=name,
        passed=outcome.passed,
        severity=severity,
        description=outcome.got,
        metadata=metadata,
    )
    return result, record


class PacedLog:
    """Lines of progress, gathered and logged about once a second: each entry of a run's log costs 6 ms.

    Called from dbt's threads; an unwelcome line is logged at once.
    """

    def __init__(self, log: Callable[[str], None], seconds: float = 1.0) -> None:
        self._log = log
        self._seconds = seconds
        self._waiting: list[str] = []
        self._last = time.monotonic()
        self._lock = threading.Lock()

    def add(self, line: str, *, urgent: bool = False) -> None:
        """Log the line with the next ones, or now."""
        with self._lock:
            self._waiting.append(line)
            if urgent or time.monotonic() - self._last >= self._seconds:
                self._flush()

    def close(self) -> None:
        """Log what still waits."""
        with self._lock:
            self._flush()

    def _flush(self) -> None:
        if self._waiting:
            self._log("\n".join(self._waiting))
        self._waiting, self._last = [], time.monotonic()
