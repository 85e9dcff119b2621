"""The port that a server of ours will listen on: had from the first look on, not only once all is loaded."""

import errno
import os
import socket
import sys


class PortTakenError(Exception):
    """The port can't be had; the text says why, and what to do."""

    def __init__(self, host: str, port: int, got: str) -> None:
        super().__init__(
            f"Port {port} of {host} can't be had ({got}): choose another with --port, with PORT= of `make dev`, or stop "
            "what has it."
        )


class NoAddressError(Exception):
    """The host is no address of this machine; the text says so, and what to do."""

    def __init__(self, host: str, got: str) -> None:
        super().__init__(
            f"The host {host!r} is no address of this machine ({got}): choose another with --host, like 127.0.0.1, or "
            "0.0.0.0 for all."
        )


def reserved_port(host: str, port: int) -> socket.socket | None:
    """What keeps others of ours away while it stands open; None where there is no such thing (not Linux).

    A server listens once it has loaded, seconds after it looked: a second one would find the port free, begin, and fail
    late. Of two code servers neither would fail: gRPC shares a port, and runs would begin in either's data folder.

    Raises:
        PortTakenError: somebody listens there, or another server of ours begins there.
        NoAddressError: the machine has no such address.
    """
    if not host:
        # It would stand for all of them.
        raise NoAddressError(host, "it is empty")
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        # A name with an empty part has no encoding.
        except UnicodeError:
            raise NoAddressError(host, "no name is so written") from None
        except OSError as error:
            got = error.strerror or str(error)
            if isinstance(error, socket.gaierror) or error.errno == errno.EADDRNOTAVAIL:
                raise NoAddressError(host, got) from None
            raise PortTakenError(host, port, got) from None
        address = probe.getsockname()[0]
    if sys.platform != "linux":
        return None
    reserved = socket.socket(socket.AF_UNIX)
    try:
        # A name without a file, one for each network of containers, as ports are. The kernel forgets it with us.
        reserved.bind(f"\0chokepoint {address} {port}")
    except OSError as error:
        reserved.close()
        if error.errno == errno.EADDRINUSE:
            raise PortTakenError(host, port, "another chokepoint begins there") from None
        return None
    return reserved


def answers(host: str, port: int) -> bool:
    """Whether somebody listens there."""
    try:
        socket.create_connection((host, port), timeout=5).close()
    except OSError:
        return False
    return True


def keep_over_exec(reserved: socket.socket | None) -> None:
    """Let the program that this process becomes have it too."""
    if reserved is not None:
        os.set_inheritable(reserved.detach(), True)
