"""USITC DataWeb: its tables, and the day on which a workbook says that it was made."""

from sources.reading.lake_schemas import FileRows, NotUsed
from sources.reading.reader import Reader
from sources.usitc_dataweb.checks import CHECKS
from sources.usitc_dataweb.layouts import LAYOUTS, downloaded_on
from sources.usitc_dataweb.schema import PublishedCell, UsTrade
from sources.usitc_dataweb.tidy import tidy

READER = Reader(
    source_id="usitc_dataweb",
    published={"trade_cell": PublishedCell, "file_rows": FileRows},
    lake={"us_trade": UsTrade, "not_used": NotUsed, "file_rows": FileRows},
    tidy=tidy,
    layouts=LAYOUTS,
    # 130,000 cells.
    parquet=frozenset({"trade_cell"}),
    checks=CHECKS,
    released_on=downloaded_on,
)
