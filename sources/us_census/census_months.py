"""The API's months: each pull is an edition in the drop folder."""

from pathlib import Path
from typing import Literal

from sources.reference.labels import reference_list
from sources.us_census.schema import LAYOUT, SOURCE_ID


def headings() -> tuple[str, ...]:
    """Four-digit headings of the lines of our list."""
    return tuple(sorted(reference_list("hs_lines")["hs6"].str.slice(0, 4).unique()))


class ApiByMonth:
    """The API's months. The Bureau revises all months of a year with the figures of April, in June."""

    frequency: Literal["year", "month"] = "month"
    # The API begins with January 2010; the first export control of our list that a window needs is of 2023.
    first_period = "2021-01"

    def pull(self, period: str, raw: Path, drop: Path) -> str:
        """Fetch one month of our headings; see `sources.reading.reader.PeriodicPull`.

        Raises:
            FetchError: the API could not be asked, the key is refused, or the month is not out.
        """
        # Reading needs no HTTP client.
        from sources.fetching import pulled_edition
        from sources.us_census import census_api

        path = raw / SOURCE_ID / f"imports_{period}.parquet"
        rows = census_api.pull(period, headings(), path)
        day = pulled_edition.today()
        edition = pulled_edition.PulledEdition(
            source_id=SOURCE_ID,
            period=period,
            title=f"US imports of {period} by ten-digit code and country, by the API",
            citation=(
                f"U.S. Census Bureau, International Trade API, imports by HTS code, {period}, fetched on {day}"
            ),
            url="https://www.census.gov/foreign-trade/data/index.html",
            table="import_row",
            layout=LAYOUT,
            fetched_on=day,
        )
        return pulled_edition.describe(edition, path, drop, f"{rows:,} rows")
