"""What is let out: the gate, the digest, the release folder and what lies in it. Imports no Dagster."""
