"""Where things lie and which input is read: the environment, read when asked, never at import."""

import datetime as dt
import difflib
import errno
import gc
import os
import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from dagster_project.dagster_home import POSTGRES_VARIABLE, write_instance_config
from sources.reading.bucket import BucketPath, bucket_path
from sources.reading.input import Input

PROJECT_ROOT = Path(__file__).resolve().parent.parent
DBT_PROJECT = PROJECT_ROOT / "dbt"
# As DuckDB takes it, with a unit; below the least nothing can be built.
MEMORY = re.compile(r"(\d+(?:\.\d+)?) ?([kmgt])i?b", re.IGNORECASE | re.ASCII)
LEAST_MEMORY_MB = 100
MB_OF_UNIT = {"k": 1e-3, "m": 1.0, "g": 1e3, "t": 1e6}
MOST_MEMORY_TB = 1000
MOST_THREADS = 1024
DRIVER = "postgresql+psycopg2"
ENGINES = ("duckdb", "spark")
# As SQL takes it too; Python alone also takes 20260112.
DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
# Of a path, Dagster, dbt, DuckDB or Polars takes these for a pattern or a place to fill in.
NOT_IN_PATHS = re.compile(r"[%*?\[\]{}\x00-\x1f\x7f\ud800-\udfff]")
# And where a seed lies, dbt puts between quotes as it is.
NOT_IN_REPOSITORY = re.compile(f"{NOT_IN_PATHS.pattern}|'")
# What begins so and is none of them, nor a test's, is a slip.
PREFIX, OF_TESTS = "CHOKEPOINT_", "CHOKEPOINT_TEST_"
NAMES = frozenset(
    PREFIX + name
    for name in (
        *("DATA", "INPUT", "FILES", "LAKE", "PUBLISH_TO", "MEMORY_LIMIT", "THREADS", "AS_OF"),
        *("ENGINE", "SPARK_MASTER", "SPARK_PYTHON", "INCLUDE_RESTRICTED", "CONTACT", "AUTOMATION"),
        *("ALERT_URL", "HEARTBEAT_URL", "POSTGRES_URL", "CODE_SERVER", "HOST", "PORT", "UI_HOSTS"),
        # Read by `deploy/compose.yaml` and by the tests.
        *("POSTGRES_PASSWORD", "REQUIRE_CLIENTS", "REQUIRE_SHARED"),
    )
)
# What Kubernetes puts into each pod of a service named chokepoint or chokepoint-..., with its value: kubernetes.io,
# "Accessing the Service". One form has the name of a setting of ours, whose value is a number.
PORT_VARIABLE = "CHOKEPOINT_PORT"
OF_KUBERNETES = re.compile(
    r"CHOKEPOINT_(\w+_)?(SERVICE_HOST=.+|SERVICE_PORT(_\w+)?=\d+|PORT(_\d+_(TCP|UDP|SCTP))?=(tcp|udp|sctp)://.+"
    r"|PORT_\d+_(TCP|UDP|SCTP)_(PROTO=(tcp|udp|sctp)|PORT=\d+|ADDR=.+))",
    re.ASCII,
)
# These have exit codes of their own (`cli.exits`).
SHUT_OR_FULL = {errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOSPC, errno.EDQUOT}
# No edition is released later: nothing is left out.
EVERYTHING_PUBLISHED = "9999-12-31"


class SettingsError(Exception):
    """The environment asks for something that does not exist; the text says what to set."""


