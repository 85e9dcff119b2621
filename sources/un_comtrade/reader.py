"""UN Comtrade: its tables, and its API, which is asked year by year."""

from sources.reading.lake_schemas import FileRows, NotUsed
from sources.reading.reader import Reader
from sources.un_comtrade.checks import CHECKS
from sources.un_comtrade.layouts import LAYOUTS
from sources.un_comtrade.pulled import ApiByYear
from sources.un_comtrade.schema import Declaration, PublishedDeclaration
from sources.un_comtrade.tidy import tidy

READER = Reader(
    source_id="un_comtrade",
    published={"declaration": PublishedDeclaration, "file_rows": FileRows},
    lake={"declaration": Declaration, "not_used": NotUsed, "file_rows": FileRows},
    tidy=tidy,
    layouts=LAYOUTS,
    checks=CHECKS,
    periodic_pull=ApiByYear(),
)
