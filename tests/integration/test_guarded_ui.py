"""Nobody else drives the UI: pages of the web, other hosts' names and forged requests are refused, its own pages are not."""

import asyncio
import functools
import http.server
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from playwright.sync_api import Browser

from dagster_project.operations.guarded_webserver import Guard, refusal

OWN = {"host": "127.0.0.1:3000"}
HOSTS = {"127.0.0.1", "localhost", "::1", "ui.example.org"}


def asked(
    headers: dict[str, str], path: str = "/graphql", method: str = "POST", query: str = ""
) -> str | None:
    encoded = [(name.encode(), value.encode()) for name, value in headers.items()]
    scope = {"type": "http", "method": method, "path": path, "headers": encoded}
    return refusal({**scope, "query_string": query.encode()}, HOSTS)


@pytest.mark.parametrize(
    ("headers", "path", "method", "query"),
    [
        (OWN, "/graphql", "POST", ""),
        ({"host": "localhost:3000", "origin": "http://localhost:3000"}, "/graphql", "POST", ""),
        ({"host": "[::1]:3000", "origin": "http://[::1]:3000"}, "/graphql", "POST", ""),
        ({**OWN, "origin": "http://127.0.0.1:3000", "sec-fetch-site": "same-origin"}, "/graphql", "POST", ""),
        ({**OWN, "sec-fetch-site": "none", "sec-fetch-mode": "navigate"}, "/runs", "GET", "a=b"),
        # A link on another page opens the UI.
        ({**OWN, "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate"}, "/runs/1", "GET", ""),
        # Behind a proxy, which may pass on its own name or not.
        ({"host": "ui.example.org", "origin": "https://ui.example.org"}, "/graphql", "POST", ""),
        ({**OWN, "origin": "https://ui.example.org"}, "/graphql", "POST", ""),
        (OWN, "/report_asset_check/a/b", "POST", ""),
        # The page where a person writes GraphQL.
        (OWN, "/graphql", "GET", ""),
    ],
)  # fmt: skip
def test_its_own_pages_and_programs_pass(
    headers: dict[str, str], path: str, method: str, query: str
) -> None:
    assert asked(headers, path, method, query) is None


@pytest.mark.parametrize(
    ("headers", "path", "method", "query", "told"),
    [
        # DNS rebinding: the browser thinks that it asks its own host.
        ({"host": "evil.example:3000"}, "/", "GET", "", "evil.example:3000"),
        ({"host": "127.0.0.1.evil.example"}, "/", "GET", "", "not this server's"),
        ({}, "/", "GET", "", "not this server's"),
        ({"host": "[::1"}, "/", "GET", "", "not this server's"),
        ({**OWN, "origin": "https://evil.example"}, "/graphql", "POST", "", "may not ask"),
        ({**OWN, "origin": "null"}, "/graphql", "POST", "", "may not ask"),
        ({**OWN, "origin": "http://127.0.0.1:8000"}, "/report_asset_check/a/b", "POST", "", "may not ask"),
        ({**OWN, "origin": "http://127.0.0.1:70000"}, "/graphql", "POST", "", "may not ask"),
        ({**OWN, "sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors"}, "/logs/1", "GET", "", "Another page"),
        ({**OWN, "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate"}, "/graphql", "GET", "", "Another page"),
        # An old browser says nothing of where an image stands.
        (OWN, "/graphql", "GET", "query=mutation{x}", "by POST"),
        (OWN, "/graphql/", "HEAD", "query=mutation{x}", "by POST"),
    ],
)  # fmt: skip
def test_all_others_are_refused_with_the_reason(
    headers: dict[str, str], path: str, method: str, query: str, told: str
) -> None:
    assert told in (asked(headers, path, method, query) or "")


def test_hosts_of_the_environment_are_names_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHOKEPOINT_UI_HOSTS", "UI.example.org, ,other.example")
    assert Guard(_never).hosts == {
        "127.0.0.1",
        "localhost",
        "::1",
        "ui.example.org",
        "other.example",
    }


async def _never(scope: dict[str, Any], receive: Any, send: Any) -> None:
    raise AssertionError(scope)


class _Recorder:
    """In place of Dagster: whatever gets here would have been done."""

    def __init__(self) -> None:
        self.reached: list[tuple[str, str, str]] = []

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            return
        self.reached.append((scope["type"], scope.get("method", ""), scope["path"]))
        if scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.accept", "subprotocol": "graphql-ws"})
            await send({"type": "websocket.close", "code": 1000})
            return
        headers = [(b"content-type", b"text/html")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b"<title>UI</title>"})


@contextmanager
def _served(guard: Guard) -> Iterator[str]:
    """The guard's address, on a port of its own."""
    # Bound here, and handed on: nobody else can take the port in between.
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    port = int(listening.getsockname()[1])
    config = uvicorn.Config(guard, port=port, lifespan="off", log_level="error")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=lambda: asyncio.run(server.serve([listening])))
    thread.start()
    while not server.started:
        threading.Event().wait(0.01)
    try:
        yield f"127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join()
        listening.close()


