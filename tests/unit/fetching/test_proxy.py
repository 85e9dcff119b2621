"""Through a company's proxy: a tunnel, TLS checked at its far end, NO_PROXY heeded."""

import socket
import threading
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from fetch_hosts import ACCESS, HOST

from sources.fetching.client import Client
from sources.fetching.retry import RetryPolicy
from sources.fetching.transport import Transport
from sources.reading.errors import FetchError
from tests.mirror.server import Mirror, running

URL = f"https://{HOST}/catalog/item"


def _pump(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while piece := source.recv(1 << 16):
            target.sendall(piece)
        target.shutdown(socket.SHUT_WR)


@contextmanager
def tunnel(to: str) -> Iterator[tuple[str, list[str]]]:
    """A proxy that knows CONNECT only, and leads everywhere to one address. Its address, and what it was asked."""
    asked: list[str] = []
    host, _, port = to.partition(":")
    listening = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        with suppress(OSError):
            while True:
                near, _ = listening.accept()
                asked.append(near.recv(1 << 16).split(b"\r\n")[0].decode())
                far = socket.create_connection((host, int(port)))
                near.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
                for pair in ((near, far), (far, near)):
                    threading.Thread(target=_pump, args=pair, daemon=True).start()

    threading.Thread(target=serve, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}", asked
    finally:
        listening.close()


@pytest.fixture
def mirror(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Mirror]:
    """A mirror that is trusted and reached only through the proxy."""
    with running({HOST}, tmp_path) as (server, environment):
        monkeypatch.setenv("SSL_CERT_FILE", environment["SSL_CERT_FILE"])
        monkeypatch.delenv("CHOKEPOINT_TEST_MIRROR", raising=False)
        for name in ("NO_PROXY", "no_proxy", "https_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.delenv(name, raising=False)
        yield server


def test_a_proxy_is_a_tunnel(mirror: Mirror, monkeypatch: pytest.MonkeyPatch) -> None:
    mirror.put_json(URL, 3)
    with tunnel(mirror.address) as (proxy, asked):
        monkeypatch.setenv("HTTPS_PROXY", proxy)
        with Client("a_source", ACCESS, retry_policy=RetryPolicy(attempts=1)) as client:
            assert client.json(URL) == 3
    assert asked == [f"CONNECT {HOST}:443 HTTP/1.1"]
    assert [seen.host for seen in mirror.seen] == [HOST]


def test_no_proxy_is_heeded(monkeypatch: pytest.MonkeyPatch, mirror: Mirror) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.test:3128")
    monkeypatch.setenv("NO_PROXY", ".publisher.test")
    transport = Transport({})
    assert transport._proxy("www.publisher.test") is None
    assert transport._proxy("www.other.test") == "http://proxy.test:3128"


@pytest.mark.parametrize(
    "proxy",
    [
        "user:marked-PASS@proxy.test:3128",
        "http://user:p#marked-PASS@proxy.test:3128",
        "http://user:marked-PASS#x@proxy.test:3128",
        "socks5://user:marked-PASS@proxy.test:1080",
    ],
)
def test_a_proxy_that_cannot_be_used_keeps_its_password(
    mirror: Mirror, monkeypatch: pytest.MonkeyPatch, proxy: str
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", proxy)
    with (
        Client("a_source", ACCESS, retry_policy=RetryPolicy(attempts=1)) as client,
        pytest.raises(FetchError, match="HTTPS_PROXY can't be used") as told,
    ):
        client.json(URL)
    assert not told.value.is_transient
    shown = "".join(traceback.format_exception(told.value))
    assert "marked" not in shown + repr(vars(told.value))
