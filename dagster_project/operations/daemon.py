"""Dagster's daemon, which loads our code once an hour: by itself it does so each minute, at six seconds of a core.

Once an hour all the same: a code server that has died is then replaced.
"""

import sys

RELOAD_SECONDS = 3600


def main() -> None:
    """Run `dagster-daemon` with its own options."""
    from dagster._daemon import controller
    from dagster._daemon.cli import main as daemon

    for name, seconds in (
        ("RELOAD_WORKSPACE_INTERVAL", RELOAD_SECONDS),
        # Beyond it the daemon ends itself, for it could not load the code.
        ("DEFAULT_WORKSPACE_FRESHNESS_TOLERANCE", 3 * RELOAD_SECONDS),
    ):
        if not isinstance(getattr(controller, name, None), int):
            raise SystemExit(
                f"this Dagster has no {name}: see dagster_project/operations/daemon.py"
            )
        setattr(controller, name, seconds)
    sys.argv[0] = "dagster-daemon"
    daemon()


if __name__ == "__main__":
    main()
