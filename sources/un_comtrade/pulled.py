"""UN Comtrade's API, a year or a month at a time: each pull is an edition in the drop folder."""

from pathlib import Path
from typing import Literal

SOURCE_ID = "un_comtrade"
LAYOUT = "api_parquet"
MONTH_LAYOUT = "api_months"


class ApiByYear:
    """The API's years, from the first that it is asked for. A year goes on coming in over the next."""

    frequency: Literal["year", "month"] = "year"
    first_period = "2018"

    def pull(self, period: str, raw: Path, drop: Path) -> str:
        """Fetch all reporters' declarations of one year; see `sources.reading.reader.PeriodicPull`.

        Raises:
            FetchError: the API could not be asked, or its quota is used up.
        """
        return _pulled(period, "A", raw, drop)


class ApiByMonth:
    """The API's months, imports alone. Reporters send them late, and revise them."""

    frequency: Literal["year", "month"] = "month"
    first_period = "2021-01"

    def pull(self, period: str, raw: Path, drop: Path) -> str:
        """Fetch all reporters' imports of one month.

        Raises:
            FetchError: the API could not be asked, or its quota is used up.
        """
        return _pulled(period, "M", raw, drop)


def _pulled(period: str, frequency: Literal["A", "M"], raw: Path, drop: Path) -> str:
    # Reading needs no HTTP client.
    from sources.fetching.pulled_edition import PulledEdition, describe
    from sources.un_comtrade import api

    is_year = frequency == "A"
    asked = api.all_reporters_and_lines(
        (period.replace("-", ""),), frequency, flows=("M", "X") if is_year else ("M",)
    )
    folder = raw / SOURCE_ID
    folder.mkdir(parents=True, exist_ok=True)
    done = api.pull(asked, folder / f"declarations_{period}.parquet")
    day, preview = done.fetched_on, done.is_preview
    edition = PulledEdition(
        source_id=SOURCE_ID,
        period=period,
        title=f"Declarations of all reporters, {period}, by the API"
        + (", preview" if preview else ""),
        citation=f"United Nations Statistics Division, UN Comtrade, API, {period}, fetched on {day}",
        url="https://comtradeplus.un.org/",
        table="declaration" if is_year else "month_declaration",
        layout=LAYOUT if is_year else MONTH_LAYOUT,
        fetched_on=day,
    )
    came = f"{done.rows:,} rows in {done.calls} calls, fetched on {day}"
    return describe(edition, done.path, drop, came + (", by the preview" if preview else ""))
