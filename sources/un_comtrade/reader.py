"""UN Comtrade: its tables, and its API, which is asked by year and by month."""

from sources.reading.lake_schemas import (
    AskedCode,
    FileRows,
    LineNotAsked,
    MonthTrade,
    NotUsed,
    SecretTrade,
)
from sources.reading.reader import Reader
from sources.un_comtrade.checks import CHECKS
from sources.un_comtrade.layouts import LAYOUTS
from sources.un_comtrade.pulled import ApiByMonth, ApiByYear
from sources.un_comtrade.schema import Declaration, PublishedDeclaration, PublishedMonth
from sources.un_comtrade.tidy import tidy

READER = Reader(
    source_id="un_comtrade",
    published={
        "declaration": PublishedDeclaration,
        "month_declaration": PublishedMonth,
        "asked_code": AskedCode,
        "file_rows": FileRows,
    },
    lake={
        "declaration": Declaration,
        "month_trade": MonthTrade,
        "secret_trade": SecretTrade,
        "line_not_asked": LineNotAsked,
        "not_used": NotUsed,
        "file_rows": FileRows,
    },
    tidy=tidy,
    layouts=LAYOUTS,
    checks=CHECKS,
    periodic_pulls=(ApiByYear(), ApiByMonth()),
)