class _Below:
    """A path below the data folder."""

    def __init__(self, *parts: str) -> None:
        self.parts = parts

    def __get__(self, settings: "Settings", _: type) -> Path:
        return settings.data.joinpath(*self.parts)


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
    # The lake, where it lies elsewhere than in the data folder.
    lake_elsewhere: Path | BucketPath | None = None
    # Where each release is published too, for others to read.
    publish_to: Path | BucketPath | None = None
    # Who builds the models of a whole refresh: duckdb or spark.
    engine: str = "duckdb"

    # Tidy Parquet, one folder a source: here unless `lake` says otherwise.
    lake_folder = _Below("lake")
    # What was verified of the input, a file a source; and what `live` fetched, a folder a source.
    raw = _Below("raw")
    # Files that people dropped for the input `live`, one folder a source.
    drop = _Below("drop")
    # The working database: written by dbt only, never opened by analysts.
    warehouse = _Below("warehouse", "chokepoint.duckdb")
    # Where Spark builds, and what dbt made there: a folder a schema.
    spark = _Below("spark")
    spark_tables = _Below("spark", "tables")
    # Results of checks, one file a build.
    audit = _Below("warehouse", "audit")
    # Releases, and `current`.
    published = _Below("published")
    # What automation remembers: pins of editions found by machine, alerts.
    state = _Below("state")
    # From what the current release was built last, where its own `release.json` says other inputs.
    built = _Below("state", "built.txt")
    # The last number of a release in each month, and of all.
    numbers = _Below("state", "numbers.json")
    # Touched by a refresh that ended well, also where it had nothing to do.
    refreshed = _Below("state", "refreshed")
    # Touched each minute by the daemon.
    heartbeat = _Below("state", "heartbeat")
    # Manifest, compiled SQL and logs of dbt.
    dbt_target = _Below("dbt")
    # DAGSTER_HOME.
    dagster_home = _Below("dagster")
    # The one refresh at a time.
    lock = _Below(".lock")
    # The one daemon of Dagster at a time. In a folder of its own: a folder has one lock.
    daemon_lock = _Below("state", ".daemon.lock")

    @property
    def lake(self) -> Path | BucketPath:
        """Tidy Parquet, one folder a source."""
        return self.lake_elsewhere or self.lake_folder

    @property
    def read_from(self) -> Path | None:
        """Folder of the publishers' files that this input reads; None where it reads none."""
        return {Input.EMBEDDED: None, Input.FILES: self.files, Input.LIVE: self.raw}[self.input]


def load_settings() -> Settings:
    """Read CHOKEPOINT_DATA, _LAKE, _PUBLISH_TO, _INPUT, _FILES, _AS_OF, _ENGINE, _INCLUDE_RESTRICTED, _AUTOMATION; look at limits.

    Raises:
        SettingsError: a name that is none, an input that does not exist, a date, a path or an address that is none, a
            switch that is neither 0 nor 1 (on nor off), or asks for what is not embedded, a limit that DuckDB can't
            take.
    """
    _check_names()
    _refuse_misread("this repository lies in", str(PROJECT_ROOT), NOT_IN_REPOSITORY)
    data = _absolute("CHOKEPOINT_DATA", os.environ.get("CHOKEPOINT_DATA") or PROJECT_ROOT / "data")
    _check_limits()
    postgres_url()
    name = os.environ.get("CHOKEPOINT_INPUT") or Input.EMBEDDED.value
    try:
        chosen = Input(name)
    except ValueError as error:
        known = ", ".join(item.value for item in Input)
        raise SettingsError(f"CHOKEPOINT_INPUT={name!r} is not one of: {known}") from error
    files = os.environ.get("CHOKEPOINT_FILES")
    as_of = os.environ.get("CHOKEPOINT_AS_OF") or EVERYTHING_PUBLISHED
    try:
        is_date = DATE.fullmatch(as_of) and dt.date.fromisoformat(as_of)
    except ValueError:
        is_date = False
    if not is_date:
        raise SettingsError(f"CHOKEPOINT_AS_OF={as_of!r} is no date like 2026-01-12")
    automation = os.environ.get("CHOKEPOINT_AUTOMATION") or "off"
    if automation not in {"on", "off"}:
        raise SettingsError(f"CHOKEPOINT_AUTOMATION={automation!r} is neither on nor off")
    restricted = os.environ.get("CHOKEPOINT_INCLUDE_RESTRICTED") or "0"
    if restricted not in {"0", "1"}:
        raise SettingsError(f"CHOKEPOINT_INCLUDE_RESTRICTED={restricted!r} is neither 0 nor 1")
    engine = os.environ.get("CHOKEPOINT_ENGINE") or ENGINES[0]
    if engine not in ENGINES:
        raise SettingsError(f"CHOKEPOINT_ENGINE={engine!r} is not one of: {', '.join(ENGINES)}")
    if restricted == "1" and chosen is Input.EMBEDDED:
        raise SettingsError(
            "CHOKEPOINT_INCLUDE_RESTRICTED=1 needs publishers' files: what may not be passed on is not "
            "embedded. Set CHOKEPOINT_INPUT=files and CHOKEPOINT_FILES, or leave the switch out"
        )
    publish_to = _elsewhere("CHOKEPOINT_PUBLISH_TO", os.environ.get("CHOKEPOINT_PUBLISH_TO"))
    if restricted == "1" and publish_to is not None:
        raise SettingsError(
            "CHOKEPOINT_PUBLISH_TO is for others to read, and CHOKEPOINT_INCLUDE_RESTRICTED=1 reads what may not be "
            "passed on. Leave one of them out; `chokepoint export --include-restricted` copies to a place of yours"
        )
    return Settings(
        data,
        chosen,
        _absolute("CHOKEPOINT_FILES", files) if files else None,
        as_of,
        automation=automation == "on",
        include_restricted=restricted == "1",
        lake_elsewhere=_elsewhere("CHOKEPOINT_LAKE", os.environ.get("CHOKEPOINT_LAKE")),
        publish_to=publish_to,
        engine=engine,
    )


