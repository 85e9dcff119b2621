"""Dagster's code server, which says in one line that somebody took its port while it loaded."""

import sys

from dagster_project.cli.exits import Code

# As gRPC begins it.
NOT_BOUND = "Failed to bind to address"


def main() -> None:
    """Run `dagster api grpc` with its own options."""
    from dagster._cli import main as run_dagster

    sys.argv = ["dagster", "api", "grpc", *sys.argv[1:]]
    try:
        run_dagster()
    except RuntimeError as error:
        if not str(error).startswith(NOT_BOUND):
            raise
        where = str(error).removeprefix(NOT_BOUND).split(";")[0].strip()
        sys.stderr.write(
            f"The port of {where} was taken by another program while the code server loaded: choose another with "
            "--port, or stop what has it.\n"
        )
        sys.exit(Code.PORT_TAKEN)


if __name__ == "__main__":
    main()
