"""Exports, production, views and macros, as a newcomer asks for them."""

from polars import col

from tests.golden.naive_tables import (
    COUNTRIES,
    EXPORTS,
    G7,
    IMPORTS,
    IN_2024,
    MADE,
    POOLED,
    REFINED,
    VIEWS,
    Truth,
    largest,
)

# Name, query, and what it should answer.
OTHER_QUERIES: dict[str, tuple[str, Truth]] = {
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
    "largest refiners": (
        f"select mineral_id, form, country_iso3, production_share from {MADE} where stage = 'refined' "
        "and edition = 'MCS2026' and reference_year = 2024 and production_share > 0.5",
        lambda t: t.mart_production_share.filter(
            REFINED, col("edition") == "MCS2026", col("production_share") > 0.5
        ).select("mineral_id", "form", "country_iso3", "production_share"),
    ),
    "China's share of rare earths": (
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
    "a claim checked": (
        "select edition, mineral_id, computed_low, verdict from marts.mart_claim_check "
        "where claim_id = 'CHN_REFINES_47_87' and as_of_kind = 'claim_date' and is_newest_known_edition "
        "and source_id = 'iea_critical_minerals'",
        lambda t: t.mart_claim_check.filter(
            col("claim_id") == "CHN_REFINES_47_87", col("as_of_kind") == "claim_date",
            col("is_newest_known_edition"), col("source_id") == "iea_critical_minerals",
        ).select("edition", "mineral_id", "computed_low", "verdict"),
    ),
}  # fmt: skip
