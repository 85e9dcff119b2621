"""UN Comtrade's API: declarations of reporters, periods and codes, in calls that stay within its limits.

With a key (COMTRADE_API_KEY) the data endpoint answers up to 100,000 rows a call; without one the preview
endpoint answers up to 500, one period a call. A call that reaches the limit may have been cut: it is split
and asked again. What a row means is the business of this source's reader. METHODS §8.
"""

import datetime as dt
import hashlib
import itertools
import json
import re
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Literal

import polars as pl

from sources.fetching.client import Client
from sources.fetching.download import note, one_process_at_a_time
from sources.fetching.keys import key_of_environment
from sources.fetching.retry import RetryPolicy
from sources.fetching.transport import Secrets
from sources.reading import clock
from sources.reading.catalog import LiveAccess
from sources.reading.disk import write_atomically
from sources.reading.lake import write_parquet
from sources.reference.asked import about_asked
from sources.reference.labels import country_aliases, reference_list
from sources.un_comtrade.pulled import SOURCE_ID

HOST = "comtradeapi.un.org"
KEY_VARIABLE = "COMTRADE_API_KEY"
KEY_HEADER = "Ocp-Apim-Subscription-Key"
# Totals over second partner, transport and customs procedure: their parts would be counted twice.
PINNED = {"partner2Code": "0", "motCode": "0", "customsCode": "C00"}
PREVIEW_ROWS, KEYED_ROWS = 500, 100_000
# A call may name this many periods; the preview one. As public code of 2026 found out.
KEYED_PERIODS, PREVIEW_PERIODS = 12, 1
# Codes in an address; far longer ones are refused by gateways.
MOST_CODES = 250
# How Azure's gateway, behind which the API stands, words a used-up quota (status 403).
QUOTA = re.compile(rb"Out of call volume quota[^\"}]*", re.IGNORECASE)
# Answers of a pull that was broken off serve the next one this long: rows are revised.
KEPT_DAYS = 3
ACCESS = LiveAccess(
    hosts=(HOST,),
    # A full answer with a key has about 90 MB.
    largest_file_mb=256,
    whole_minutes=10,
    # The free plan allows a call a second.
    seconds_between_requests=1.2,
    verified=(
        "not reached from where this was written; addresses, header and limits as UN's own client and public "
        "code of 2026 have them"
    ),
)


# Parameters of the API, the one that is split first at the front, and the fields of `Asked` that fill them.
AXES = {
    "period": "periods",
    "flowCode": "flows",
    "cmdCode": "codes",
    "reporterCode": "reporters",
}


@dataclass(frozen=True)
class Asked:
    """What is asked for; every combination of it. Codes as Comtrade's own (842 is the United States).

    `periods` are years (2024) or months (202401), by `frequency`.
    """

    reporters: tuple[str, ...]
    periods: tuple[str, ...]
    codes: tuple[str, ...]
    flows: tuple[str, ...] = ("M", "X")
    frequency: Literal["A", "M"] = "A"

    @property
    def axes(self) -> dict[str, tuple[str, ...]]:
        """Parameter of the API to what is asked of it, the axis that is split first at the front."""
        return {parameter: getattr(self, field) for parameter, field in AXES.items()}

    def split_in_two(self) -> "tuple[Asked, Asked] | None":
        """Two calls that ask for the same together; None where there is nothing to split."""
        for field in AXES.values():
            values = getattr(self, field)
            if len(values) > 1:
                middle = len(values) // 2
                first = replace(self, **{field: values[:middle]})
                return first, replace(self, **{field: values[middle:]})
        return None


def all_reporters_and_lines(
    periods: tuple[str, ...],
    frequency: Literal["A", "M"] = "A",
    flows: tuple[str, ...] = ("M", "X"),
) -> Asked:
    """All reporters that are countries in the years of these periods, and all lines of our list.

    A key is needed: the preview would take thousands of calls.
    """
    years = {int(period[:4]) for period in periods}
    countries = country_aliases("m49").filter(
        pl.col("geography_kind") == "country",
        pl.col("valid_from_year").fill_null(0) <= max(years),
        pl.col("valid_to_year").fill_null(9999) >= min(years),
    )
    return Asked(
        reporters=tuple(sorted(countries["alias"].unique(), key=int)),
        periods=periods,
        codes=tuple(sorted(reference_list("hs_lines")["hs6"].unique())),
        flows=flows,
        frequency=frequency,
    )


@dataclass(frozen=True)
class Pull:
    """A finished pull. `fetched_on` is the day of its oldest answer: rows are revised without notice."""

    path: Path
    rows: int
    sha256: str
    fetched_on: dt.date
    calls: int
    is_preview: bool


