"""How long one waits for a publisher, and how often: retries with jitter that heed Retry-After."""

import email.utils
import logging
import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import tenacity

CONNECT_SECONDS = 15.0
READ_SECONDS = 60.0
ATTEMPTS = 5
# A publisher that asks to wait longer than this is asked again by the next run, not by this one.
MOST_RETRY_AFTER_SECONDS = 300.0
MOST_BACKOFF_SECONDS = 60.0

Result = TypeVar("Result")
logger = logging.getLogger(__name__)


class TransientError(Exception):
    """An attempt that may succeed when it is made again; `retry_after` in seconds, where the publisher says it."""

    def __init__(self, got: str, retry_after: float | None = None) -> None:
        super().__init__(got)
        self.retry_after = retry_after


@dataclass(frozen=True)
class RetryPolicy:
    """How long one waits. Tests make it short."""

    connect_seconds: float = CONNECT_SECONDS
    read_seconds: float = READ_SECONDS
    attempts: int = ATTEMPTS
    # All requests of one client together; a download has its own limit.
    whole_seconds: float = math.inf
    sleep: Callable[[float], None] = time.sleep


def retried(
    attempt: Callable[[], Result],
    retry_policy: RetryPolicy,
    where: str,
    made_progress: Callable[[], bool],
) -> Result:
    """Result of the attempt, made again while it fails for the moment.

    Args:
        made_progress: whether anything arrived since the last failure; then the count of attempts begins anew.

    Raises:
        TransientError: it failed once too often, or the publisher asks to wait longer than we do.
    """
    failures = 0

    def stop(state: tenacity.RetryCallState) -> bool:
        nonlocal failures
        failures = 1 if made_progress() else failures + 1
        return failures >= retry_policy.attempts or _asked_to_wait(state) > MOST_RETRY_AFTER_SECONDS

    backoff = tenacity.wait_exponential_jitter(max=MOST_BACKOFF_SECONDS)
    jitter = tenacity.wait_random(0, 1)

    def wait(state: tenacity.RetryCallState) -> float:
        asked = _asked_to_wait(state)
        return asked + jitter(state) if asked else backoff(state)

    def say(state: tenacity.RetryCallState) -> None:
        seconds = state.next_action.sleep if state.next_action else 0
        logger.info("%s: %s; again in %.0f s", where, _failure(state), seconds)

    return tenacity.Retrying(
        retry=tenacity.retry_if_exception_type(TransientError),
        stop=stop,
        wait=wait,
        sleep=retry_policy.sleep,
        before_sleep=say,
        reraise=True,
    )(attempt)


def retry_after(value: str | None) -> float | None:
    """Seconds that a Retry-After header asks for: a number, or a date; None where it says nothing."""
    if not value:
        return None
    if value.strip().isdecimal() and value.isascii():
        return float(value)
    try:
        return max(0.0, email.utils.parsedate_to_datetime(value).timestamp() - time.time())
    # Also a date beyond the calendar.
    except (ValueError, OverflowError, TypeError, IndexError):
        return None


def _failure(state: tenacity.RetryCallState) -> BaseException | None:
    return state.outcome.exception() if state.outcome else None


def _asked_to_wait(state: tenacity.RetryCallState) -> float:
    return getattr(_failure(state), "retry_after", None) or 0.0
