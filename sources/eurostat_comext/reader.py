"""Eurostat's Comext: its tables."""

from sources.eurostat_comext.layouts import LAYOUTS
from sources.eurostat_comext.schema import Cn8Import, ExchangeRate, PublishedFlow
from sources.eurostat_comext.tidy import tidy
from sources.reading.lake_schemas import FileRows, NotUsed
from sources.reading.reader import Reader

READER = Reader(
    source_id="eurostat_comext",
    published={"cn8_flow": PublishedFlow, "file_rows": FileRows},
    lake={
        "cn8_import": Cn8Import,
        "exchange_rate": ExchangeRate,
        "not_used": NotUsed,
        "file_rows": FileRows,
    },
    tidy=tidy,
    layouts=LAYOUTS,
)