def secrets_of_environment() -> dict[str, Secrets]:
    """The key, for its host alone; nothing where none is set.

    Raises:
        FetchError: it can't be sent in a header.
    """
    key = key_of_environment(SOURCE_ID, KEY_VARIABLE)
    return {HOST: Secrets(headers={KEY_HEADER: key})} if key else {}


def quota_error(body: bytes) -> str:
    """What a refusal says of a used-up quota; empty where it says nothing of one."""
    found = QUOTA.search(body)
    return found.group().decode("utf-8", "replace") if found else ""


def pull(asked: Asked, to: Path, *, retry_policy: RetryPolicy | None = None) -> Pull:
    """Fetch declarations to a Parquet file: the API's columns, all as text, and a note beside it.

    The World's rows (partner 0) are kept: no sum has them, and partners must add up to them.
    A pull that is broken off goes on where it stopped, for some days. One at a time, whatever it asks for:
    the limit of calls is that of the key.

    Args:
        to: `<folder>/<name>.parquet`; what stood there stays until the new one is whole.

    Raises:
        FetchError: the API could not be asked, its quota is used up, or it answers otherwise than asked.
    """
    secrets = secrets_of_environment()
    waiting = to.parent / f".{to.stem}.answers"
    waiting.mkdir(parents=True, exist_ok=True)
    with (
        Client(
            SOURCE_ID,
            ACCESS,
            secrets=secrets,
            retry_policy=retry_policy,
            quota_error=quota_error,
        ) as client,
        one_process_at_a_time(client, to.parent / ".pulling", HOST, "pulls from this API"),
    ):
        done = _pulled(_Calling(client, waiting, is_preview=not secrets), asked, to)
        shutil.rmtree(waiting)
    return done


def _pulled(calling: "_Calling", asked: Asked, to: Path) -> Pull:
    client = calling.client
    frames = [frame for part in _fitting(asked, calling.periods) for frame in calling.frames(part)]
    if not frames:
        raise client.error(
            problem="nobody declared what was asked for",
            where=f"{calling.url(asked)}",
            expected="at least one row",
            got="0 rows",
            next_step="look for the codes and periods on comtradeplus.un.org; a year comes in over many months",
            is_transient=True,
        )
    # Sorted, so that one answer has one digest.
    frame = pl.concat(frames, how="diagonal").sort(pl.all())
    sha256 = write_parquet(to, frame, about_asked(asked.codes))
    done = Pull(to, frame.height, sha256, min(calling.days), calling.calls, calling.is_preview)
    about = {
        "fetched_on": done.fetched_on.isoformat(),
        "is_preview": done.is_preview,
        "rows": done.rows,
        "sha256": done.sha256,
        "asked": asdict(asked),
        "pinned": PINNED,
    }
    write_atomically(to.with_suffix(".json"), json.dumps(about, indent=1).encode("utf-8"))
    return done


def _fitting(asked: Asked, most_periods: int) -> Iterator[Asked]:
    """Calls that name no more than a call may."""
    for periods, codes, reporters in itertools.product(
        _chunks(asked.periods, most_periods),
        _chunks(asked.codes, MOST_CODES),
        _chunks(asked.reporters, MOST_CODES),
    ):
        yield replace(asked, periods=periods, codes=codes, reporters=reporters)


def _chunks(values: tuple[str, ...], size: int) -> Iterator[tuple[str, ...]]:
    for start in range(0, len(values), size):
        yield values[start : start + size]


