"""dbt's nodes as assets, its data tests as checks."""
