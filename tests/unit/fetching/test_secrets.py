"""A marked key reaches its host, and nothing else: no log, no error, no repr, no other host."""

import logging
import subprocess
import sys

import pytest
from fetch_hosts import ACCESS, HOST, OTHER_HOST
from pydantic import SecretStr

from dagster_project.operations.alerts import redacted
from sources.fetching.client import Client
from sources.fetching.retry import RetryPolicy
from sources.fetching.transport import Secrets
from sources.reading.errors import FetchError
from sources.un_comtrade import api
from tests.mirror.server import DOWN, Fault, Mirror

URL = f"https://{HOST}/data"
HEADER_KEY, QUERY_KEY = "marked-HEADER-7f3a", "marked-QUERY-91bc"
SECRETS = {
    HOST: Secrets(
        headers={"Ocp-Apim-Subscription-Key": SecretStr(HEADER_KEY)},
        params={"subscription-key": SecretStr(QUERY_KEY)},
    )
}


def assert_no_secret(text: str) -> None:
    assert HEADER_KEY not in text
    assert QUERY_KEY not in text


def test_both_keys_reach_their_host_and_no_log(
    mirror: Mirror, retry_policy: RetryPolicy, caplog: pytest.LogCaptureFixture
) -> None:
    mirror.put_json(URL, 1)
    mirror.fail(URL, DOWN, Fault(cut_after=0))
    caplog.set_level(logging.DEBUG)
    with Client("a_source", ACCESS, secrets=SECRETS, retry_policy=retry_policy) as client:
        client.json(URL, {"period": "2024"})
        assert_no_secret(repr(client) + repr(vars(client)))
    for seen in mirror.seen:
        assert seen.headers["ocp-apim-subscription-key"] == HEADER_KEY
        assert seen.query == {"period": "2024", "subscription-key": QUERY_KEY}
    # The libraries' own logs are among these, down to each header that is sent.
    assert any(record.name.startswith("httpcore2") for record in caplog.records)
    assert_no_secret(caplog.text)
    assert_no_secret(repr(SECRETS))


@pytest.mark.parametrize("status", [401, 404, 500, 503])
def test_no_error_shows_a_key(mirror: Mirror, retry_policy: RetryPolicy, status: int) -> None:
    mirror.fail(URL, always=Fault(status=status))
    with (
        Client("a_source", ACCESS, secrets=SECRETS, retry_policy=retry_policy) as client,
        pytest.raises(FetchError) as told,
    ):
        client.json(URL, {"period": "2024"})
    assert_no_secret(str(told.value) + repr(told.value) + repr(vars(told.value)))
    assert "period=2024" in told.value.where


def test_a_publisher_that_sends_the_key_back_does_not_get_it_shown(
    mirror: Mirror, retry_policy: RetryPolicy
) -> None:
    echo = Fault(body=f"no such key: {HEADER_KEY}".encode(), content_type="application/json")
    mirror.put_json(URL, 1)
    mirror.fail(URL, echo)
    with (
        Client("a_source", ACCESS, secrets=SECRETS, retry_policy=retry_policy) as client,
        pytest.raises(FetchError) as told,
    ):
        client.json(URL)
    assert "no such key: ***" in told.value.got
    assert_no_secret(str(told.value))


def test_a_redirect_takes_no_key_to_another_host(mirror: Mirror, retry_policy: RetryPolicy) -> None:
    there = f"https://{OTHER_HOST}/there"
    mirror.fail(URL, Fault(status=302, headers={"Location": there}))
    mirror.put_json(there, 1)
    with Client("a_source", ACCESS, secrets=SECRETS, retry_policy=retry_policy) as client:
        client.json(URL)
    [second] = mirror.requests(there)
    assert "ocp-apim-subscription-key" not in second.headers
    assert not second.query


def test_a_key_that_no_header_can_hold_is_not_shown(
    mirror: Mirror, retry_policy: RetryPolicy
) -> None:
    for key in (f"{HEADER_KEY}\n", f"{HEADER_KEY}\r\nX: y", f" \x07{HEADER_KEY}"):
        secrets = {HOST: Secrets(headers={"X-Key": SecretStr(key)})}
        with (
            Client("a_source", ACCESS, secrets=secrets, retry_policy=retry_policy) as client,
            pytest.raises(FetchError, match="our own request can't be sent") as told,
        ):
            client.json(URL)
        assert not told.value.is_transient
        assert_no_secret(str(told.value) + repr(vars(told.value)))
        assert_no_secret(
            secrets[HOST].hidden(f"Illegal header value {key.encode()!r}, {key.strip()}")
        )
    assert mirror.seen == []


def test_a_key_from_a_file_is_trimmed_and_a_broken_one_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv(api.KEY_VARIABLE, f"{HEADER_KEY}\n")
    [key] = api.secrets_of_environment()[api.HOST].headers.values()
    assert key.get_secret_value() == HEADER_KEY
    assert HEADER_KEY not in redacted(f"Illegal header value b'{HEADER_KEY}\\n' or {HEADER_KEY}")
    monkeypatch.setenv(api.KEY_VARIABLE, "  \n")
    assert api.secrets_of_environment() == {}
    for broken in (f"{HEADER_KEY}\nmore", f"{HEADER_KEY}\u2026"):
        monkeypatch.setenv(api.KEY_VARIABLE, broken)
        with pytest.raises(FetchError, match="can't be used") as told:
            api.secrets_of_environment()
        assert not told.value.is_transient
        assert_no_secret(str(told.value))


def test_importing_the_inputs_loads_no_client_and_sends_no_request() -> None:
    code = "import sources.registry, sys; sys.exit('httpx2' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
