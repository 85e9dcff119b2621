"""Under the client: TLS, proxies, secrets that no request object ever carries, and the mirror of the tests.

TLS is verified always: no parameter and no variable here turns it off. A CA of one's own (a company's
proxy, the tests' mirror) is named by SSL_CERT_FILE, as everywhere.
"""

import ipaddress
import os
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.metadata import version
from urllib.request import getproxies, proxy_bypass

import httpx2
from pydantic import SecretStr

from sources.reading.errors import FetchError, without

MIRROR_VARIABLE = "CHOKEPOINT_TEST_MIRROR"


def user_agent() -> str:
    """Who asks. CHOKEPOINT_CONTACT adds whom a publisher may write to."""
    contact = os.environ.get("CHOKEPOINT_CONTACT")
    return f"chokepoint/{version('chokepoint')} (critical minerals data pipeline{f'; {contact}' if contact else ''})"


@dataclass(frozen=True)
class Secrets:
    """Headers and query parameters for one host and no other. Never shown."""

    headers: Mapping[str, SecretStr] = field(default_factory=dict)
    params: Mapping[str, SecretStr] = field(default_factory=dict)

    def hidden(self, text: str) -> str:
        """The text without any of these secrets, should a publisher send one back."""
        secrets = (*self.headers.values(), *self.params.values())
        return without(text, [secret.get_secret_value() for secret in secrets])


class Transport(httpx2.BaseTransport):
    """Sends a request on its way; secrets are added here, below whatever logs or keeps requests."""

    def __init__(self, secrets: Mapping[str, Secrets]) -> None:
        self._secrets = dict(secrets)
        self._mirror = mirror_address()
        self._tls: ssl.SSLContext | None = None
        self._ways: dict[str, httpx2.HTTPTransport] = {}

    @property
    def is_mirrored(self) -> bool:
        """Whether requests end at the tests' mirror on this machine."""
        return self._mirror is not None

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send it, with the secrets of its host."""
        host = request.url.host
        secrets = self._secrets.get(host, Secrets())
        url = request.url
        if secrets.params:
            url = url.copy_merge_params(
                {name: value.get_secret_value() for name, value in secrets.params.items()}
            )
        headers = httpx2.Headers(request.headers)
        headers.update({name: value.get_secret_value() for name, value in secrets.headers.items()})
        extensions = dict(request.extensions)
        if self._mirror is not None:
            # Another machine answers, under the publisher's name: its certificate must hold that name.
            address, port = self._mirror
            extensions["sni_hostname"] = host
            url = url.copy_with(host=address, port=port)
        sent = httpx2.Request(
            request.method, url, headers=headers, stream=request.stream, extensions=extensions
        )
        return self._transport_to(host).handle_request(sent)

    def _transport_to(self, host: str) -> httpx2.HTTPTransport:
        if host not in self._ways:
            if self._tls is None:
                self._tls = httpx2.create_ssl_context()
            try:
                way = httpx2.HTTPTransport(verify=self._tls, proxy=self._proxy(host))
            # Of an address without scheme, with a bare # in its password, of SOCKS: the text quotes it.
            except (ValueError, httpx2.InvalidURL, ImportError):
                raise FetchError(
                    source="fetch",
                    problem="HTTPS_PROXY can't be used",
                    where="environment: HTTPS_PROXY, or ALL_PROXY",
                    expected="http://user:password@host:port, signs like # or @ in a password as %23 or %40",
                    got="something else (not shown: it may hold a password)",
                    next_step="correct it in the environment of the service, and restart it",
                    is_transient=False,
                ) from None
            self._ways[host] = way
        return self._ways[host]

    def _proxy(self, host: str) -> str | None:
        if self._mirror is not None or proxy_bypass(host):
            return None
        proxies = getproxies()
        return proxies.get("https") or proxies.get("all")

    def close(self) -> None:
        """Close every connection."""
        for way in self._ways.values():
            way.close()


def mirror_address() -> tuple[str, int] | None:
    """Where the tests' mirror listens, if a test set it; on this machine only.

    Raises:
        ValueError: the variable names another machine.
    """
    value = os.environ.get(MIRROR_VARIABLE)
    if not value:
        return None
    host, _, port = value.rpartition(":")
    if not ipaddress.ip_address(host).is_loopback:
        raise ValueError(f"{MIRROR_VARIABLE} is for tests and must be a loopback address")
    return host, int(port)
