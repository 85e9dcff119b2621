"""Eurostat's monthly archives: each pull is an edition in the drop folder."""

from pathlib import Path
from typing import Literal

from sources.eurostat_comext_months.schema import LAYOUT, SOURCE_ID


class ArchiveByMonth:
    """The archives' months. Eurostat replaces an archive whenever a member revises its month."""

    frequency: Literal["year", "month"] = "month"
    # As of the other publishers of months; archives of this form begin with January 2002.
    first_period = "2021-01"

    def pull(self, period: str, raw: Path, drop: Path) -> str:
        """Fetch one month of our lines; see `sources.reading.reader.PeriodicPull`.

        Raises:
            FetchError: the archive could not be had, is not the one of the month, or py7zr is not installed.
        """
        # Reading needs no HTTP client.
        from sources.eurostat_comext_months import comext_archive
        from sources.fetching import pulled_edition

        path = raw / SOURCE_ID / f"imports_{period}.parquet"
        rows, archive_rows = comext_archive.pull(period, path)
        day = pulled_edition.today()
        edition = pulled_edition.PulledEdition(
            source_id=SOURCE_ID,
            period=period,
            title=f"Imports of the EU's members in {period} by CN8 and partner, from the monthly archive",
            citation=f"Eurostat, Comext, {comext_archive.archive_name(period)}, fetched on {day}",
            url=comext_archive.address(period),
            table="import_row",
            layout=LAYOUT,
            fetched_on=day,
        )
        came = f"{rows:,} of the archive's {archive_rows:,} rows"
        return pulled_edition.describe(edition, path, drop, came)
