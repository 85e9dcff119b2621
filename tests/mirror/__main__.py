"""`python -m tests.mirror <files> <data>`: the publishers' mirror until interrupted, for a refresh or a daemon.

It prints what to export, and puts what no publisher offers into the drop folder of <data>.
"""

import argparse
import shlex
import sys
import tempfile
import threading
from pathlib import Path

from sources.registry import all_sources
from tests.mirror import publishers
from tests.mirror.server import running


def main() -> None:
    """Serve until interrupted."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", type=Path, help="folder of publishers' files")
    parser.add_argument("data", type=Path, help="data folder of the refresh")
    asked = parser.parse_args()
    sources = list(all_sources())
    with (
        tempfile.TemporaryDirectory() as folder,
        running(publishers.hosts_of(sources), Path(folder)) as (mirror, environment),
    ):
        for source in sources:
            publishers.publish(mirror, source, asked.files)
            publishers.drop(source, asked.files, asked.data / "drop")
        for name, value in {"CHOKEPOINT_INPUT": "live", **environment}.items():
            sys.stdout.write(f"export {name}={shlex.quote(value)}\n")
        sys.stdout.flush()
        threading.Event().wait()


if __name__ == "__main__":
    main()
