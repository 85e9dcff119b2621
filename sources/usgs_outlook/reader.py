"""USGS World Minerals Outlook: its tables. The registry finds `READER`; nothing else knows the source's name."""

from sources.reading.lake_schemas import FileRows, NotUsed, Production
from sources.reading.reader import Reader
from sources.usgs_outlook.layouts import LAYOUTS
from sources.usgs_outlook.schema import PublishedFigure
from sources.usgs_outlook.tidy import tidy

READER = Reader(
    source_id="usgs_outlook",
    published={"figure": PublishedFigure, "file_rows": FileRows},
    lake={
        "production": Production,
        "capacity": Production,
        "capacity_outlook": Production,
        "not_used": NotUsed,
        "file_rows": FileRows,
    },
    tidy=tidy,
    layouts=LAYOUTS,
)