def postgres_url() -> str | None:
    """Address of the PostgreSQL that has Dagster's history, a secret; None where the environment names none.

    It names the driver that dagster-postgres brings: the default of SQLAlchemy 2.1 is another one.

    Raises:
        SettingsError: it is no such address.
    """
    url = os.environ.get("CHOKEPOINT_POSTGRES_URL")
    if not url:
        return None
    kind, _, rest = url.partition("://")
    try:
        parts = urlsplit(url)
        fits = kind in {"postgresql", DRIVER} and parts.port != 0 and parts.path.strip("/")
    except ValueError:
        fits = False
    if not fits:
        raise SettingsError(
            f"{POSTGRES_VARIABLE} is no address like postgresql://user:password@host:5432/database; it is not shown. "
            "In a password %2F, %23, %3F, %40 and %25 stand for / # ? @ and %"
        )
    return f"{DRIVER}://{rest}"


def _check_names() -> None:
    """Refuse a variable that is none of ours: what it should have said would not be done, without a word."""
    for name in sorted(os.environ):
        is_ours = name in NAMES or name.startswith(OF_TESTS) or _is_of_kubernetes(name)
        if name.startswith(PREFIX) and not is_ours:
            near = difflib.get_close_matches(name, NAMES, n=1)
            hint = f"; near: {near[0]}" if near else ""
            raise SettingsError(f"{name} is no setting{hint}; .env.example lists them. Unset it")


def forget_port_of_kubernetes() -> None:
    """Take CHOKEPOINT_PORT as not set where Kubernetes set it, for a service named chokepoint."""
    if _is_of_kubernetes(PORT_VARIABLE):
        del os.environ[PORT_VARIABLE]


def _is_of_kubernetes(name: str) -> bool:
    return OF_KUBERNETES.fullmatch(f"{name}={os.environ.get(name, '')}") is not None


def _absolute(name: str, path: str | Path) -> Path:
    """The path that a setting names, with what `~` and links stand for.

    Raises:
        SettingsError: no such user, links that lead to each other, the folder that it starts from was deleted, or a
            library would read it otherwise.
    """
    if str(path) != str(path).strip():
        raise SettingsError(f"{name}={str(path)!r} begins or ends with a blank: leave it out")
    try:
        absolute = Path(path).expanduser().resolve()
    except (OSError, RuntimeError) as error:
        said = error.strerror if isinstance(error, OSError) else error
        raise SettingsError(f"{name}={str(path)!r} can't be a path here: {said}") from error
    _refuse_misread(f"{name} names", str(absolute), NOT_IN_PATHS)
    return absolute


