"""UN Comtrade's API, a year at a time: each pull is an edition in the drop folder."""

from pathlib import Path
from typing import Literal

SOURCE_ID = "un_comtrade"
LAYOUT = "api_parquet"


class ApiByYear:
    """The API's years, from the first that it is asked for. A year goes on coming in over the next."""

    frequency: Literal["year", "month"] = "year"
    first_period = "2018"

    def pull(self, period: str, raw: Path, drop: Path) -> str:
        """Fetch all reporters' declarations of one year; see `sources.reading.reader.PeriodicPull`.

        Raises:
            FetchError: the API could not be asked, or its quota is used up.
        """
        # Reading needs no HTTP client.
        from sources.fetching.pulled_edition import PulledEdition, describe
        from sources.un_comtrade import api

        folder = raw / SOURCE_ID
        folder.mkdir(parents=True, exist_ok=True)
        done = api.pull(api.everything((period,)), folder / f"declarations_{period}.parquet")
        edition = PulledEdition(
            source_id=SOURCE_ID,
            name=f"API{period}_{done.fetched_on:%Y%m%d}",
            title=f"Declarations of all reporters, {period}, by the API"
            + (", preview" if done.is_preview else ""),
            citation=(
                f"United Nations Statistics Division, UN Comtrade, API, {period}, "
                f"fetched on {done.fetched_on}"
            ),
            url="https://comtradeplus.un.org/",
            table="declaration",
            layout=LAYOUT,
            fetched_on=done.fetched_on,
        )
        describe(edition, done.path, drop)
        return (
            f"{period}: {done.rows:,} rows in {done.calls} calls, fetched on {done.fetched_on}"
            + (", by the preview" if done.is_preview else "")
            + f"; described as {edition.name}, to be taken in"
        )
