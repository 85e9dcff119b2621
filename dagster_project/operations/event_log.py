"""Dagster's history in SQLite, with connections that stay open: a sixth of a refresh, not a half of it.

Dagster opens the database anew for each event, and SQLite brings the disk up to date whenever the last
connection closes: some three thousand times a refresh. Files and tables are Dagster's own, so its storage
reads what this one wrote, and the other way round. See docs/decisions/0018.
"""

import os
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

import dagster as dg
from dagster._core.storage.event_log.sqlite.sqlite_event_log import (
    INDEX_SHARD_NAME,
    SqliteEventLogStorage,
)
from dagster._core.storage.sqlite import SQLITE_BUSY_TIMEOUT_SECONDS
from dagster._serdes import ConfigurableClassData
from sqlalchemy import create_engine
from sqlalchemy.engine import Connection
from sqlalchemy.exc import OperationalError
from sqlalchemy.pool import NullPool

# The index of all runs, and the runs asked for last.
MOST_OPEN = 4
# The UI follows a run by looking when its file changes, which it does only here.
SECONDS_UNTIL_SEEN = 0.5


class HeldSqliteEventLogStorage(SqliteEventLogStorage):
    """`SqliteEventLogStorage` below DAGSTER_HOME; a batch of events is one transaction."""

    def __init__(self, base_dir: str, inst_data: ConfigurableClassData | None = None) -> None:
        self._held: dict[str, Connection] = {}
        self._seen: dict[str, float] = {}
        self._tables: set[str] = set()
        super().__init__(base_dir, inst_data)
        # A batch holds it while each of its events asks for it again.
        self._db_lock = threading.RLock()

    @classmethod
    def config_type(cls) -> dict[str, Any]:
        """Nothing: it lies where Dagster puts it by default."""
        return {}

    @classmethod
    def from_config_value(
        cls, inst_data: ConfigurableClassData | None, config_value: Mapping[str, Any]
    ) -> "HeldSqliteEventLogStorage":
        """Of the instance whose folder DAGSTER_HOME names."""
        home = Path(os.environ["DAGSTER_HOME"])
        return cls(str(home / "history" / "runs"), inst_data, **config_value)

    @contextmanager
    def _connect(self, shard: str) -> Iterator[Connection]:
        with self._db_lock:
            connection = self._held_connection(shard)
            if connection.in_transaction():
                yield connection
                return
            with connection.begin():
                yield connection
            last = self._seen.get(shard, 0.0)
            if shard != INDEX_SHARD_NAME and time.monotonic() - last > SECONDS_UNTIL_SEEN:
                # The event is stored. A disk without room for this shows in what the run itself writes.
                with suppress(OperationalError):
                    connection.exec_driver_sql("pragma wal_checkpoint(passive)")
                    connection.rollback()
                self._seen[shard] = time.monotonic()

    def _held_connection(self, shard: str) -> Connection:
        if shard in self._held:
            # The one asked for last comes last.
            self._held[shard] = self._held.pop(shard)
            return self._held[shard]
        engine = create_engine(
            self.conn_string_for_shard(shard),
            poolclass=NullPool,
            connect_args={"timeout": SQLITE_BUSY_TIMEOUT_SECONDS, "check_same_thread": False},
        )
        if shard not in self._initialized_dbs:
            self._initdb(engine)
            self._initialized_dbs.add(shard)
        connection = engine.connect()
        # After a loss of power the last events may be missing; the file is whole.
        connection.exec_driver_sql("pragma synchronous = normal")
        connection.rollback()
        self._held[shard] = connection
        for old in [name for name in self._held if name != INDEX_SHARD_NAME][:-MOST_OPEN]:
            if not self._held[old].in_transaction():
                self._held.pop(old).close()
        return connection

    def store_event_batch(self, events: Sequence[dg.EventLogEntry]) -> None:
        """Store events in one transaction a database: all, or none."""
        with ExitStack() as stack:
            for shard in sorted({event.run_id for event in events}):
                stack.enter_context(self.run_connection(shard))
            stack.enter_context(self.index_connection())
            for event in events:
                self.store_event(event)

    def has_table(self, table_name: str) -> bool:
        """Whether the index has the table: one that is there stays, and Dagster asks at each event."""
        if table_name not in self._tables and super().has_table(table_name):
            self._tables.add(table_name)
        return table_name in self._tables

    def dispose(self) -> None:
        """Close what is open; the files are then whole without their logs."""
        super().dispose()
        with self._db_lock:
            while self._held:
                self._held.popitem()[1].close()
