"""The World Bank's Pink Sheet: its tables, and the day that a sheet says it was made on."""

from sources.reading.lake_schemas import FileRows, LabelledRowAccount, NotUsed
from sources.reading.reader import Reader
from sources.world_bank_pink_sheet.layouts import LAYOUTS, released_on
from sources.world_bank_pink_sheet.schema import CommodityPrice, PublishedPrice
from sources.world_bank_pink_sheet.tidy import tidy

READER = Reader(
    source_id="world_bank_pink_sheet",
    published={
        "price_cell": PublishedPrice,
        "row_account": LabelledRowAccount,
        "file_rows": FileRows,
    },
    lake={
        "commodity_price": CommodityPrice,
        "not_used": NotUsed,
        "file_rows": FileRows,
    },
    tidy=tidy,
    layouts=LAYOUTS,
    released_on=released_on,
)
