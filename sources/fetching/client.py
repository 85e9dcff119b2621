"""The one polite HTTP client: https only, known hosts, limits, retries, no secret ever shown.

It retries what passes (429, 503, time-outs, broken connections), with jitter, and waits as long as
Retry-After says. Whatever else goes wrong is one `FetchError`.
"""

import json
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from typing import Any

import httpx2

from sources.fetching.retry import (
    MOST_RETRY_AFTER_SECONDS,
    Result,
    RetryPolicy,
    TransientError,
    retried,
    retry_after,
)
from sources.fetching.transport import Secrets, Transport, user_agent
from sources.reading.catalog import LiveAccess
from sources.reading.errors import FetchError

MOST_REDIRECTS = 5
MOST_DOCUMENT_BYTES = 1 << 26
TOO_MANY, UNAVAILABLE = 429, 503
REDIRECTS = {301, 302, 303, 307, 308}
REFUSED, GONE, SERVER_FAULT = {401, 403}, {404, 410}, 500
# Of an address that can't be read; the second of names of hosts.
ADDRESS_FAULTS = (httpx2.InvalidURL, ValueError, TypeError)
MOST_SHOWN = 300

Params = Mapping[str, str]


def _with_params(url: str, params: Params | None) -> httpx2.URL:
    return httpx2.URL(url, params=dict(params)) if params else httpx2.URL(url)


