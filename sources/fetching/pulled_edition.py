"""A pull of an API as an edition: named by what was asked and by its day, described in the drop folder.

From there it goes the way of every dropped edition (`sources.editions`): read, checked, compared, on trial.
"""

import datetime as dt
import shutil
from dataclasses import dataclass
from pathlib import Path

import yaml

from sources.reading import clock
from sources.reading.disk import write_atomically


@dataclass(frozen=True)
class PulledEdition:
    """What the drop folder says of a pull of one period, a year (`2024`) or a month (`2024-05`)."""

    source_id: str
    period: str
    title: str
    citation: str
    url: str
    table: str
    layout: str
    fetched_on: dt.date

    @property
    def name(self) -> str:
        """Name of the edition, from its period and its day: a later pull of a period is another edition."""
        kind = "M" if "-" in self.period else "API"
        return f"{kind}{self.period.replace('-', '')}_{self.fetched_on:%Y%m%d}"


def today() -> dt.date:
    """The day of a pull: rows are revised without notice, so the day belongs to it."""
    return clock.today()


def describe(pulled: PulledEdition, path: Path, drop: Path, came: str) -> str:
    """Put the file of a pull into the drop folder, with its description.

    Returns:
        in words what came, and under which name a refresh will find it.
    """
    folder = drop / pulled.source_id
    (folder / pulled.name).mkdir(parents=True, exist_ok=True)
    shutil.copyfile(path, folder / pulled.name / path.name)
    content = {
        "edition": pulled.name,
        "title": pulled.title,
        "released_on": pulled.fetched_on,
        "released_on_verified": "the day of the pull",
        "citation": pulled.citation,
        "url": pulled.url,
        "files": [
            {
                "table": pulled.table,
                "path": f"{pulled.source_id}/{pulled.name}/{path.name}",
                "layout": pulled.layout,
            }
        ],
    }
    # Last: a description is what is looked for.
    description = folder / f"{pulled.name}.yml"
    text = yaml.safe_dump(content, sort_keys=False, allow_unicode=True, width=110)
    write_atomically(description, text.encode("utf-8"))
    return f"{pulled.period}: {came}; described as {pulled.name}, to be taken in"
