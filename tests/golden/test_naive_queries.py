"""Queries as a newcomer writes them answer alike in every DuckDB that opens the file, and as plain aggregates do.

What is expected is worked out with Polars, from the Parquet files of the release. Of DuckDB 1.5.5 and 1.5.6 the
optimizer `top_n_window_elimination` spoils `qualify row_number() over (… order by share desc) = 1` behind a join where
some share is null; ranks and leaders are columns so that nobody needs it.
"""

from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
from polars import col

from dagster_project.release_files import DATABASE
from tests.clients import VERSIONS, answers

pytestmark = pytest.mark.slow

Rows = list[tuple[object, ...]]
# Where the natural form may be wrong, without an error.
SPOILT = {"1.5.5", "1.5.6"}
PLACES = 9

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
# Name, query, and what it should answer.
QUERIES: dict[str, tuple[str, Truth]] = {
    "first place": (
        f"select importer_id, origin_id, value_share from {IMPORTS} d where {POOLED} and {IN_2024} "
        "and mineral_id = 'gallium' and origin_rank = 1",
        lambda t: largest(
            t.origins.filter(REFINED, col("mineral_id") == "gallium"),
            ["importer_id"], "value_share", "origin_id",
        ),
    ),
    "first place, with names of minerals": (
        f"select m.mineral_name, d.origin_id, d.value_share from {IMPORTS} d join marts.dim_mineral m "
        f"using (mineral_id) where {POOLED} and {IN_2024} and d.importer_id = 'EU27' and d.origin_rank = 1",
        lambda t: largest(
            t.origins.filter(REFINED, col("importer_id") == "EU27").join(t.dim_mineral, on="mineral_id"),
            ["mineral_name"], "value_share", "origin_id",
        ),
    ),
    "first place on a line": (
        f"select d.importer_id, c.country_name, d.value_share from {IMPORTS} d join marts.dim_country c "
        "on d.origin_id = c.country_iso3 where d.hs6 = '280530' and d.series_id = 'hs92' "
        "and d.reference_year = 2023 and d.origin_rank = 1 and d.importer_kind = 'bloc'",
        lambda t: largest(
            t.mart_import_dependency.filter(
                COUNTRIES, col("hs6") == "280530", col("series_id") == "hs92",
                col("reference_year") == 2023, col("importer_kind") == "bloc",
                col("value_share").is_not_null(),
            ).join(t.dim_country, left_on="origin_id", right_on="country_iso3"),
            ["importer_id"], "value_share", "country_name",
        ),
    ),
    "leader columns": (
        f"select distinct importer_id, mineral_id, leader_origin_id, leader_value_share from {IMPORTS} d "
        f"where {POOLED} and {IN_2024} and leader_origin_id is not null",
        lambda t: largest(
            t.origins.filter(REFINED), ["importer_id", "mineral_id"], "value_share", "origin_id"
        ),
    ),
    "leader where China is not": (
        f"select mineral_id, leader_origin_id, leader_value_share from {IMPORTS} d where {POOLED} and {IN_2024} "
        "and importer_id = 'USA' and origin_id = 'CHN' and leader_origin_id <> 'CHN'",
        lambda t: largest(
            t.origins.filter(REFINED, col("importer_id") == "USA"),
            ["mineral_id"], "value_share", "origin_id",
        )
        .filter(col("origin_id") != "CHN")
        .join(
            t.pools.filter(REFINED, col("importer_id") == "USA", col("origin_id") == "CHN"),
            on="mineral_id", how="semi",
        ),
    ),
    "whom does China lead": (
        f"select mineral_id, count(distinct importer_id) from {IMPORTS} d where {POOLED} and {IN_2024} "
        "and leader_origin_id = 'CHN' and importer_kind = 'country' group by mineral_id",
        lambda t: largest(
            t.origins.filter(REFINED, col("importer_kind") == "country"),
            ["importer_id", "mineral_id"], "value_share", "origin_id",
        )
        .filter(col("origin_id") == "CHN")
        .group_by("mineral_id")
        .len(),
    ),
    "first three": (
        f"select c.country_name, d.origin_rank from {IMPORTS} d join marts.dim_country c "
        f"on d.origin_id = c.country_iso3 where {POOLED} and {IN_2024} and mineral_id = 'rare_earths' "
        "and importer_id = 'JPN' and origin_rank <= 3",
        lambda t: t.origins.filter(
            REFINED, col("importer_id") == "JPN", col("mineral_id") == "rare_earths"
        )
        .join(t.dim_country, left_on="origin_id", right_on="country_iso3")
        .top_k(3, by="value_share")
        .select("country_name", col("value_share").rank("min", descending=True)),
    ),
    "max_by": (
        f"select importer_id, max_by(origin_id, value_share), max(value_share) from {IMPORTS} d "
        f"where {POOLED} and {IN_2024} and mineral_id = 'cobalt' and origin_kind = 'country' "
        "and importer_kind = 'bloc' group by importer_id having max(value_share) is not null",
        lambda t: largest(
            t.origins.filter(REFINED, col("mineral_id") == "cobalt", col("importer_kind") == "bloc"),
            ["importer_id"], "value_share", "origin_id",
        ),
    ),
    "arg_max behind a join": (
        f"select m.mineral_name, arg_max(d.origin_id, d.value_share), max(d.value_share) from {IMPORTS} d "
        f"join marts.dim_mineral m using (mineral_id) where {POOLED} and {IN_2024} and d.importer_id = 'G7' "
        "and d.origin_kind = 'country' and d.value_share is not null group by m.mineral_name",
        lambda t: largest(
            t.origins.filter(REFINED, col("importer_id") == "G7").join(t.dim_mineral, on="mineral_id"),
            ["mineral_name"], "value_share", "origin_id",
        ),
    ),
    "order by, limit": (
        f"select origin_id, value_share from {IMPORTS} d where {POOLED} and {IN_2024} "
        "and mineral_id = 'tungsten' and importer_id = 'DEU' and origin_kind = 'country' "
        "order by value_share desc limit 5",
        lambda t: t.origins.filter(
            REFINED, col("importer_id") == "DEU", col("mineral_id") == "tungsten"
        )
        .top_k(5, by="value_share")
        .select("origin_id", "value_share"),
    ),
    "order by behind a join": (
        f"select c.country_name, d.value_share from {IMPORTS} d join marts.dim_country c "
        f"on d.origin_id = c.country_iso3 where {POOLED} and {IN_2024} and d.mineral_id = 'gallium' "
        "and d.importer_id = 'EU27' order by d.value_share desc nulls last limit 3",
        lambda t: t.origins.filter(
            REFINED, col("importer_id") == "EU27", col("mineral_id") == "gallium"
        )
        .join(t.dim_country, left_on="origin_id", right_on="country_iso3")
        .top_k(3, by="value_share")
        .select("country_name", "value_share"),
    ),
    "distinct on": (
        f"select distinct on (mineral_id) mineral_id, origin_id, value_share from {IMPORTS} d where {POOLED} "
        f"and {IN_2024} and importer_id = 'KOR' and origin_kind = 'country' and value_share is not null "
        "order by mineral_id, value_share desc",
        lambda t: largest(
            t.origins.filter(REFINED, col("importer_id") == "KOR"),
            ["mineral_id"], "value_share", "origin_id",
        ),
    ),
    "qualify without nulls": (
        f"select m.mineral_name, d.origin_id, d.value_share from {IMPORTS} d join marts.dim_mineral m "
        f"using (mineral_id) where {POOLED} and {IN_2024} and d.importer_id = 'EU27' "
        "and d.origin_kind = 'country' and d.value_share is not null "
        "qualify row_number() over (partition by d.mineral_id order by d.value_share desc) = 1",
        lambda t: largest(
            t.origins.filter(REFINED, col("importer_id") == "EU27").join(t.dim_mineral, on="mineral_id"),
            ["mineral_name"], "value_share", "origin_id",
        ),
    ),
    "qualify rank by the column": (
        f"select m.mineral_name, d.origin_id, d.value_share from {IMPORTS} d join marts.dim_mineral m "
        f"using (mineral_id) where {POOLED} and {IN_2024} and d.importer_id = 'MSP' and d.origin_rank is not null "
        "qualify row_number() over (partition by d.mineral_id order by d.origin_rank) = 1",
        lambda t: largest(
            t.origins.filter(REFINED, col("importer_id") == "MSP").join(t.dim_mineral, on="mineral_id"),
            ["mineral_name"], "value_share", "origin_id",
        ),
    ),
    "row_number in a step": (
        f"with placed as (select d.importer_id, d.origin_id, d.value_share, row_number() over "
        f"(partition by d.importer_id order by d.value_share desc) as place from {IMPORTS} d where {POOLED} "
        f"and {IN_2024} and d.mineral_id = 'magnesium' and d.origin_kind = 'country' "
        "and d.value_share is not null) select importer_id, origin_id, value_share from placed "
        "where place = 1 and importer_id in ('EU27', 'G7', 'USA', 'JPN')",
        lambda t: largest(
            t.origins.filter(
                REFINED, col("mineral_id") == "magnesium",
                col("importer_id").is_in(["EU27", "G7", "USA", "JPN"]),
            ),
            ["importer_id"], "value_share", "origin_id",
        ),
    ),
    "its own maximum": (
        f"select d.mineral_id, d.origin_id from {IMPORTS} d join (select mineral_id, max(value_share) as top "
        f"from {IMPORTS} d where {POOLED} and {IN_2024} and importer_id = 'IND' and origin_kind = 'country' "
        f"group by mineral_id) x on d.mineral_id = x.mineral_id and d.value_share = x.top where {POOLED} "
        f"and {IN_2024} and d.importer_id = 'IND' and d.origin_kind = 'country'",
        lambda t: largest(
            t.origins.filter(REFINED, col("importer_id") == "IND"),
            ["mineral_id"], "value_share", "origin_id",
        ).select("mineral_id", "origin_id"),
    ),
    "mean of the leaders' shares": (
        "select mineral_id, avg(leader_value_share) from (select distinct importer_id, mineral_id, "
        f"leader_value_share from {IMPORTS} d join marts.bridge_bloc_member b on d.importer_id = b.country_iso3 "
        f"where b.bloc_id = 'G7' and {POOLED} and {IN_2024}) where leader_value_share is not null "
        "group by mineral_id",
        lambda t: t.origins.filter(REFINED, col("importer_id").is_in(G7))
        .group_by("importer_id", "mineral_id")
        .agg(col("value_share").max())
        .group_by("mineral_id")
        .agg(col("value_share").mean()),
    ),
    "dollars of a bloc's members": (
        "select d.mineral_id, sum(case when d.origin_id = 'CHN' then d.value_usd end) / sum(d.value_usd) "
        f"from {IMPORTS} d join marts.bridge_bloc_member b on d.importer_id = b.country_iso3 "
        f"where b.bloc_id = 'G7' and {POOLED} and {IN_2024} and d.origin_kind = 'country' "
        "and d.mineral_id in ('cobalt', 'nickel', 'magnesium') group by d.mineral_id",
        lambda t: t.pools.filter(
            REFINED, COUNTRIES, col("importer_id").is_in(G7),
            col("mineral_id").is_in(["cobalt", "nickel", "magnesium"]),
        )
        .group_by("mineral_id")
        .agg(col("value_usd").filter(col("origin_id") == "CHN").sum() / col("value_usd").sum()),
    ),
    "leaders through the years": (
        f"select distinct reference_year, leader_origin_id from {IMPORTS} d where {POOLED} "
        "and importer_id = 'EU27' and mineral_id = 'rare_earths' and stage = 'refined' "
        "and leader_origin_id is not null",
        lambda t: largest(
            t.origins.filter(
                col("importer_id") == "EU27", col("mineral_id") == "rare_earths",
                col("stage") == "refined",
            ),
            ["reference_year"], "value_share", "origin_id",
        ).select("reference_year", "origin_id"),
    ),
    "then and now": (
        f"select a.importer_id, b.value_share - a.value_share from {IMPORTS} a join {IMPORTS} b "
        "on a.importer_id = b.importer_id and a.mineral_id = b.mineral_id and a.stage = b.stage "
        "and a.origin_id = b.origin_id and a.series_level = b.series_level where a.series_level = 'mineral_stage' "
        "and a.is_current_series and b.is_current_series and a.mineral_id = 'rare_earths' "
        "and a.stage = 'refined' and a.origin_id = 'CHN' and a.reference_year = 2008 and b.reference_year = 2024 "
        "and a.importer_id in ('USA', 'JPN', 'EU27')",
        lambda t: t.pools.filter(
            col("mineral_id") == "rare_earths", col("stage") == "refined", col("origin_id") == "CHN",
            col("importer_id").is_in(["USA", "JPN", "EU27"]),
        )
        .group_by("importer_id")
        .agg(
            col("value_share").filter(col("reference_year") == 2024).first()
            - col("value_share").filter(col("reference_year") == 2008).first()
        ),
    ),
    "widest ranges": (
        f"select importer_id, reference_year, quantity_share_high - quantity_share_low from {IMPORTS} d "
        f"where {POOLED} and importer_kind = 'bloc' and origin_id = 'CHN' and mineral_id = 'rare_earths' "
        "and stage = 'refined' and quantity_share_high is not null order by 3 desc, 1, 2 limit 5",
        lambda t: t.pools.filter(
            col("mineral_id") == "rare_earths", col("stage") == "refined",
            col("origin_id") == "CHN", col("importer_kind") == "bloc",
        )
        .select(
            "importer_id", "reference_year",
            width=col("quantity_share_high") - col("quantity_share_low"),
        )
        .drop_nulls()
        .top_k(5, by="width"),
    ),
    "largest exporter": (
        f"select mineral_id, exporter_id, export_share from {EXPORTS} d where series_level = 'mineral_stage' "
        f"and {IN_2024} and destination_id = 'WLD' and exporter_rank = 1",
        lambda t: largest(
            t.mart_export_share.filter(
                REFINED, col("series_level") == "mineral_stage", col("destination_id") == "WLD",
                col("exporter_kind") == "country",
            ),
            ["mineral_id"], "export_share", "exporter_id",
        ),
    ),
    "largest exporter by max_by": (
        f"select m.mineral_name, max_by(d.exporter_id, d.export_share) from {EXPORTS} d join marts.dim_mineral m "
        f"using (mineral_id) where series_level = 'mineral_stage' and {IN_2024} and destination_id = 'WLD' "
        "and exporter_kind = 'country' group by 1",
        lambda t: largest(
            t.mart_export_share.filter(
                REFINED, col("series_level") == "mineral_stage", col("destination_id") == "WLD",
                col("exporter_kind") == "country",
            ).join(t.dim_mineral, on="mineral_id"),
            ["mineral_name"], "export_share", "exporter_id",
        ).select("mineral_name", "exporter_id"),
    ),
    "to whom does China sell": (
        f"select c.country_name, d.destination_share from {EXPORTS} d join marts.dim_country c "
        f"on d.destination_id = c.country_iso3 where series_level = 'mineral_stage' and {IN_2024} "
        "and mineral_id = 'rare_earths' and exporter_id = 'CHN' and destination_rank <= 3",
        lambda t: t.mart_export_share.filter(
            REFINED, col("series_level") == "mineral_stage", col("mineral_id") == "rare_earths",
            col("exporter_id") == "CHN", col("destination_kind") == "country",
        )
        .join(t.dim_country, left_on="destination_id", right_on="country_iso3")
        .top_k(3, by="destination_share")
        .select("country_name", "destination_share"),
    ),
    "largest producer": (
        f"select m.mineral_name, d.form, d.production_share from {MADE} d join marts.dim_mineral m "
        "using (mineral_id) where d.edition = 'MCS2026' and d.reference_year = 2024 and d.stage = 'refined' "
        "and d.producer_rank = 1 and d.production_share is not null",
        lambda t: t.mart_production_share.filter(REFINED, col("edition") == "MCS2026")
        .join(t.dim_mineral, on="mineral_id")
        .group_by("mineral_name", "form")
        .agg(col("production_share").max())
        .drop_nulls(),
    ),
    "largest producer by max_by": (
        f"select mineral_id, form, max_by(country_iso3, production_share) from {MADE} d where edition = 'MCS2026' "
        "and reference_year = 2024 and stage = 'refined' and production_share is not null group by 1, 2",
        lambda t: largest(
            t.mart_production_share.filter(
                REFINED, col("edition") == "MCS2026", col("production_share").is_not_null()
            ),
            ["mineral_id", "form"], "production_share", "country_iso3",
        ).select("mineral_id", "form", "country_iso3"),
    ),
    "who refined it": (
        f"select importer_id, origin_id, refiner_origin_share from {VIEWS} d where mineral_id = 'cobalt' "
        "and stage = 'refined' and reference_year = 2023 and series_level = 'mineral_stage' "
        "and measure = 'contained' and denominator = 'imports' and refiner_origin_rank = 1 "
        "and importer_kind = 'bloc'",
        lambda t: largest(
            t.mart_dependency_view.filter(
                COUNTRIES, col("mineral_id") == "cobalt", col("stage") == "refined",
                col("reference_year") == 2023, col("series_level") == "mineral_stage",
                col("measure") == "contained", col("denominator") == "imports",
                col("importer_kind") == "bloc", col("refiner_origin_share") > 0,
            ),
            ["importer_id"], "refiner_origin_share", "origin_id",
        ),
    ),
    "who mined it": (
        f"select importer_id, max_by(origin_id, mine_origin_share) from {VIEWS} d where mineral_id = 'cobalt' "
        "and stage = 'refined' and reference_year = 2023 and series_level = 'mineral_stage' "
        "and measure = 'contained' and denominator = 'imports' and origin_kind = 'country' "
        "and mine_origin_share > 0 and importer_kind = 'country' group by importer_id",
        lambda t: largest(
            t.mart_dependency_view.filter(
                COUNTRIES, col("mineral_id") == "cobalt", col("stage") == "refined",
                col("reference_year") == 2023, col("series_level") == "mineral_stage",
                col("measure") == "contained", col("denominator") == "imports",
                col("importer_kind") == "country", col("mine_origin_share") > 0,
            ),
            ["importer_id"], "mine_origin_share", "origin_id",
        ).select("importer_id", "origin_id"),
    ),
    "the macro's first row": (
        "select origin_id, value_share from marts.dependency('European Union', 'Gallium', 'Refining', 2024) "
        "where origin_kind = 'country' limit 1",
        lambda t: largest(
            t.origins.filter(REFINED, col("importer_id") == "EU27", col("mineral_id") == "gallium"),
            ["importer_id"], "value_share", "origin_id",
        ).select("origin_id", "value_share"),
    ),
    "the README's refiners": (
        f"select mineral_id, form, country_iso3, production_share from {MADE} where stage = 'refined' "
        "and edition = 'MCS2026' and reference_year = 2024 and production_share > 0.5",
        lambda t: t.mart_production_share.filter(
            REFINED, col("edition") == "MCS2026", col("production_share") > 0.5
        ).select("mineral_id", "form", "country_iso3", "production_share"),
    ),
    "the README's rare earths": (
        "select importer_id, max(case when reference_year = 2008 then value_share end), "
        "max(case when reference_year = 2024 then value_share end), "
        "max(case when reference_year = 2008 then quantity_share end), "
        "max(case when reference_year = 2024 then quantity_share end) "
        f"from {IMPORTS} d where {POOLED} and mineral_id = 'rare_earths' and stage = 'refined' "
        "and origin_id = 'CHN' and importer_id in ('JPN', 'USA', 'DEU', 'FRA', 'GBR', 'ITA', 'CAN', 'EU27') "
        "group by importer_id",
        lambda t: t.pools.filter(
            col("mineral_id") == "rare_earths", col("stage") == "refined", col("origin_id") == "CHN",
            col("importer_id").is_in([*G7, "EU27"]),
        )
        .group_by("importer_id")
        .agg(
            *(
                col(share).filter(col("reference_year") == year).first().alias(f"{share}_{year}")
                for share in ("value_share", "quantity_share")
                for year in (2008, 2024)
            )
        ),
    ),
    "the README's claim": (
        "select edition, mineral_id, computed_low, verdict from marts.mart_claim_check "
        "where claim_id = 'CHN_REFINES_47_87' and as_of_kind = 'claim_date' and is_newest_known_edition "
        "and source_id = 'iea_critical_minerals'",
        lambda t: t.mart_claim_check.filter(
            col("claim_id") == "CHN_REFINES_47_87", col("as_of_kind") == "claim_date",
            col("is_newest_known_edition"), col("source_id") == "iea_critical_minerals",
        ).select("edition", "mineral_id", "computed_low", "verdict"),
    ),
}  # fmt: skip
NATURAL = (
    f"select d.mineral_id, m.mineral_name, d.origin_id, d.value_share from {IMPORTS} d join marts.dim_mineral m "
    f"using (mineral_id) where {POOLED} and {IN_2024} and d.importer_id = 'EU27' and d.origin_kind = 'country' "
    "qualify row_number() over (partition by d.mineral_id order by d.value_share desc) = 1"
)


