"""PostgreSQL of the distribution, for one test run: started by an unprivileged user, since it refuses root.

`make clients` installs it, and dagster-postgres beside the locked environment: the two commands of the README install
neither. Processes of a test take the latter by PYTHONPATH.
"""

import os
import pwd
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.clients import CACHE, missing
from tests.ports import free_port

# Where distributions put programs that only the server's own scripts call.
FOLDERS = [Path("/usr/lib/postgresql"), Path("/usr/pgsql")]
USER, PASSWORD = "chokepoint", "p@ss/w%rd-secret"
QUOTED = "p%40ss%2Fw%25rd-secret"


def _program(name: str) -> str:
    found = [str(path) for folder in FOLDERS for path in folder.glob(f"*/bin/{name}")]
    return shutil.which(name) or (found[-1] if found else missing(f"no {name} of PostgreSQL"))


def library() -> str:
    """Folder of dagster-postgres and its driver, for PYTHONPATH."""
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    found = list(CACHE.glob(f"dagster-postgres-*/lib/{version}/site-packages/dagster_postgres"))
    if not found:
        missing(f"no dagster-postgres for {version} in {CACHE}")
    return str(found[0].parent)


def _unprivileged(folder: Path) -> dict[str, Any]:
    """As whom the server runs, whose folder this is: for `subprocess.run`. It refuses to be root's."""
    if os.getuid() != 0:
        return {}
    user = next((u for u in pwd.getpwall() if u.pw_name == "postgres"), pwd.getpwnam("nobody"))
    shutil.chown(folder, user.pw_uid)
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


@contextmanager
def server() -> Iterator[str]:
    """Address of a server of its own, with an empty database; it ends with the block."""
    # Not below pytest's folder: that one is shut to other users.
    folder = Path(tempfile.mkdtemp(prefix="chokepoint-pg-", dir="/tmp"))
    as_whom = _unprivileged(folder)
    password, port = folder / "password", free_port()
    password.write_text(PASSWORD, encoding="utf-8")
    password.chmod(0o644)
    options = f"-p {port} -k {folder} -c listen_addresses=127.0.0.1 -c fsync=off"
    control = [_program("pg_ctl"), "-D", str(folder / "data"), "-w"]

    def run(*command: str) -> None:
        subprocess.run(
            command, cwd="/", check=True, stdout=subprocess.DEVNULL, timeout=120, **as_whom
        )

    made = ["-U", USER, f"--pwfile={password}", "-A", "scram-sha-256", "-E", "UTF8", "--no-sync"]
    run(_program("initdb"), "-D", str(folder / "data"), *made)
    run(*control, "-o", options, "-l", str(folder / "log"), "start")
    try:
        yield f"postgresql://{USER}:{QUOTED}@127.0.0.1:{port}/postgres"
    finally:
        run(*control, "-m", "immediate", "stop")
        shutil.rmtree(folder)