class Client:
    """Asks the hosts of one source. Use it in a `with` block."""

    def __init__(
        self,
        source_id: str,
        access: LiveAccess,
        *,
        secrets: Mapping[str, Secrets] | None = None,
        retry_policy: RetryPolicy | None = None,
        quota_error: Callable[[bytes], str] = lambda _body: "",
    ) -> None:
        """Open no connection yet.

        Args:
            quota_error: what a refusal says of a used-up quota, in the publisher's words; empty where it
                says nothing of one.
        """
        self._quota_error = quota_error
        self.source_id = source_id
        self.access = access
        self.retry_policy = retry_policy or RetryPolicy()
        self._secrets = dict(secrets or {})
        self._last_request = 0.0
        self._ends = time.monotonic() + self.retry_policy.whole_seconds
        transport = Transport(self._secrets)
        self._pause = 0.0 if transport.is_mirrored else access.seconds_between_requests
        self._http = httpx2.Client(
            transport=transport,
            headers={"User-Agent": user_agent()},
            timeout=httpx2.Timeout(
                self.retry_policy.read_seconds, connect=self.retry_policy.connect_seconds
            ),
            follow_redirects=False,
        )

    def __enter__(self) -> "Client":
        """The client itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close every connection."""
        self._http.close()

    def json(
        self,
        url: str,
        params: Params | None = None,
        *,
        numbers_as_text: bool = False,
        most_bytes: int | None = None,
    ) -> Any:
        """A JSON document.

        Args:
            numbers_as_text: every number stays the digits that were sent.
            most_bytes: where it may be larger than documents usually are.

        Raises:
            FetchError: it could not be had, or is no JSON.
        """
        where = self.shown(url, params)

        def ask() -> Any:
            with self.response(url, params) as response:
                content = b"".join(self.body(response, most_bytes or MOST_DOCUMENT_BYTES, where))
                kind = response.headers.get("content-type", "")
            try:
                if "json" not in kind:
                    raise ValueError(f"content type {kind!r}")
                number = str if numbers_as_text else None
                return json.loads(content, parse_float=number, parse_int=number)
            # The latter of a document that is nested without end.
            except (ValueError, RecursionError) as error:
                raise self.error(
                    problem="the publisher sent something else than JSON",
                    where=where,
                    expected="a JSON document",
                    got=f"{error}; it begins with {self.beginning(content)!r}",
                    next_step="open the address; an error page passes, a changed API must be followed in sources/",
                    is_transient=True,
                ) from None

        return self.with_retries(ask, where)

    def with_retries(
        self,
        attempt: Callable[[], Result],
        where: str,
        made_progress: Callable[[], bool] = lambda: False,
    ) -> Result:
        """Result of the attempt, made again while it fails for the moment.

        Args:
            made_progress: whether anything arrived since the last failure; then the count of attempts begins anew.

        Raises:
            FetchError: it failed once too often, or the publisher asks to wait longer than we do.
        """
        try:
            return retried(attempt, self.retry_policy, where, made_progress)
        except TransientError as error:
            wait_seconds = error.retry_after or 0
            raise self.error(
                problem="the publisher can't be reached, or is too busy",
                where=where,
                expected=f"an answer within {self.retry_policy.attempts} attempts",
                got=f"{error}"
                + (
                    f", come back in {wait_seconds:,.0f} s"
                    if wait_seconds > MOST_RETRY_AFTER_SECONDS
                    else ""
                ),
                next_step="nothing to mend: run it again later; if it stays so, look at the address in a browser",
                is_transient=True,
            ) from None

    @contextmanager
    def response(
        self,
        url: str,
        params: Params | None = None,
        headers: Mapping[str, str] | None = None,
        accepted: frozenset[int] = frozenset({200}),
    ) -> Iterator[httpx2.Response]:
        """One attempt: the response, its body unread, redirects within the allowed hosts followed.

        Raises:
            TransientError: 429, 503, a time-out, a broken connection; also from within the block.
            FetchError: any other status, an address that is not allowed.
        """
        where = self.shown(url, params)
        asked = self._address(where, lambda: _with_params(url, params))
        try:
            for _ in range(MOST_REDIRECTS + 1):
                self._refuse_address(asked, where)
                self._keep_pace()
                self._refuse_late(where)
                # No compression of what is compressed already: ranges and sizes are those of the file.
                request = self._http.build_request(
                    "GET", asked, headers={"Accept-Encoding": "identity", **(headers or {})}
                )
                response = self._http.send(request, stream=True)
                try:
                    location = response.headers.get("location")
                    if response.status_code in REDIRECTS and location:
                        asked = self._address(where, partial(response.url.join, location))
                        continue
                    self._refuse_status(response, where, accepted)
                    yield response
                    return
                finally:
                    response.close()
        except httpx2.TimeoutException:
            raise TransientError("a time-out") from None
        except httpx2.LocalProtocolError:
            # Its text quotes the header that can't be sent: a key, perhaps.
            raise self.error(
                problem="our own request can't be sent",
                where=where,
                expected="headers of printable ASCII, in one line each",
                got="one that HTTP does not allow (not shown: it may be a key)",
                next_step="look at the keys and at CHOKEPOINT_CONTACT in the environment",
                is_transient=False,
            ) from None
        except httpx2.DecodingError:
            raise TransientError("an answer whose packing is damaged") from None
        except httpx2.TransportError as error:
            if "CERTIFICATE_VERIFY_FAILED" in str(error):
                raise self.error(
                    problem="the publisher's certificate is not one we trust",
                    where=where,
                    expected="a certificate for this host, signed by a known authority",
                    got=self._hidden(str(error)),
                    next_step="behind a company's proxy name its CA in SSL_CERT_FILE; otherwise don't go on",
                    is_transient=False,
                ) from None
            got = self._hidden(str(error)) or type(error).__name__
            raise TransientError(f"a broken connection ({got})") from None
        raise self.error(
            problem="the publisher redirects without end",
            where=where,
            expected=f"at most {MOST_REDIRECTS} redirects",
            got=f"one more, to {self.shown(str(asked))}",
            next_step="open the address in a browser and correct it in source.yml",
            is_transient=False,
        )

    def body(
        self,
        response: httpx2.Response,
        most_bytes: int,
        where: str,
        ends: float | None = None,
    ) -> Iterator[bytes]:
        """The body in pieces as they arrive, unpacked where a server packs what was asked for plain.

        Args:
            ends: on the monotonic clock, where the limit of the whole began before this request.

        Raises:
            FetchError: it is larger than `most_bytes`, or takes longer than the whole may.
        """
        ends = ends or self.ends()
        length = response.headers.get("content-length") or ""
        announced = int(length) if length.isdecimal() and length.isascii() else 0
        got = 0
        if announced > most_bytes:
            raise self._too_large(where, most_bytes, announced)
        for piece in response.iter_bytes():
            got += len(piece)
            if got > most_bytes:
                raise self._too_large(where, most_bytes, got)
            yield piece
            self.refuse_too_long(ends, where)
            self._refuse_late(where)

    def ends(self) -> float:
        """When what begins now must be done, on the monotonic clock."""
        return time.monotonic() + self.access.whole_minutes * 60

    def refuse_too_long(self, ends: float, where: str) -> None:
        """Give up what takes longer than the whole may; a download goes on from there in the next run.

        Raises:
            FetchError: the time is over.
        """
        if time.monotonic() > ends:
            raise self.error(
                problem="the publisher takes too long",
                where=where,
                expected=f"the whole within {self.access.whole_minutes:g} minutes",
                got="not whole by then",
                next_step=(
                    "run it again: a download goes on where it stopped; if it is always so, raise "
                    f"live.whole_minutes in sources/{self.source_id}/source.yml"
                ),
                is_transient=True,
            )

    def _refuse_late(self, where: str) -> None:
        """Give up an errand that has its time, before Dagster ends the sensor that is on it."""
        if time.monotonic() > self._ends:
            raise self.error(
                problem="the publisher takes too long",
                where=where,
                expected=f"all answers within {self.retry_policy.whole_seconds:g} s",
                got="not all by then",
                next_step="nothing to mend: it is asked again by itself; if it stays so, look at the address",
                is_transient=True,
            )

    def error(self, *, where: str, got: str, **details: Any) -> FetchError:
        """A `FetchError` of this source, in its other parts, without secrets."""
        where, got = self._hidden(where), self._hidden(got)
        return FetchError(source=self.source_id, where=where, got=got, **details)

    def shown(self, url: str, params: Params | None = None) -> str:
        """The address for people. Secrets are not in it: they are added further down."""
        try:
            return self._hidden(str(_with_params(url, params).copy_with(userinfo=b"")))
        except ADDRESS_FAULTS:
            return self._hidden(repr(url)[:MOST_SHOWN])

    def _address(self, where: str, read: Callable[[], httpx2.URL]) -> httpx2.URL:
        """An address as it was listed, or as a redirect names it.

        Raises:
            FetchError: it is none.
        """
        try:
            return read()
        except ADDRESS_FAULTS as error:
            raise self.error(
                problem="an address that cannot be asked",
                where=where,
                expected="a listed address, or one that a redirect names, that can be asked",
                got=f"{type(error).__name__}: {error}"[:MOST_SHOWN],
                next_step="look at the listing or the page in a browser; if it stays so, write to the publisher",
                is_transient=True,
            ) from None

    def beginning(self, content: bytes) -> str:
        """The first words of what was sent, without secrets: hidden before it is cut, or half a key stays."""
        return self._hidden(content[:4_000].decode("utf-8", "replace"))[:60]

    def _hidden(self, text: str) -> str:
        for secrets in self._secrets.values():
            text = secrets.hidden(text)
        return text

    def _keep_pace(self) -> None:
        due = self._last_request + self._pause - time.monotonic()
        if self._last_request and due > 0:
            self.retry_policy.sleep(due)
        self._last_request = time.monotonic()

    def _refuse_address(self, url: httpx2.URL, where: str) -> None:
        port_of_https = url.port in (None, 443)
        if url.scheme != "https" or url.host not in self.access.hosts or not port_of_https:
            raise self.error(
                problem="an address outside the source's allow-list",
                where=where,
                expected=f"https on one of: {', '.join(self.access.hosts) or 'no host'}",
                got=self.shown(str(url.copy_with(query=None))),
                next_step=(
                    f"if the publisher really moved, add the host to live.hosts in sources/{self.source_id}/source.yml"
                ),
                is_transient=False,
            )

    def _refuse_status(
        self, response: httpx2.Response, where: str, accepted: frozenset[int]
    ) -> None:
        status = response.status_code
        if status in accepted:
            return
        if status in (TOO_MANY, UNAVAILABLE):
            raise TransientError(
                f"status {status}", retry_after(response.headers.get("retry-after"))
            )
        next_step, passes = "open the address in a browser", status >= SERVER_FAULT
        got = f"status {status} {response.reason_phrase}"
        if status in REFUSED:
            next_step = "a key is missing or wrong, or the publisher shuts us out: see docs/operate.md, part live"
            if quota := self._quota_error(
                b"".join(self.body(response, MOST_DOCUMENT_BYTES, where))
            ):
                next_step, passes = "nothing to mend: the quota fills up again by itself", True
                got += f": {quota}"
        elif status in GONE:
            next_step = (
                f"the file moved: correct the address in sources/{self.source_id}/source.yml"
            )
        elif status >= SERVER_FAULT:
            next_step = "a fault of the publisher's: run it again later"
        raise self.error(
            problem="the publisher refused",
            where=where,
            expected=f"status {', '.join(str(code) for code in sorted(accepted))}",
            got=got,
            next_step=next_step,
            is_transient=passes,
        )

    def _too_large(self, where: str, most_bytes: int, got: int) -> FetchError:
        return self.error(
            problem="the publisher sends more than we take",
            where=where,
            expected=f"at most {most_bytes:,} bytes",
            got=f"{got:,} bytes",
            next_step=(
                "look at what is sent; if it really grew, raise largest_file_mb: of `live` in "
                f"sources/{self.source_id}/source.yml, or of ACCESS in the code beside it"
            ),
            is_transient=False,
        )
