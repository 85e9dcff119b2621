"""What the world publishes, and how to read it.

One folder a source (`source.yml`, `tidy.py`, `schema.py`, `mappings/`, `snapshot/`), `reference/` for
our own cited lists, and a few modules that every source shares. Nothing here knows Dagster, dbt or
DuckDB: bytes come in, typed Polars frames go out.
"""
