"""The IEA's data set of critical minerals: its tables."""

from sources.iea_critical_minerals.checks import CHECKS
from sources.iea_critical_minerals.layouts import LAYOUTS
from sources.iea_critical_minerals.schema import (
    Demand,
    PublishedDemand,
    PublishedSupply,
    SupplyOutlook,
)
from sources.iea_critical_minerals.tidy import tidy
from sources.reading.lake_schemas import FileRows, LabelledRowAccount, NotUsed, Production
from sources.reading.reader import Reader

READER = Reader(
    source_id="iea_critical_minerals",
    published={
        "supply": PublishedSupply,
        "demand": PublishedDemand,
        "row_account": LabelledRowAccount,
        "file_rows": FileRows,
    },
    lake={
        "production": Production,
        "supply_outlook": SupplyOutlook,
        "demand": Demand,
        "not_used": NotUsed,
        "file_rows": FileRows,
    },
    tidy=tidy,
    checks=CHECKS,
    layouts=LAYOUTS,
)
