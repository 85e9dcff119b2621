"""The plugin that dbt's profile names: dbt reads a lake in a bucket as every connection of ours does."""

import duckdb
from dbt.adapters.duckdb.plugins import BasePlugin

from dagster_project.publishing.warehouse import reach_lake


class Plugin(BasePlugin):
    """Plugin of dbt-duckdb, called once, when dbt opens the warehouse."""

    def configure_connection(self, conn: duckdb.DuckDBPyConnection) -> None:
        """Let dbt's connection read a lake that lies in a bucket."""
        reach_lake(conn)