def plain(rows: list[list[object]] | Rows) -> list[str]:
    """Rows that can be compared: numbers to as many places, in any order."""
    return sorted(
        str(tuple(round(value, PLACES) if isinstance(value, float) else value for value in row))
        for row in rows
    )


@pytest.fixture(scope="module")
def expected(data: Path) -> dict[str, list[str]]:
    tables = Tables(data / "published" / "current" / "parquet")
    return {
        name: plain(
            truth(tables).with_columns(pl.selectors.integer().cast(pl.Int64)).collect().rows()
        )
        for name, (_, truth) in QUERIES.items()
    }


def test_there_are_thirty() -> None:
    assert len(QUERIES) >= 30


@pytest.mark.parametrize("version", VERSIONS)
def test_every_duckdb_answers_as_plain_aggregates(
    data: Path, expected: dict[str, list[str]], version: str
) -> None:
    database = data / "published" / "current" / DATABASE
    told = answers(version, database, [query for query, _ in QUERIES.values()])
    wrong = {
        name: answer.get("error") or (plain(answer["rows"])[:2], expected[name][:2])
        for name, answer in zip(QUERIES, told, strict=True)
        if "error" in answer or plain(answer["rows"]) != expected[name]
    }
    assert not wrong, wrong
    assert all(expected.values()), "a query that answers nothing tells nothing"


@pytest.mark.parametrize("version", VERSIONS)
def test_natural_form_is_right_but_in_two_versions(
    data: Path, version: str, record_property: Callable[[str, object], None]
) -> None:
    """In 1.5.5 and 1.5.6 it may be wrong, and the report says how often: the page warns, nothing here trusts it."""
    tables = Tables(data / "published" / "current" / "parquet")
    european = tables.origins.filter(REFINED, col("importer_id") == "EU27")
    largest_share = {
        str(mineral): round(share, PLACES)
        for mineral, share in european.group_by("mineral_id")
        .agg(col("value_share").max())
        .collect()
        .iter_rows()
    }
    [answer] = answers(version, data / "published" / "current" / DATABASE, [NATURAL])
    wrong = [
        row
        for row in answer["rows"]
        if row[0] in largest_share and round(row[3] or 0, PLACES) != largest_share[row[0]]
    ]
    record_property("no_largest_origin", f"{len(wrong)} of {len(largest_share)}")
    assert len(answer["rows"]) >= len(largest_share)
    assert not wrong or version in SPOILT, wrong
