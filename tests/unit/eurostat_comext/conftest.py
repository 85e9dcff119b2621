"""The source's real files, and the embedded snapshot, each read once."""

from source_tables import fixtures_of

published, lake_tables, embedded = fixtures_of("eurostat_comext")
