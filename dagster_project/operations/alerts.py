"""Alerts for a person: they are written to `state/alerts/` and posted to a webhook until it takes them.

The address is CHOKEPOINT_ALERT_URL: https, or http on this machine, or one of apprise's. It is a secret (anyone who has it can
post), so neither it nor any other secret of the environment is in an alert, a log or an error.
"""

import hashlib
import http.client
import importlib
import json
import os
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from dagster_project.dagster_home import POSTGRES_VARIABLE
from dagster_project.settings import Settings
from sources.editions.pins import Pin
from sources.reading import clock
from sources.reading.disk import write_atomically
from sources.reading.errors import without

URL_VARIABLE = "CHOKEPOINT_ALERT_URL"
HEARTBEAT_VARIABLE = "CHOKEPOINT_HEARTBEAT_URL"
# Values of these never leave the process, nor any publisher's key.
SECRETS = (
    *(URL_VARIABLE, HEARTBEAT_VARIABLE, POSTGRES_VARIABLE, "PGPASSWORD"),
    *("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"),
)
KEY_SUFFIX = "_API_KEY"
# Posted to by ourselves; other addresses are apprise's.
WEB = {"https", "http"}
LOOPBACK = {"127.0.0.1", "::1", "localhost"}
POST_SECONDS = 10.0
OUR_FAULTS = range(400, 500)
# Of these the next alert would get the same.
ALL_ALIKE = {401, 403, 404, 408, 429}
MOST_TEXT = 2_000
MOST_LINE = 300
MOST_KEPT = 200


class AlertError(Exception):
    """The webhook did not take an alert; the text names its host at most."""


class AlertRefusedError(AlertError):
    """The webhook does not take this one; it may take the next."""


@dataclass(frozen=True)
class Alert:
    """What happened and what to do, for a person. Alerts with an equal `key` are sent once."""

    key: str
    title: str
    what: str
    do: str

    @property
    def text(self) -> str:
        """One message."""
        return f"{shown(self.title)}\n{shown(self.what)}\nWhat to do: {shown(self.do)}"


def shown(text: str) -> str:
    """The text as a chat takes it, without secrets: hidden before it is cut, or half a key stays.

    An address that asks for everything has thousands of characters.
    """
    lines = [_cut(line, MOST_LINE) for line in redacted(text).splitlines()]
    return _cut("\n".join(lines), MOST_TEXT)


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[:most]} …"


def redacted(text: str) -> str:
    """The text without the values of the environment's secrets."""
    secrets = [
        value for name, value in os.environ.items() if name in SECRETS or name.endswith(KEY_SUFFIX)
    ]
    return without(text, [*secrets, *filter(None, map(_password, secrets))])


def _password(address: str) -> str | None:
    """The password of an address, as it is; None where it has none."""
    try:
        return unquote(urlsplit(address).password or "")
    except ValueError:
        return None


def this_week() -> str:
    """For the key of an alert that is raised again if it still holds next week."""
    return clock.now().strftime("%G-W%V")


def edition_needs_review(source_id: str, pin: Pin) -> Alert:
    """The alert for a new edition that a person must look at."""
    name = f"{source_id} {pin.edition.edition}"
    return Alert(
        # Of the build too: stopped again after a person took it up, it raises a new alert.
        key=f"{name} {pin.fingerprint} {pin.reason} {''.join(pin.tried[-1:])}",
        title=f"Chokepoint: {name} needs review; what is published stays as it is",
        what=pin.reason,
        do=(
            "`chokepoint pin` shows it beside the edition before; docs/operate.md, part a bad edition. "
            + (
                f"If the new bytes are right: `chokepoint pin --take {source_id}:{pin.edition.edition}`"
                if pin.kind == "replaced"
                else "If the figures are right, accept the change with its reason; if our reading is wrong, "
                "mend it: the edition is then looked at again by itself"
            )
        ),
    )


@contextmanager
def alert_on_error(settings: Settings, whose: str) -> Iterator[None]:
    """Raise an alert for an error that nobody foresaw, once a week, and pass the error on.

    A sensor or schedule that fails at each tick does nothing any more, and says so only in the UI.
    """
    try:
        yield
    except Exception as error:
        said = f"{type(error).__name__}: {error}"
        raise_alert(
            settings,
            Alert(
                key=f"broken {whose} {type(error).__name__} {this_week()}",
                title=f"Chokepoint: {whose} fails, and does nothing until that is mended",
                what=redacted(said),
                do=f"see the tick of {whose} in the UI (Automation); its trace says where the error is",
            ),
        )
        raise


def raise_alert(settings: Settings, alert: Alert) -> bool:
    """Write an alert down, to be posted; False where the same one was raised before."""
    name = hashlib.sha256(alert.key.encode()).hexdigest()[:20]
    folder = settings.state / "alerts"
    if any((folder / part / f"{name}.json").exists() for part in ("waiting", "sent")):
        return False
    content = {
        **{key: shown(value) for key, value in asdict(alert).items()},
        "text": alert.text,
        "raised_at": clock.now().isoformat(timespec="seconds"),
    }
    del content["key"]
    (folder / "waiting").mkdir(parents=True, exist_ok=True)
    write_atomically(folder / "waiting" / f"{name}.json", json.dumps(content, indent=1).encode())
    return True


