"""Reading a publisher's files: bytes, values, labels, corrections, lake tables and their checks."""
