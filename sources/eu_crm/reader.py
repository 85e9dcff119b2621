"""The EU study of critical raw materials: its tables."""

from sources.eu_crm.layouts import LAYOUTS
from sources.eu_crm.schema import (
    Criticality,
    PublishedCriticality,
    PublishedSupplyShare,
    PublishedUseShare,
    SupplyShare,
    UseShare,
)
from sources.eu_crm.tidy import tidy
from sources.reading.lake_schemas import FileRows, NotUsed, RowAccount
from sources.reading.reader import Reader

READER = Reader(
    source_id="eu_crm",
    published={
        "supply_share": PublishedSupplyShare,
        "criticality": PublishedCriticality,
        "use_share": PublishedUseShare,
        "row_account": RowAccount,
        "file_rows": FileRows,
    },
    lake={
        "supply_share": SupplyShare,
        "criticality": Criticality,
        "use_share": UseShare,
        "not_used": NotUsed,
        "file_rows": FileRows,
    },
    tidy=tidy,
    layouts=LAYOUTS,
)