def _refuse_misread(what: str, path: str, misread: re.Pattern[str]) -> None:
    if found := misread.search(path):
        raise SettingsError(
            f"{what} {path!r}, and {found[0]!r} in a path is misread by DuckDB, dbt or Dagster: take a folder without "
            "% * ? [ ] { } and control characters in its path, the repository's without ' too"
        )


def _elsewhere(name: str, address: str | None) -> Path | BucketPath | None:
    """The folder or the place in a bucket that a setting names; None where it is not set."""
    if not address:
        return None
    if "://" not in address:
        return _absolute(name, address)
    try:
        return bucket_path(address)
    except ValueError as error:
        # The address is not repeated: it may hold a key.
        raise SettingsError(f"{name}: {error}") from None


def _check_limits() -> None:
    """Refuse limits that DuckDB would refuse in the midst of a build; dbt's profile reads them from the environment."""
    threads = os.environ.get("CHOKEPOINT_THREADS") or "1"
    if not (threads.isascii() and threads.isdecimal() and 1 <= int(threads) <= MOST_THREADS):
        raise SettingsError(
            f"CHOKEPOINT_THREADS={threads!r} is no whole number from 1 to {MOST_THREADS}, like 2"
        )
    memory = os.environ.get("CHOKEPOINT_MEMORY_LIMIT") or f"{LEAST_MEMORY_MB}MB"
    given = MEMORY.fullmatch(memory)
    megabytes = float(given[1]) * MB_OF_UNIT[given[2].lower()] if given else 0
    if not LEAST_MEMORY_MB <= megabytes <= MOST_MEMORY_TB * MB_OF_UNIT["t"]:
        raise SettingsError(
            f"CHOKEPOINT_MEMORY_LIMIT={memory!r} is no size from {LEAST_MEMORY_MB}MB to {MOST_MEMORY_TB}TB, like 500MB "
            "or 1.5GB"
        )


def prepare_environment(settings: Settings) -> None:
    """Create the folders, and set what child libraries read from the environment.

    dbt's profile reads CHOKEPOINT_DATA; Dagster reads DAGSTER_HOME. Both absolute, always.

    Raises:
        SettingsError: there can be no folder where CHOKEPOINT_DATA or _LAKE says, or Dagster's history can't be where it should.
    """
    of_data = (settings.audit, settings.published, settings.dbt_target, settings.dagster_home)
    folders = [("CHOKEPOINT_DATA", folder) for folder in of_data]
    if isinstance(settings.lake, Path):
        name = "CHOKEPOINT_LAKE" if settings.lake_elsewhere else "CHOKEPOINT_DATA"
        folders.append((name, settings.lake))
    for name, folder in folders:
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            if error.errno in SHUT_OR_FULL:
                raise
            raise SettingsError(
                f"{name}: {str(folder)!r} can't be a folder: {error.strerror}"
            ) from error
    config, in_postgres = settings.dagster_home / "dagster.yaml", postgres_url() is not None
    if not write_instance_config(config, PROJECT_ROOT / "dagster.yaml", in_postgres=in_postgres):
        raise SettingsError(
            f"{POSTGRES_VARIABLE} is set, but {config} is your own and does not read it: see docs/deploy.md, or "
            "delete the file"
        )
    if in_postgres:
        os.environ[POSTGRES_VARIABLE] = postgres_url() or ""
    os.environ["CHOKEPOINT_DATA"] = str(settings.data)
    os.environ["DAGSTER_HOME"] = str(settings.dagster_home)
    os.environ["DO_NOT_TRACK"] = "1"
    # Dagster then writes the planned and materialized events of a run in batches, which
    # `operations.event_log` makes one transaction each.
    os.environ.setdefault("DAGSTER_EVENT_BATCH_SIZE", "100")


def collect_garbage_rarely() -> None:
    """For a process that ends with its run: it makes millions of objects that live to the end.

    Looking through the imports, dbt's graph and Dagster's events for garbage costs a tenth of a refresh.
    """
    gc.set_threshold(100_000)
