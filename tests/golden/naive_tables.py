"""What the newcomer's queries share: names in SQL, and the release's tables as Polars reads them."""

from collections.abc import Callable
from pathlib import Path

import polars as pl
from polars import col

IMPORTS = "marts.mart_import_dependency"
EXPORTS = "marts.mart_export_share"
MADE = "marts.mart_production_share"
VIEWS = "marts.mart_dependency_view"
POOLS = (col("series_level") == "mineral_stage") & col("is_current_series")
POOLED = "d.series_level = 'mineral_stage' and d.is_current_series"
COUNTRIES = col("origin_kind") == "country"
REFINED = (col("stage") == "refined") & (col("reference_year") == 2024)
IN_2024 = "d.stage = 'refined' and d.reference_year = 2024"
G7 = ["CAN", "DEU", "FRA", "GBR", "ITA", "JPN", "USA"]


class Tables:
    """The release's tables as Polars reads them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __getattr__(self, name: str) -> pl.LazyFrame:
        return pl.scan_parquet(self.folder / f"{name}.parquet")

    @property
    def pools(self) -> pl.LazyFrame:
        """Imports of minerals at a stage, in the series that answers."""
        return self.mart_import_dependency.filter(POOLS)

    @property
    def origins(self) -> pl.LazyFrame:
        """Their countries of origin that have a share."""
        return self.pools.filter(COUNTRIES & col("value_share").is_not_null())


def largest(frame: pl.LazyFrame, keys: list[str], share: str, shown: str) -> pl.LazyFrame:
    """Per key the largest share, and what has it; of equals the first by name."""
    return (
        frame.sort(by=[share, shown], descending=[True, False])
        .group_by(keys, maintain_order=True)
        .first()
        .select(*keys, shown, share)
    )


Truth = Callable[[Tables], pl.LazyFrame]
