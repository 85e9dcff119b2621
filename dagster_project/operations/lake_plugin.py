"""The plugin that dbt's profile names: dbt reads a lake in a bucket as every connection of ours does."""

import duckdb
from dbt.adapters.duckdb.plugins import BasePlugin

from dagster_project.publishing.warehouse import reach_lake


class Plugin(BasePlugin):
    """Asked once, when dbt opens the warehouse."""

    def configure_connection(self, conn: duckdb.DuckDBPyConnection) -> None:
        """See `reach_lake`."""
        reach_lake(conn)
