"""The Census Bureau's API of monthly imports: one call a four-digit heading, one month a pull.

Since 12 May 2026 every call needs a key (CENSUS_API_KEY). One that is missing or wrong is answered by a
redirect to a page, nothing found by status 204. What a row means is the business of this source's reader.
"""

import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import polars as pl

from sources.fetching.client import Client
from sources.fetching.download import one_process_at_a_time
from sources.fetching.keys import key_of_environment
from sources.fetching.retry import RetryPolicy
from sources.fetching.transport import Secrets
from sources.reading.catalog import LiveAccess
from sources.reading.errors import FetchError
from sources.reading.lake import write_parquet
from sources.reference.asked import about_asked
from sources.us_census.schema import COLUMNS, SOURCE_ID

HOST = "api.census.gov"
ENDPOINT = f"https://{HOST}/data/timeseries/intltrade/imports/hs"
KEY_VARIABLE = "CENSUS_API_KEY"
KEY_PAGES = ("/data/missing_key.html", "/data/invalid_key.html")
KEY_ERROR_HEADER = "x-datawebapi-keyerror"
FOUND, NOTHING = 200, 204
ACCESS = LiveAccess(
    hosts=(HOST,),
    whole_minutes=10,
    seconds_between_requests=1.0,
    verified=(
        "not reached from where this was written; address, names and key as the Bureau's guide and public "
        "code of 2026 have them"
    ),
)


def pull(
    month: str, headings: Sequence[str], to: Path, *, retry_policy: RetryPolicy | None = None
) -> int:
    """Fetch a month's imports of four-digit headings to a Parquet file, all as text. Returns its rows.

    Args:
        month: `2025-05`.
        to: what stood there stays until the new one is whole.

    Raises:
        FetchError: no key, a refused one, or an answer other than asked; or the month is not out yet.
    """
    key = key_of_environment(SOURCE_ID, KEY_VARIABLE)
    secrets = {HOST: Secrets(params={"key": key})} if key else {}
    to.parent.mkdir(parents=True, exist_ok=True)
    with (
        Client(SOURCE_ID, ACCESS, secrets=secrets, retry_policy=retry_policy) as client,
        one_process_at_a_time(client, to.parent / ".pulling", HOST, "pulls from this API"),
    ):
        if key is None:
            raise _key_refused(client, ENDPOINT, "no key is set")
        rows = [row for heading in headings for row in _rows(client, month, heading)]
        if not rows:
            raise client.error(
                problem="nothing is out for this month",
                where=client.shown(ENDPOINT, _asked(month, headings[0])),
                expected="imports under at least one of our headings",
                got=f"status {NOTHING} for all {len(headings)} of them",
                next_step="nothing to mend: a month comes out five to six weeks after its end",
                is_transient=True,
            )
    frame = pl.DataFrame(rows, schema=dict.fromkeys(COLUMNS, pl.String), orient="row")
    write_parquet(to, frame, about_asked(headings))
    return len(rows)


def _asked(month: str, heading: str) -> dict[str, str]:
    return {
        "get": ",".join(COLUMNS[:-1]),
        "COMM_LVL": "HS10",
        "I_COMMODITY": f"{heading}*",
        "time": month,
    }


def _rows(client: Client, month: str, heading: str) -> list[list[str]]:
    """Rows of one heading, in the order of `COLUMNS`."""
    params = _asked(month, heading)
    where = client.shown(ENDPOINT, params)

    def ask() -> bytes | None:
        with client.response(ENDPOINT, params, accepted=frozenset({FOUND, NOTHING})) as response:
            if response.url.path in KEY_PAGES or response.headers.get(KEY_ERROR_HEADER):
                raise _key_refused(client, where, "the page that says so")
            if response.status_code == NOTHING:
                return None
            return b"".join(client.body(response, ACCESS.largest_file_mb << 20, where))

    content = client.with_retries(ask, where)
    return [] if content is None else _checked(client, content, month, heading, where)


def _checked(
    client: Client, content: bytes, month: str, heading: str, where: str
) -> list[list[str]]:
    """The answer's rows: a list of lists, its first the names; each of this month, each once."""
    try:
        answer: Any = json.loads(content)
        names, *rows = answer
        places = [names.index(name) for name in COLUMNS]
        found = [[row[place] for place in places] for row in rows]
        # Nothing found has a status of its own.
        if not found or not all(isinstance(cell, str) for row in found for cell in row):
            raise ValueError
    except (ValueError, TypeError, IndexError, AttributeError, RecursionError):
        raise _refused(
            client,
            where,
            f"a list of rows of texts whose first names {', '.join(COLUMNS)}",
            f"{client.beginning(content)!r}",
            # A page of error, nothing at all, the names alone: they pass.
            is_transient=not content.startswith(b"[") or b"]," not in content,
        ) from None
    cells = [dict(zip(COLUMNS, row, strict=True)) for row in found]
    strays = {
        f"{row['I_COMMODITY']} of {row['time']}"
        for row in cells
        if row["time"] != month or not row["I_COMMODITY"].startswith(heading)
    }
    times = Counter((row["I_COMMODITY"], row["CTY_CODE"], row["SUMMARY_LVL"]) for row in cells)
    doubled = {f"{code} from {country} twice" for (code, country, _), n in times.items() if n > 1}
    if faults := sorted(strays | doubled):
        raise _refused(
            client,
            where,
            "rows of the asked month and heading, each once",
            f"{len(faults)} otherwise: {', '.join(faults[:5])}",
        )
    return found


def _refused(
    client: Client, where: str, expected: str, got: str, *, is_transient: bool = False
) -> FetchError:
    return client.error(
        problem="the API answers otherwise than it is documented",
        where=where,
        expected=expected,
        got=got,
        next_step="open the address; if the API changed, follow it in sources/us_census/census_api.py",
        is_transient=is_transient,
    )


def _key_refused(client: Client, where: str, got: str) -> FetchError:
    return client.error(
        problem="a key is missing or refused",
        where=where,
        expected=f"an active key of the Census Bureau in {KEY_VARIABLE}",
        got=got,
        next_step=(
            "ask for a key at https://api.census.gov/data/key_signup.html, activate it by the link in its "
            "mail, set it, and restart the service"
        ),
        is_transient=False,
    )
