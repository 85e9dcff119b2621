"""The campaign of `make campaign`: kills, faults and fuzzed files, counted."""
