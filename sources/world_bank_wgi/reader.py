"""The Worldwide Governance Indicators: their tables."""

from sources.reading.lake_schemas import FileRows, NotUsed
from sources.reading.reader import Reader
from sources.world_bank_wgi.layouts import LAYOUTS
from sources.world_bank_wgi.schema import Governance, PublishedGovernance
from sources.world_bank_wgi.tidy import tidy

READER = Reader(
    source_id="world_bank_wgi",
    published={"governance_cell": PublishedGovernance, "file_rows": FileRows},
    lake={"governance": Governance, "not_used": NotUsed, "file_rows": FileRows},
    tidy=tidy,
    layouts=LAYOUTS,
)
