"""Which process on which host has a run, and one refresh at a time over all hosts.

Where PostgreSQL has Dagster's history, hosts may share it. A run then holds an advisory lock of that database, and a refresh
a second one. Both are of the run's session: PostgreSQL frees them when its process dies, its host goes down or the line
is cut. With SQLite there is one host, and `operations.lock` is enough.
"""

import contextlib
import hashlib
import os
import socket
from dataclasses import dataclass

import dagster as dg
from sqlalchemy import create_engine, text
from sqlalchemy.engine import Connection
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import NullPool

from dagster_project.dagster_home import POSTGRES_VARIABLE
from dagster_project.operations.lock import is_alive, process_tag
from dagster_project.settings import SettingsError, postgres_url

PROCESS_TAG = "chokepoint/process"
# Set on a run whose process died; with a step's key behind it, on one with a transient failure at a publisher.
TRANSIENT_TAG = "chokepoint/transient"
# On a pull: runs with one value of it wait for each other (dagster.yaml), and only a person asks for one again.
PUBLISHER_TAG = "chokepoint/publisher"
REFRESH, DAEMON = "refresh", "daemon"
CONNECT_SECONDS = 10
# A host that does not answer for half a minute is taken for gone.
WATCHED = text(
    "set tcp_keepalives_idle = 10; set tcp_keepalives_interval = 5; set tcp_keepalives_count = 4; "
    "set tcp_user_timeout = 30000"
)
TAKE = text("select pg_try_advisory_lock(:key)")
FREE = text("select pg_advisory_unlock(:key)")
FREE_ALL = text("select pg_advisory_unlock_all()")
NAME = text("select set_config('application_name', :name, false)")
# Keys of 64 bits stand there in two halves.
HELD = text("""
    select activity.application_name, activity.backend_start, pg_locks.pid = pg_backend_pid() as is_own
    from pg_locks
    inner join pg_stat_activity as activity on activity.pid = pg_locks.pid
    where pg_locks.locktype = 'advisory'
        and pg_locks.granted
        and pg_locks.objsubid = 1
        and pg_locks.database = (select oid from pg_database where datname = current_database())
        and (cast(pg_locks.classid as bigint) << 32) | cast(pg_locks.objid as bigint) = :key
""")


class LockLostError(Exception):
    """The session that held a lock over all hosts is gone; the text says what to do."""


@dataclass(frozen=True)
class _Session:
    connection: Connection
    open: contextlib.ExitStack


# By run, or `daemon`; each lives as long as this process, or until `close_session`.
_sessions: dict[str, _Session] = {}


def are_many(instance: dg.DagsterInstance) -> bool:
    """Whether several hosts may share this history: it lies in PostgreSQL."""
    return hasattr(instance.run_storage, "postgres_url")


def claim(instance: dg.DagsterInstance, what: str) -> str | None:
    """Take the lock of a run (or of `daemon`) over all hosts, until this process ends or `close_session`.

    Returns its holder where another host has it.
    """
    if not are_many(instance) or what in _sessions:
        return None
    with contextlib.ExitStack() as opened:
        connection = opened.enter_context(instance.run_storage.connect())  # pyright: ignore[reportAttributeAccessIssue]
        connection.execute(WATCHED)
        name = f"{_shown(what)}, pid {os.getpid()} on {socket.gethostname()}"
        connection.execute(NAME, {"name": name})
        if not connection.execute(TAKE, {"key": _key(what)}).scalar():
            return _holder(connection, what)
        _sessions[what] = _Session(connection, opened.pop_all())
    return None


def claim_refresh(run_id: str) -> str | None:
    """Take the lock of the one refresh over all hosts for a claimed run; returns its holder where another host has it."""
    session = _sessions.get(run_id)
    if session is None or session.connection.execute(TAKE, {"key": _key(REFRESH)}).scalar():
        return None
    return _holder(session.connection, REFRESH)


def end_refresh(run_id: str) -> None:
    """Release the lock of the refresh. The run's own lock is kept: that it ended well is written down after this."""
    if session := _sessions.get(run_id):
        with contextlib.suppress(SQLAlchemyError):
            session.connection.execute(FREE, {"key": _key(REFRESH)})


