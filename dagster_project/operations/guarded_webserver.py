"""Dagster's webserver behind a guard: a page of the web can neither start, stop nor delete anything.

The UI has no password, and a browser sends any page's requests to loopback. So a request must name this server as
its host, and must not come from a page of another one; GraphQL is asked by POST alone.

Below `/release/` lie the published releases, so that the UI's links to atlas, notes and dictionary open.
"""

import os
import sys
from collections.abc import Awaitable, Callable, Iterable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from dagster_project.settings import load_settings

ASGI = Callable[[dict[str, Any], Any, Any], Awaitable[None]]
HOSTS_VARIABLE = "CHOKEPOINT_UI_HOSTS"
LOOPBACK = ("127.0.0.1", "localhost", "::1")
RELEASES = "/release"
# A page of a release has the origin of the UI: whatever stands in it, it may ask nothing.
ASKS_NOTHING = {"Content-Security-Policy": "connect-src 'none'; form-action 'none'"}
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
    """An ASGI application that refuses what `refusal` says, shows releases, and passes on the rest."""

    def __init__(
        self, app: ASGI, hosts: Iterable[str] | None = None, published: Path | None = None
    ) -> None:
        self.app = app
        self.releases = None if published is None else _releases(published)
        self.hosts = allowed_hosts() if hosts is None else frozenset(hosts)

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        """Answer one request or WebSocket."""
        if scope["type"] not in {"http", "websocket"}:
            await self.app(scope, receive, send)
            return
        reason = refusal(scope, self.hosts)
        if reason is None:
            is_shown = scope["type"] == "http" and scope["path"].startswith(f"{RELEASES}/")
            app = self.releases if is_shown and self.releases is not None else self.app
            await app(scope, receive, send)
        elif scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close", "code": POLICY_VIOLATION})
        else:
            headers = [(b"content-type", b"text/plain; charset=utf-8")]
            await send({"type": "http.response.start", "status": REFUSED, "headers": headers})
            await send({"type": "http.response.body", "body": f"{reason}\n".encode()})


def _releases(published: Path) -> ASGI:
    """The files below the folder, to be read."""
    from starlette.applications import Starlette
    from starlette.responses import Response
    from starlette.routing import Mount
    from starlette.staticfiles import StaticFiles

    class Files(StaticFiles):
        def file_response(self, *arguments: Any, **options: Any) -> Response:
            response = super().file_response(*arguments, **options)
            response.headers.update(ASKS_NOTHING)
            # A browser would save it.
            if response.media_type == "text/markdown":
                response.headers["content-type"] = "text/plain; charset=utf-8"
            return response

    return Starlette(routes=[Mount(RELEASES, Files(directory=published, check_dir=False))])


def main() -> None:
    """Run `dagster-webserver` with its own options, behind the guard."""
    from dagster_webserver import cli
    from dagster_webserver.app import create_app_from_workspace_process_context as create_app

    def create_guarded_app(*arguments: Any, **options: Any) -> Guard:
        app = create_app(*arguments, **options)
        return Guard(app, published=load_settings().published)

    # By this name the command makes its application, here alone.
    cli.__dict__[create_app.__name__] = create_guarded_app
    sys.argv[0] = "dagster-webserver"
    cli.main()


if __name__ == "__main__":
    main()
