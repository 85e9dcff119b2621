"""Eurostat Comext by month: its tables, and its archives, which are fetched month by month."""

from sources.eurostat_comext_months.comext_months import ArchiveByMonth
from sources.eurostat_comext_months.layouts import LAYOUTS
from sources.eurostat_comext_months.schema import PublishedMonthImport, PublishedSecret
from sources.eurostat_comext_months.tidy import tidy
from sources.reading.lake_schemas import (
    AskedCode,
    FileRows,
    LabelledRowAccount,
    LineNotAsked,
    MonthTrade,
    NotUsed,
    SecretTrade,
)
from sources.reading.reader import Reader

READER = Reader(
    source_id="eurostat_comext_months",
    published={
        "import_row": PublishedMonthImport,
        "secret_row": PublishedSecret,
        "account": LabelledRowAccount,
        "asked_code": AskedCode,
        "file_rows": FileRows,
    },
    lake={
        "month_trade": MonthTrade,
        "secret_trade": SecretTrade,
        "line_not_asked": LineNotAsked,
        "not_used": NotUsed,
        "file_rows": FileRows,
    },
    tidy=tidy,
    layouts=LAYOUTS,
    periodic_pulls=(ArchiveByMonth(),),
)