def still_holds_refresh(run_id: str) -> None:
    """Make sure that no other host could begin a refresh beside this run.

    Raises:
        LockLostError: the session is gone, by an end of PostgreSQL or a cut line.
    """
    session = _sessions.get(run_id)
    if session is None:
        return
    try:
        rows = session.connection.execute(HELD, {"key": _key(REFRESH)}).all()
    except SQLAlchemyError:
        rows = []
    if not any(row.is_own for row in rows):
        raise LockLostError(
            "the line to Dagster's PostgreSQL was cut, and with it the lock over all hosts: another may refresh, "
            "so nothing was published; next: `chokepoint refresh`"
        )


def descriptors(what: str) -> list[int]:
    """File descriptors of the session's connection: a child that inherits them holds the lock too."""
    if what not in _sessions:
        return []
    return [_sessions[what].connection.connection.dbapi_connection.fileno()]  # pyright: ignore[reportAttributeAccessIssue, reportOptionalMemberAccess]


def close_session(what: str) -> None:
    """Close the session of a run that has ended, its locks first: the server sees a closed line later."""
    if session := _sessions.pop(what, None):
        with contextlib.suppress(SQLAlchemyError):
            session.connection.execute(FREE_ALL)
        with contextlib.suppress(SQLAlchemyError):
            session.open.close()


def is_gone(instance: dg.DagsterInstance, run: dg.DagsterRun) -> bool:
    """Whether the process of a run has died; False where the run does not name one.

    One on another host lives while its session holds its lock. Without PostgreSQL there is no other host that lives:
    the folder was moved here, or the container is a new one.
    """
    tag = run.tags.get(PROCESS_TAG)
    if tag is None or is_alive(tag):
        return False
    if are_many(instance):
        with instance.run_storage.connect() as connection:  # pyright: ignore[reportAttributeAccessIssue]
            if _holder(connection, run.run_id):
                return False
    # It may have ended well since it was looked up.
    now = instance.get_run_by_id(run.run_id)
    return now is not None and not now.is_finished


def tag_process(instance: dg.DagsterInstance, run_id: str) -> None:
    """Write into the run which process executes it, once every host can see that it lives."""
    claim(instance, run_id)
    instance.add_run_tags(run_id, {PROCESS_TAG: process_tag(os.getpid())})


def tag_died(instance: dg.DagsterInstance, run: dg.DagsterRun) -> None:
    """Write into a run that its process died: a refresh then begins again, in an hour."""
    if PUBLISHER_TAG not in run.tags:
        instance.add_run_tags(run.run_id, {TRANSIENT_TAG: "its process died"})


def refresh_elsewhere() -> str | None:
    """Who refreshes on any host, by the address of the environment; None where nobody does, or it names no PostgreSQL.

    Raises:
        SettingsError: PostgreSQL can't be reached, or what asks it is not installed.
    """
    url = postgres_url()
    if url is None:
        return None
    try:
        import dagster_postgres  # noqa: F401  # pyright: ignore[reportMissingImports]

        asked = {"connect_timeout": CONNECT_SECONDS}
        with create_engine(url, poolclass=NullPool, connect_args=asked).connect() as connection:
            return _holder(connection, REFRESH)
    except ImportError:
        raise SettingsError(
            f"{POSTGRES_VARIABLE} is set, and dagster-postgres is not installed; next: `uv sync --extra postgres`"
        ) from None
    except SQLAlchemyError as error:
        said = str(getattr(error, "orig", None) or type(error).__name__).strip().splitlines()[0]
        raise SettingsError(
            f"the PostgreSQL of {POSTGRES_VARIABLE} can't be used: {said}; next: docs/deploy.md, part PostgreSQL"
        ) from None


def _holder(connection: Connection, what: str) -> str | None:
    row = connection.execute(HELD, {"key": _key(what)}).first()
    if row is None:
        return None
    # Of another role's session PostgreSQL says nothing.
    since = f", since {row.backend_start:%Y-%m-%dT%H:%M:%S%z}" if row.backend_start else ""
    return f"{row.application_name or 'a session of another role'}{since}"


def _shown(what: str) -> str:
    return what if what == DAEMON else f"run {what[:8]}"


def _key(what: str) -> int:
    return int.from_bytes(hashlib.sha256(f"chokepoint {what}".encode()).digest()[:8], signed=True)
