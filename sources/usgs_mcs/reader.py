"""USGS Mineral Commodity Summaries, the world tables."""

from sources.reading.lake_schemas import FileRows, NotUsed, Production, RowAccount
from sources.reading.reader import Reader
from sources.usgs_mcs.layouts import LAYOUTS
from sources.usgs_mcs.schema import PublishedFigure
from sources.usgs_mcs.tidy import tidy

READER = Reader(
    source_id="usgs_mcs",
    published={
        "world_figure": PublishedFigure,
        "row_account": RowAccount,
        "file_rows": FileRows,
    },
    lake={
        "production": Production,
        "capacity": Production,
        "reserve": Production,
        "not_used": NotUsed,
        "file_rows": FileRows,
    },
    tidy=tidy,
    layouts=LAYOUTS,
)
