"""A pull of UN Comtrade's API as an edition: named by what was asked and by its day, described in the drop folder.

From there it goes the way of every dropped edition (`sources.editions`): read, checked, compared, on trial.
"""

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import yaml

from sources.reading.lake import write_atomically

if TYPE_CHECKING:
    from sources.un_comtrade.api import Pull

SOURCE_ID = "un_comtrade"
LAYOUT = "api_parquet"


class ApiByYear:
    """The API's years, from the first that it is asked for. A year goes on coming in over the next."""

    first_year = 2018

    def pull(self, year: str, raw: Path, drop: Path) -> str:
        """Fetch all reporters' declarations of one year; see `sources.reading.reader.YearlyPull`.

        Raises:
            FetchError: the API could not be asked, or its quota is used up.
        """
        # Reading needs no HTTP client.
        from sources.un_comtrade import api

        folder = raw / SOURCE_ID
        folder.mkdir(parents=True, exist_ok=True)
        done = api.pull(api.everything((year,)), folder / f"declarations_{year}.parquet")
        described = describe(year, done, drop)
        return (
            f"{year}: {done.rows:,} rows in {done.calls} calls, fetched on {done.fetched_on}"
            + (", by the preview" if done.is_preview else "")
            + f"; described as {described.stem}, to be taken in"
        )


def edition_of(year: str, done: "Pull") -> str:
    """Name of the edition: a year is revised without notice, so a later pull of it is another edition."""
    return f"API{year}_{done.fetched_on:%Y%m%d}"


def describe(year: str, done: "Pull", drop: Path) -> Path:
    """Put a finished pull of a year into the drop folder, with its description. Returns the description."""
    edition = edition_of(year, done)
    folder = drop / SOURCE_ID
    (folder / edition).mkdir(parents=True, exist_ok=True)
    shutil.copyfile(done.path, folder / edition / done.path.name)
    content = {
        "edition": edition,
        "title": f"Declarations of all reporters, {year}, by the API"
        + (", preview" if done.is_preview else ""),
        "released_on": done.fetched_on,
        "released_on_verified": "the day of the pull",
        "citation": f"United Nations Statistics Division, UN Comtrade, API, {year}, fetched on {done.fetched_on}",
        "url": "https://comtradeplus.un.org/",
        "files": [
            {
                "table": "declaration",
                "path": f"{SOURCE_ID}/{edition}/{done.path.name}",
                "layout": LAYOUT,
            }
        ],
    }
    # Last: a description is what is looked for.
    path = folder / f"{edition}.yml"
    text = yaml.safe_dump(content, sort_keys=False, allow_unicode=True, width=110)
    write_atomically(path, text.encode("utf-8"))
    return path
