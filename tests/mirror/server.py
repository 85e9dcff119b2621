"""The server: HTTP/1.1 over TLS on loopback, in a thread; every host of the publishers at once.

A client reaches it through CHOKEPOINT_TEST_MIRROR and trusts it through SSL_CERT_FILE: the certificate
is checked for the publisher's own host name. Faults are queued per path and happen in order.
"""

import hashlib
import http.server
import json
import ssl
import threading
import time
from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email.utils import formatdate
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import trustme

PIECE = 1 << 14
TYPES = {
    ".csv": "text/csv",
    ".zip": "application/zip",
    ".json": "application/json",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
PAGE = b"<!DOCTYPE html>\n<html><head><title>We'll be back soon</title></head></html>"


@dataclass(frozen=True)
class Answer:
    """What stands at an address."""

    body: bytes
    content_type: str = "application/octet-stream"
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def etag(self) -> str:
        return f'"{hashlib.sha256(self.body).hexdigest()[:16]}"'


@dataclass(frozen=True)
class Fault:
    """One bad answer in place of the good one, or a good one that goes wrong on the way.

    `stall_after` and `cut_after` count bytes of the body: then nothing more comes, or the line breaks.
    """

    status: int | None = None
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes | None = None
    content_type: str | None = None
    stall_after: int | None = None
    cut_after: int | None = None
    ignores_range: bool = False
    drip_seconds: float = 0.0
    without_length: bool = False


BUSY = Fault(status=429, headers={"Retry-After": "7"}, body=b"slow down")
DOWN = Fault(status=503, body=b"down for maintenance")


@dataclass
class Seen:
    """One request, and how many bytes of a body were sent for it."""

    host: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    status: int = 0
    body_bytes: int = 0


Maker = Callable[[dict[str, str], dict[str, str]], Answer]


class Mirror:
    """The publishers' addresses, what happened at them, and what shall go wrong."""

    def __init__(self) -> None:
        self.seen: list[Seen] = []
        self.closing = threading.Event()
        self._answers: dict[tuple[str, str], Answer | Maker] = {}
        self._faults: dict[tuple[str, str], deque[Fault]] = defaultdict(deque)
        self._always: dict[tuple[str, str], Fault] = {}
        self._lock = threading.Lock()
        self.address = ""

    def put(self, url: str, answer: Answer | Maker) -> None:
        """What stands at an address from now on (of the query only a `Maker` takes notice)."""
        self._answers[_key(url)] = answer

    def put_file(self, url: str, content: bytes, name: str | None = None) -> None:
        """A file, with the content type of its suffix."""
        suffix = Path(name or urlsplit(url).path).suffix.lower()
        self.put(url, Answer(content, TYPES.get(suffix, "application/octet-stream")))

    def put_json(self, url: str, content: object) -> None:
        """A JSON document."""
        self.put(url, Answer(json.dumps(content).encode(), "application/json"))

    def fail(self, url: str, *faults: Fault, always: Fault | None = None) -> None:
        """What goes wrong at an address, request by request; `always` from then on."""
        self._faults[_key(url)].extend(faults)
        if always:
            self._always[_key(url)] = always

    def mend(self) -> None:
        """Nothing goes wrong any more."""
        self._faults.clear()
        self._always.clear()

    def requests(self, url: str | None = None) -> list[Seen]:
        """Requests so far, of one address or of all."""
        return [item for item in self.seen if url is None or (item.host, item.path) == _key(url)]

    def take(self, host: str, path: str) -> tuple[Answer | Maker | None, Fault | None]:
        """For the server: what stands there, and what goes wrong now."""
        key = (host, path)
        with self._lock:
            queued = self._faults[key]
            fault = queued.popleft() if queued else self._always.get(key)
        return self._answers.get(key), fault


def _key(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.netloc, parts.path


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    mirror: Mirror

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Nothing: the mirror keeps `seen`."""

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        host = self.headers.get("Host", "").partition(":")[0]
        query = dict(parse_qsl(parts.query))
        seen = Seen(host, parts.path, query, {k.lower(): v for k, v in self.headers.items()})
        self.mirror.seen.append(seen)
        found, fault = self.mirror.take(host, parts.path)
        answer = found(query, seen.headers) if callable(found) else found
        if answer is None:
            answer = Answer(b"no such address", "text/plain", 404)
        fault = fault or Fault()
        if fault.status or fault.body is not None or fault.content_type:
            answer = Answer(
                answer.body if fault.body is None else fault.body,
                fault.content_type or ("text/plain" if fault.status else answer.content_type),
                fault.status or answer.status,
                fault.headers,
            )
        with suppress(ConnectionError, ssl.SSLError, TimeoutError):
            self._send(seen, answer, fault)

    def _send(self, seen: Seen, answer: Answer, fault: Fault) -> None:
        body, status = answer.body, answer.status
        headers = {
            "Content-Type": answer.content_type,
            "ETag": answer.etag,
            "Last-Modified": formatdate(1_770_000_000, usegmt=True),
            "Accept-Ranges": "bytes",
            **answer.headers,
        }
        asked = seen.headers.get("range", "")
        if status == 200 and seen.headers.get("if-none-match") == answer.etag and not asked:
            status, body = 304, b""
        is_same = seen.headers.get("if-range", answer.etag) == answer.etag
        if status == 200 and asked.startswith("bytes=") and is_same and not fault.ignores_range:
            start = int(asked.removeprefix("bytes=").rstrip("-"))
            total = len(body)
            status, body = (206, body[start:]) if start < total else (416, b"")
            told = f"bytes {start}-{total - 1}/{total}" if body else f"bytes */{total}"
            headers["Content-Range"] = told
        seen.status = status
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        if fault.without_length:
            self.send_header("Connection", "close")
            self.close_connection = True
        else:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self._pour(seen, body, fault)

    def _pour(self, seen: Seen, body: bytes, fault: Fault) -> None:
        ends = fault.stall_after if fault.stall_after is not None else fault.cut_after
        whole = body if ends is None else body[:ends]
        for start in range(0, len(whole), PIECE):
            piece = whole[start : start + PIECE]
            # Counted first: who has read it to the end may count at once.
            seen.body_bytes += len(piece)
            self.wfile.write(piece)
            if fault.drip_seconds:
                time.sleep(fault.drip_seconds)
        self.wfile.flush()
        if fault.stall_after is not None:
            self.mirror.closing.wait(20)
        if ends is not None:
            self.close_connection = True


class _Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 64

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that goes away, or trusts us not, is what many tests are about."""


@contextmanager
def running(hosts: Iterable[str], folder: Path) -> Iterator[tuple[Mirror, dict[str, str]]]:
    """A mirror of these hosts, and the environment of a client that reaches and trusts it."""
    authority = trustme.CA()
    ca_file = folder / "mirror-ca.pem"
    authority.cert_pem.write_to_path(str(ca_file))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(*sorted(hosts)).configure_cert(context)
    mirror = Mirror()
    handler = type("Handler", (_Handler,), {"mirror": mirror})
    server = _Server(("127.0.0.1", 0), handler)
    server.socket = context.wrap_socket(
        server.socket, server_side=True, do_handshake_on_connect=False
    )
    mirror.address = f"127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield mirror, {"CHOKEPOINT_TEST_MIRROR": mirror.address, "SSL_CERT_FILE": str(ca_file)}
    finally:
        mirror.closing.set()
        server.shutdown()
        server.server_close()
        thread.join(5)
