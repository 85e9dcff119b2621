"""US Census: its tables, and its API, which is asked month by month."""

from sources.reading.lake_schemas import AskedCode, FileRows, LineNotAsked, MonthTrade, NotUsed
from sources.reading.reader import Reader
from sources.us_census.census_months import ApiByMonth
from sources.us_census.layouts import LAYOUTS
from sources.us_census.schema import PublishedImport
from sources.us_census.tidy import tidy

READER = Reader(
    source_id="us_census",
    published={
        "import_row": PublishedImport,
        "asked_code": AskedCode,
        "file_rows": FileRows,
    },
    lake={
        "month_trade": MonthTrade,
        "line_not_asked": LineNotAsked,
        "not_used": NotUsed,
        "file_rows": FileRows,
    },
    tidy=tidy,
    layouts=LAYOUTS,
    periodic_pulls=(ApiByMonth(),),
)
