"""Dagster's webserver behind a guard: a page of the web can neither start, stop nor delete anything.

The UI has no password, and a browser sends any page's requests to loopback. So a request must name this server as
its host, and must not come from a page of another one; GraphQL is asked by POST alone.
"""

import os
import sys
from collections.abc import Awaitable, Callable, Iterable
from typing import Any
from urllib.parse import urlsplit

ASGI = Callable[[dict[str, Any], Any, Any], Awaitable[None]]
HOSTS_VARIABLE = "CHOKEPOINT_UI_HOSTS"
LOOPBACK = ("127.0.0.1", "localhost", "::1")
POLICY_VIOLATION = 1008
REFUSED = 403


def allowed_hosts() -> frozenset[str]:
    """Names under which the UI may be opened: loopback, and those of CHOKEPOINT_UI_HOSTS (by commas)."""
    named = os.environ.get("CHOKEPOINT_UI_HOSTS", "").split(",")
    return frozenset([*LOOPBACK, *(name.strip().lower() for name in named if name.strip())])


def refusal(scope: dict[str, Any], hosts: Iterable[str]) -> str | None:
    """Why a request is refused, for a person; None where it may pass.

    `scope` is that of ASGI, `hosts` the names of this server, without ports.
    """
    headers = {name.lower(): value.decode("latin-1") for name, value in scope["headers"]}
    host = headers.get(b"host", "")
    if _name_of(f"//{host}") not in hosts:
        return f"The host {host!r} is not this server's. Set {HOSTS_VARIABLE} if it is its name behind a proxy."
    origin = headers.get(b"origin")
    if origin is not None and not _is_own(origin, host, hosts):
        return f"The page {origin!r} may not ask this server."
    is_graphql = scope["path"].rstrip("/").endswith("/graphql")
    is_opened = headers.get(b"sec-fetch-mode") == "navigate" and not is_graphql
    if headers.get(b"sec-fetch-site") in {"cross-site", "same-site"} and not is_opened:
        return "Another page may not ask this server."
    if is_graphql and scope.get("method", "POST") != "POST" and scope["query_string"]:
        return "GraphQL is asked by POST."
    return None


def _is_own(origin: str, host: str, hosts: Iterable[str]) -> bool:
    """Whether a page of this origin is one of this server's: on loopback another port is another server."""
    name = _name_of(origin)
    if name in LOOPBACK:
        return _port_of(origin) == _port_of(f"//{host}")
    return name in hosts


def _name_of(address: str) -> str:
    try:
        return (urlsplit(address).hostname or "").lower()
    except ValueError:
        return ""


def _port_of(address: str) -> int | None:
    """The port as written; None where none is."""
    try:
        return urlsplit(address).port
    except ValueError:
        return -1


class Guard:
    """An ASGI application that refuses what `refusal` says, and passes on the rest."""

    def __init__(self, app: ASGI, hosts: Iterable[str] | None = None) -> None:
        self.app = app
        self.hosts = allowed_hosts() if hosts is None else frozenset(hosts)

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        """Answer one request or WebSocket."""
        if scope["type"] not in {"http", "websocket"}:
            await self.app(scope, receive, send)
            return
        reason = refusal(scope, self.hosts)
        if reason is None:
            await self.app(scope, receive, send)
        elif scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close", "code": POLICY_VIOLATION})
        else:
            headers = [(b"content-type", b"text/plain; charset=utf-8")]
            await send({"type": "http.response.start", "status": REFUSED, "headers": headers})
            await send({"type": "http.response.body", "body": f"{reason}\n".encode()})


def main() -> None:
    """Run `dagster-webserver` with its own options, behind the guard."""
    from dagster_webserver import cli
    from dagster_webserver.app import create_app_from_workspace_process_context as create_app

    def create_guarded_app(*arguments: Any, **options: Any) -> Guard:
        return Guard(create_app(*arguments, **options))

    # By this name the command makes its application, here alone.
    cli.__dict__[create_app.__name__] = create_guarded_app
    sys.argv[0] = "dagster-webserver"
    cli.main()


if __name__ == "__main__":
    main()
