"""Imports, as a newcomer asks for them."""

from polars import col

from tests.golden.naive_tables import (
    COUNTRIES,
    G7,
    IMPORTS,
    IN_2024,
    POOLED,
    REFINED,
    Truth,
    largest,
)

# Name, query, and what it should answer.
IMPORT_QUERIES: dict[str, tuple[str, Truth]] = {
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
}  # fmt: skip
