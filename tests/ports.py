"""A port for a server that a test starts."""

import itertools
import os
import socket
from pathlib import Path

# Where the kernel takes a port of its own choice for a connection; below, nobody but who asks for it by number.
EPHEMERAL = Path("/proc/sys/net/ipv4/ip_local_port_range")
FIRST = 10_240
# Each process begins elsewhere, and goes on from there: two that run side by side don't meet.
_tried = itertools.count(os.getpid() * 97)


def free_port() -> int:
    """A port of this machine that nobody listens on, and that no connection is given before a server takes it.

    Raises:
        OSError: none is free.
    """
    try:
        end = int(EPHEMERAL.read_text(encoding="ascii").split()[0])
    except (OSError, ValueError):
        end = 32_768
    if end <= FIRST:
        return _any_port()
    for _ in range(end - FIRST):
        port = FIRST + next(_tried) % (end - FIRST)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise OSError("no port is free")


def _any_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
