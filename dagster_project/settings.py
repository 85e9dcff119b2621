"""Where things lie and which input is read: the environment, read when asked, never at import."""

import datetime as dt
import os
from dataclasses import dataclass
from pathlib import Path

from sources.reading.input import Input

PROJECT_ROOT = Path(__file__).resolve().parent.parent
DBT_PROJECT = PROJECT_ROOT / "dbt"
# No edition is released later: nothing is left out.
EVERYTHING_PUBLISHED = "9999-12-31"


class SettingsError(Exception):
    """The environment asks for something that does not exist; the text says what to set."""


@dataclass(frozen=True)
class Settings:
    """Resolved settings of one process. All paths are absolute."""

    data: Path
    input: Input
    files: Path | None
    as_of: str = EVERYTHING_PUBLISHED
    # Whether sensors and schedules are on from the start; they can be switched in the UI.
    automation: bool = False
    # Whether sources that may not be passed on are read; a release with them says so.
    include_restricted: bool = False

    @property
    def lake(self) -> Path:
        """Tidy Parquet, one folder a source."""
        return self.data / "lake"

    @property
    def raw(self) -> Path:
        """What was verified of the input, a file a source; and what `live` fetched, a folder a source."""
        return self.data / "raw"

    @property
    def drop(self) -> Path:
        """Files that people dropped for the input `live`, one folder a source."""
        return self.data / "drop"

    @property
    def read_from(self) -> Path | None:
        """Folder of the publishers' files that this input reads; None where it reads none."""
        return {Input.EMBEDDED: None, Input.FILES: self.files, Input.LIVE: self.raw}[self.input]

    @property
    def warehouse(self) -> Path:
        """The working database: written by dbt only, never opened by analysts."""
        return self.data / "warehouse" / "chokepoint.duckdb"

    @property
    def audit(self) -> Path:
        """Results of checks, one file a build."""
        return self.data / "warehouse" / "audit"

    @property
    def published(self) -> Path:
        """Releases, and `current`."""
        return self.data / "published"

    @property
    def state(self) -> Path:
        """What automation remembers: pins of editions found by machine, alerts."""
        return self.data / "state"

    @property
    def built(self) -> Path:
        """From what the current release was built last, where its own `release.json` says other inputs."""
        return self.state / "built.txt"

    @property
    def dbt_target(self) -> Path:
        """Manifest, compiled SQL and logs of dbt."""
        return self.data / "dbt"

    @property
    def dagster_home(self) -> Path:
        """DAGSTER_HOME."""
        return self.data / "dagster"

    @property
    def lock(self) -> Path:
        """The one refresh at a time."""
        return self.data / ".lock"


def load_settings() -> Settings:
    """Read CHOKEPOINT_DATA, _INPUT, _FILES, _AS_OF, _INCLUDE_RESTRICTED and _AUTOMATION.

    Raises:
        SettingsError: an input that does not exist, a date that is none, a switch that is neither 0 nor 1
            (on nor off), or asks for what is not embedded.
    """
    data = Path(os.environ.get("CHOKEPOINT_DATA") or PROJECT_ROOT / "data").expanduser().resolve()
    name = os.environ.get("CHOKEPOINT_INPUT") or Input.EMBEDDED.value
    try:
        chosen = Input(name)
    except ValueError as error:
        known = ", ".join(item.value for item in Input)
        raise SettingsError(f"CHOKEPOINT_INPUT={name!r} is not one of: {known}") from error
    files = os.environ.get("CHOKEPOINT_FILES")
    as_of = os.environ.get("CHOKEPOINT_AS_OF") or EVERYTHING_PUBLISHED
    try:
        dt.date.fromisoformat(as_of)
    except ValueError as error:
        raise SettingsError(f"CHOKEPOINT_AS_OF={as_of!r} is no date like 2026-01-12") from error
    automation = os.environ.get("CHOKEPOINT_AUTOMATION") or "off"
    if automation not in {"on", "off"}:
        raise SettingsError(f"CHOKEPOINT_AUTOMATION={automation!r} is neither on nor off")
    restricted = os.environ.get("CHOKEPOINT_INCLUDE_RESTRICTED") or "0"
    if restricted not in {"0", "1"}:
        raise SettingsError(f"CHOKEPOINT_INCLUDE_RESTRICTED={restricted!r} is neither 0 nor 1")
    if restricted == "1" and chosen is Input.EMBEDDED:
        raise SettingsError(
            "CHOKEPOINT_INCLUDE_RESTRICTED=1 needs publishers' files: what may not be passed on is not "
            "embedded. Set CHOKEPOINT_INPUT=files and CHOKEPOINT_FILES, or leave the switch out"
        )
    return Settings(
        data,
        chosen,
        Path(files).expanduser().resolve() if files else None,
        as_of,
        automation=automation == "on",
        include_restricted=restricted == "1",
    )


def prepare_environment(settings: Settings) -> None:
    """Create the folders, and set what child libraries read from the environment.

    dbt's profile reads CHOKEPOINT_DATA; Dagster reads DAGSTER_HOME. Both absolute, always.
    """
    for folder in (settings.lake, settings.audit, settings.published, settings.dbt_target):
        folder.mkdir(parents=True, exist_ok=True)
    settings.dagster_home.mkdir(parents=True, exist_ok=True)
    instance_config = settings.dagster_home / "dagster.yaml"
    wanted = (PROJECT_ROOT / "dagster.yaml").read_text(encoding="utf-8")
    if not instance_config.exists() or instance_config.read_text(encoding="utf-8") != wanted:
        instance_config.write_text(wanted, encoding="utf-8")
    os.environ["CHOKEPOINT_DATA"] = str(settings.data)
    os.environ["DAGSTER_HOME"] = str(settings.dagster_home)
    os.environ["DO_NOT_TRACK"] = "1"
    # Dagster then writes the planned and materialized events of a run in batches, which
    # `operations.event_log` makes one transaction each.
    os.environ.setdefault("DAGSTER_EVENT_BATCH_SIZE", "100")