@pytest.fixture
def ui() -> Iterator[tuple[str, _Recorder]]:
    """The guard before a recorder."""
    recorder = _Recorder()
    with _served(Guard(recorder)) as address:
        yield address, recorder


ATTACK = """<script>
const ui = 'UI_ADDRESS', done = [];
const settled = (name, promise) => done.push(promise.then(() => name, () => name));
for (const method of ['GET', 'POST'])
  settled(method, fetch(`http://${ui}/graphql?query=mutation{x}`, {method, mode: 'no-cors'}));
settled('report', fetch(`http://${ui}/report_asset_check/a/b`, {method: 'POST', mode: 'no-cors', body: '{}'}));
settled('image', new Promise(ended => {
  const image = new Image(); image.onload = image.onerror = ended;
  image.src = `http://${ui}/graphql?query=mutation{x}`; }));
settled('form', new Promise(ended => {
  document.write(`<iframe name=f></iframe><form target=f method=post action="http://${ui}/graphql"></form>`);
  document.querySelector('iframe').onload = ended; document.forms[0].submit(); }));
settled('socket', new Promise(ended => {
  const socket = new WebSocket(`ws://${ui}/graphql`, 'graphql-ws'); socket.onclose = ended; }));
Promise.all(done).then(names => { document.title = names.join(); });
</script>"""


@pytest.mark.slow
def test_a_page_in_the_browser_reaches_nothing(
    ui: tuple[str, _Recorder], browser: Browser, tmp_path: Path
) -> None:
    address, recorder = ui
    (tmp_path / "index.html").write_text(ATTACK.replace("UI_ADDRESS", address), encoding="utf-8")
    handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=tmp_path)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as evil:
        threading.Thread(target=evil.serve_forever, args=(0.01,), daemon=True).start()
        page = browser.new_page()
        # The same machine under another name is another site.
        page.goto(f"http://localhost:{evil.server_address[1]}/index.html")
        page.wait_for_function("document.title.split(',').length === 6", timeout=120_000)
        assert recorder.reached == []
        # The UI's own page asks, and is answered.
        page.goto(f"http://{address}/runs")
        answer = page.evaluate(
            "async () => { const done = await fetch('/graphql', {method: 'POST', body: '{}'});"
            " const socket = new WebSocket(`ws://${location.host}/graphql`, 'graphql-ws');"
            " const closed = await new Promise(ended => { socket.onclose = ended; });"
            " return [done.status, closed.code]; }"
        )
        page.close()
        evil.shutdown()
    assert answer == [200, 1000]
    assert set(recorder.reached) == {
        ("http", "GET", "/runs"),
        ("http", "POST", "/graphql"),
        ("websocket", "", "/graphql"),
    } | {reached for reached in recorder.reached if reached[2] == "/favicon.ico"}


@pytest.mark.slow
def test_the_links_of_a_release_open_and_its_pages_ask_nothing(
    browser: Browser, tmp_path: Path
) -> None:
    """A page of a release has the UI's origin: were it to ask, it would be answered."""
    folder = tmp_path / "published" / "2026.1.1"
    folder.mkdir(parents=True)
    script = "fetch('/graphql', {method: 'POST'}).then(() => 'reached', () => 'refused')"
    page_text = f"<script>{script}.then(said => {{ document.title = said; }})</script>"
    (folder / "atlas.html").write_text(page_text, encoding="utf-8")
    (folder / "RELEASE_NOTES.md").write_text("# Notes", encoding="utf-8")
    (tmp_path / "secret").write_text("key", encoding="utf-8")
    recorder = _Recorder()
    with _served(Guard(recorder, published=tmp_path / "published")) as address:
        page = browser.new_page()
        page.goto(f"http://{address}/release/2026.1.1/atlas.html")
        page.wait_for_function("document.title === 'refused'")
        page.goto(f"http://{address}/release/2026.1.1/RELEASE_NOTES.md")
        assert page.inner_text("body") == "# Notes"
        statuses = [
            page.request.fetch(f"http://{address}/release/{path}", method=method).status
            for method, path in [
                ("GET", "2026.1.1/none.html"),
                ("POST", "2026.1.1/atlas.html"),
                ("GET", "..%2f..%2fsecret"),
                ("GET", "2026.1.1/..%2f..%2f..%2fsecret"),
            ]
        ]
        evil = {"origin": "http://evil.example"}
        refused = page.request.get(f"http://{address}/release/2026.1.1/atlas.html", headers=evil)
        page.close()
    assert statuses == [404, 405, 404, 404]
    assert refused.status == 403
    assert {reached[2] for reached in recorder.reached} <= {"/favicon.ico"}