def deliver(settings: Settings) -> int:
    """Post what waits, oldest first; returns how many the webhook took.

    Raises:
        AlertError: it took none more, or refused some; what is left waits for the next time.
    """
    folder = settings.state / "alerts"
    waiting = sorted((folder / "waiting").glob("*.json"), key=lambda path: path.stat().st_mtime)
    url = os.environ.get("CHOKEPOINT_ALERT_URL")
    if not waiting or not url:
        return 0
    (folder / "sent").mkdir(parents=True, exist_ok=True)
    refused: list[AlertRefusedError] = []
    taken = 0
    for path in waiting:
        try:
            content = json.loads(path.read_bytes())
        except ValueError:
            # Cut off by a full disk, say. It holds up no other, and the same alert may be raised again.
            path.replace(path.with_suffix(".damaged"))
            continue
        try:
            post(url, content)
        except AlertRefusedError as error:
            refused.append(error)
            continue
        path.replace(folder / "sent" / path.name)
        taken += 1
    sent = sorted((folder / "sent").glob("*.json"), key=lambda path: path.stat().st_mtime)
    for path in sent[:-MOST_KEPT]:
        path.unlink()
    if refused:
        raise refused[0]
    return taken


def post(url: str, content: object, variable: str = URL_VARIABLE) -> None:
    """Post one JSON document. The key `text` is what chat services show; `variable` is the environment variable with the address.

    Raises:
        AlertError: not an address that may be posted to, or it was not taken.
    """
    if (to := _apprise_of(url, variable)) is not None:
        _notify(to, urlsplit(url).scheme, content)
        return
    host = urlsplit(url).hostname
    # Of the standard library, since it logs nothing: the path of a webhook is its password.
    request = urllib.request.Request(  # noqa: S310 - the scheme was looked at
        url, json.dumps(content).encode(), {"Content-Type": "application/json"}, method="POST"
    )
    try:
        with urllib.request.build_opener(_NoRedirect).open(request, timeout=POST_SECONDS):
            pass
    except urllib.error.HTTPError as error:
        is_this_one = error.code in OUR_FAULTS and error.code not in ALL_ALIKE
        kind = AlertRefusedError if is_this_one else AlertError
        raise kind(f"the webhook at {host} answers with status {error.code}") from None
    except (OSError, http.client.HTTPException) as error:
        raise AlertError(
            f"the webhook at {host} can't be reached: {type(error).__name__}"
        ) from None


def check_addresses() -> None:
    """Refuse an address that could never be posted to, before there is something to tell.

    Raises:
        AlertError: CHOKEPOINT_ALERT_URL or CHOKEPOINT_HEARTBEAT_URL is one.
    """
    for variable in (URL_VARIABLE, HEARTBEAT_VARIABLE):
        if url := os.environ.get(variable):
            _apprise_of(url, variable)


def _apprise_of(url: str, variable: str) -> Any | None:
    """By what apprise delivers to an address: mail, Teams, pagers. None where we post to it ourselves.

    Raises:
        AlertError: nobody can, or not over TLS; the address is not repeated, being a secret.
    """
    try:
        parts = urlsplit(url)
        is_web = parts.scheme in WEB
        # Of an address of its own apprise knows what it takes.
        if is_web and (parts.port == 0 or not url.isascii() or not url.isprintable() or " " in url):
            raise ValueError(parts.scheme)
    except ValueError:
        raise AlertError(
            f"{variable} is no address: look for blanks, letters beyond ASCII, a bracket, its port; it is not shown"
        ) from None
    host = parts.hostname or "no host"
    if parts.scheme == "https" or (parts.scheme == "http" and host in LOOPBACK):
        if parts.hostname:
            return None
    elif parts.scheme and not is_web and (to := _secure_apprise(url, parts.scheme)) is not None:
        return to
    raise AlertError(
        f"{variable} is not https (its host: {host}): alerts go over TLS, or to this machine"
    )


def _secure_apprise(url: str, scheme: str) -> Any | None:
    """What apprise makes of an address; None of one that it does not know, or that is not over TLS.

    Raises:
        AlertError: it is not installed.
    """
    try:
        # Optional, so no dependency of ours.
        apprise = importlib.import_module("apprise")
    except ImportError:
        raise AlertError(
            f"an address that begins with {scheme}: is delivered by apprise, which is not installed, and is not https; "
            "next: `.venv/bin/python -m pip install apprise`"
        ) from None
    to = apprise.Apprise.instantiate(url)
    secure = getattr(to, "secure_protocol", None) or ()
    return to if scheme in ((secure,) if isinstance(secure, str) else secure) else None


def _notify(to: Any, scheme: str, content: object) -> None:
    """Deliver by apprise.

    Raises:
        AlertError: it could not.
    """
    text = content["text"] if isinstance(content, dict) else str(content)
    title, _, body = str(text).partition("\n")
    if not to.notify(body=body or title, title=title):
        raise AlertError(f"apprise could not deliver by {scheme}:")


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """An alert goes where it was sent, or nowhere."""

    def redirect_request(self, *_: object, **__: object) -> None:
        """Follow nothing."""


def waiting_alerts(settings: Settings) -> list[Path]:
    """Alerts that no webhook has taken."""
    return sorted((settings.state / "alerts" / "waiting").glob("*.json"))
