"""`dagster.yaml` of DAGSTER_HOME: ours, of the repo's and the environment, until somebody makes it his own."""

import hashlib
from pathlib import Path
from typing import Any

# Address of the PostgreSQL that has Dagster's history; without it SQLite below DAGSTER_HOME has. It has a password: the file
# names the variable, so neither it nor a list of processes shows one.
POSTGRES_VARIABLE = "CHOKEPOINT_POSTGRES_URL"
# The first line of the file where it is ours: what follows has this digest, or a person has changed it.
OURS = "# Of Chokepoint, which puts a newer one in its place. Change a line, and it is yours and stays. sha256 "
# So began those of older versions, which wrote them anew at each start.
OLD = "# The Dagster instance. Copied to $CHOKEPOINT_DATA/dagster/, which is DAGSTER_HOME.\n"
# In place of the repo's `event_log_storage`. A run has the settings of the daemon that started it, and a DAGSTER_HOME of its
# own: that of the daemon may be on another host.
IN_POSTGRES: dict[str, Any] = {
    "storage": {"postgres": {"postgres_url": {"env": POSTGRES_VARIABLE}}},
    "local_artifact_storage": {
        "module": "dagster.core.storage.root",
        "class": "LocalArtifactStorage",
        "config": {"base_dir": {"env": "DAGSTER_HOME"}},
    },
    "compute_logs": {
        "module": "dagster.core.storage.local_compute_log_manager",
        "class": "LocalComputeLogManager",
        "config": {"base_dir": {"env": "DAGSTER_HOME"}},
    },
}


def write_instance_config(path: Path, template: Path, *, in_postgres: bool) -> bool:
    """Write Dagster's settings where they are missing, or ours and old; whether they have the history where it should be.

    Args:
        path: `dagster.yaml` of DAGSTER_HOME.
        template: that of the repo, for SQLite.
        in_postgres: whether PostgreSQL should have the history.
    """
    text = template.read_text(encoding="utf-8")
    if in_postgres:
        import yaml

        config = yaml.safe_load(text)
        del config["event_log_storage"]
        text = yaml.safe_dump({**config, **IN_POSTGRES}, sort_keys=False)
    wanted = f"{OURS}{_digest(text)}\n{text}"
    found = path.read_text(encoding="utf-8") if path.exists() else None
    if found is None or _is_ours(found):
        if found != wanted:
            from sources.reading.disk import write_atomically

            write_atomically(path, wanted.encode())
        return True
    return not in_postgres or any(
        POSTGRES_VARIABLE in line.partition("#")[0] for line in found.splitlines()
    )


def _is_ours(text: str) -> bool:
    head, _, rest = text.partition("\n")
    return text.startswith(OLD) or head == f"{OURS}{_digest(rest)}"


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