class _Calling:
    """One pull: its calls, and the answers that wait for the others."""

    def __init__(self, client: Client, waiting: Path, *, is_preview: bool) -> None:
        self.client = client
        self.waiting = waiting
        self.is_preview = is_preview
        self.limit = PREVIEW_ROWS if is_preview else KEYED_ROWS
        self.periods = PREVIEW_PERIODS if is_preview else KEYED_PERIODS
        self.calls = 0
        self.days: list[dt.date] = []
        self.columns: set[str] = set()

    def url(self, asked: Asked) -> str:
        """The endpoint."""
        way = "public/v1/preview" if self.is_preview else "data/v1/get"
        return f"https://{HOST}/{way}/C/{asked.frequency}/HS"

    def frames(self, asked: Asked) -> Iterator[pl.DataFrame]:
        """Rows of a call, or of the calls that it is split into; as frames, a fifth of what Python's rows take."""
        answer = self._waiting_answer(asked) or self._answer(asked)
        rows = answer["rows"]
        if rows is None:
            parts = asked.split_in_two()
            assert parts is not None, "an answer that can't be split is refused before it is kept"
            for part in parts:
                yield from self.frames(part)
            return
        self.days.append(dt.date.fromisoformat(answer["fetched_on"]))
        if rows:
            self.columns = self.columns or set(rows[0])
            yield _as_text(rows)

    def _answer(self, asked: Asked) -> dict[str, Any]:
        params = {name: ",".join(values) for name, values in asked.axes.items()}
        params |= {**PINNED, "maxRecords": str(self.limit), "includeDesc": "false"}
        where = self.client.shown(self.url(asked), params)
        self.calls += 1
        rows = self._checked(
            self.client.json(
                self.url(asked),
                params,
                numbers_as_text=True,
                most_bytes=ACCESS.largest_file_mb << 20,
            ),
            asked,
            where,
        )
        is_cut = len(rows) >= self.limit
        if is_cut and asked.split_in_two() is None:
            raise self.client.error(
                problem="one reporter, period, flow and code fill a whole answer",
                where=where,
                expected=f"fewer than {self.limit:,} rows",
                got=f"{len(rows):,} rows, perhaps cut",
                next_step=f"ask with a key ({KEY_VARIABLE}): its answers hold {KEYED_ROWS:,} rows",
                is_transient=False,
            )
        answer = {
            "fetched_on": clock.today().isoformat(),
            "rows": None if is_cut else rows,
        }
        # An empty answer may pass: kept, it would be believed for days.
        if rows:
            note(self._place(asked), answer)
        return answer

    def _place(self, asked: Asked) -> Path:
        key = json.dumps([asdict(asked), self.is_preview], sort_keys=True)
        return self.waiting / f"{hashlib.sha256(key.encode()).hexdigest()[:24]}.json"

    def _waiting_answer(self, asked: Asked) -> dict[str, Any] | None:
        """The answer that an earlier, broken pull already has, if it is young enough."""
        try:
            answer = json.loads(self._place(asked).read_text(encoding="utf-8"))
            age = clock.today() - dt.date.fromisoformat(answer["fetched_on"])
        except (OSError, ValueError, KeyError):
            return None
        # A day to come is that of a clock set back.
        return answer if dt.timedelta() <= age <= dt.timedelta(days=KEPT_DAYS) else None

    def _checked(self, answer: Any, asked: Asked, where: str) -> list[dict[str, str | None]]:
        """Rows of an answer: all that it counts, and none that was not asked for.

        Raises:
            FetchError: an error in place of data, another layout, rows of another question.
        """
        about = answer if isinstance(answer, Mapping) else {}
        message = about.get("error") or about.get("message")
        listed = about.get("data")
        data: list[Any] = listed if isinstance(listed, list) else []
        is_laid_out = isinstance(listed, list) and all(isinstance(row, Mapping) for row in data)
        if message or not is_laid_out or about.get("count", str(len(data))) != str(len(data)):
            raise self._refused(
                "the API answers otherwise than it is documented",
                where,
                "`data`, a list of rows, as many as `count` says",
                str(message) if message else str(answer)[:120],
                is_transient=bool(message),
            )
        wanted = {
            **{k: set(v) for k, v in asked.axes.items()},
            **{k: {v} for k, v in PINNED.items()},
        }
        columns = set(data[0]) if data else set()
        self.columns = self.columns or columns
        if data and (lacking := wanted.keys() - columns):
            raise self._refused(
                "the API's rows lack columns",
                where,
                ", ".join(sorted(wanted)),
                f"without {', '.join(sorted(lacking))}",
            )
        strays = [
            f"{name}={row.get(name)}"
            for row in data
            for name, values in wanted.items()
            if str(row.get(name)) not in values or row.keys() != self.columns
        ]
        if strays:
            raise self._refused(
                "the API sends rows that were not asked for",
                where,
                "rows of the asked reporters, periods, codes and flows, totals only",
                f"{len(strays)} cells otherwise: {', '.join(sorted(set(strays))[:5])}",
            )
        elsewhen = {
            f"refYear {row.get('refYear')}, refMonth {row.get('refMonth')} of {row['period']}"
            for row in data
            if not _is_of_its_period(row)
        }
        if elsewhen:
            raise self._refused(
                "the API's rows contradict their period",
                where,
                "refYear and refMonth of the asked periods",
                f"{len(elsewhen)} otherwise: {', '.join(sorted(elsewhen)[:5])}",
            )
        return [{name: _text(value) for name, value in row.items()} for row in data]

    def _refused(
        self, problem: str, where: str, expected: str, got: str, **details: Any
    ) -> Exception:
        return self.client.error(
            problem=problem,
            where=where,
            expected=expected,
            got=got,
            next_step="open the address; if the API changed, follow it in sources/un_comtrade/api.py",
            **{"is_transient": False, **details},
        )


def _is_of_its_period(row: Mapping[str, Any]) -> bool:
    """Whether the year of a row is that of its period, and the month too where it has one."""
    period = str(row["period"])
    month = str(row.get("refMonth")).zfill(2)
    return str(row.get("refYear")) == period[:4] and period[4:] in ("", month)


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def _as_text(rows: list[dict[str, str | None]]) -> pl.DataFrame:
    """All-text frame in the API's order of columns."""
    return pl.DataFrame(rows, schema=dict.fromkeys(rows[0], pl.String))
