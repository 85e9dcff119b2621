"""A mirror for each test, a client that reaches it and doesn't really sleep, and small files to fetch."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from fetch_hosts import ACCESS, FOREIGN_HOST, HOST, OTHER_HOST

from sources.fetching.client import Client
from sources.fetching.retry import RetryPolicy
from tests.mirror.server import Mirror, running


@pytest.fixture
def mirror(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Mirror]:
    """A mirror of three hosts; this process reaches and trusts it."""
    with running({HOST, OTHER_HOST, FOREIGN_HOST}, tmp_path) as (server, environment):
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        yield server


@pytest.fixture
def slept() -> list[float]:
    """Seconds that the client would have slept."""
    return []


@pytest.fixture
def retry_policy(slept: list[float]) -> RetryPolicy:
    # What stalls costs a test these seconds; a mirror on a machine that does much else answers within them.
    return RetryPolicy(connect_seconds=30, read_seconds=3, attempts=5, sleep=slept.append)


@pytest.fixture
def client(mirror: Mirror, retry_policy: RetryPolicy) -> Iterator[Client]:
    with Client("a_source", ACCESS, retry_policy=retry_policy) as made:
        yield made
