"""Labels of real files that mislead: sentences, long ones, and those that say what the figures are not."""

import polars as pl
import pytest

pytestmark = pytest.mark.shared


def test_long_labels_and_sentences_are_read(
    published: dict[str, pl.DataFrame], lake_tables: dict[str, pl.DataFrame]
) -> None:
    """MCS2026_Commodities_Data.csv, rows 8865 and 8876: labels of 93 characters; others by their row."""
    world = lake_tables["production"].filter(
        edition="MCS2026", mineral_id="zirconium", geography_kind="world"
    )
    assert world.select("file_row", "reference_year", "quantity_tonnes").sort(
        "file_row"
    ).rows() == [
        (8865, 2024, 1_300_000.0),
        (8876, 2025, 1_200_000.0),
    ]
    printed = {
        1424: ("reserves", "<200,000", None, 0.0, 200_000.0),
        3687: ("production", "330 - 390", None, 330.0, 390.0),
        3688: ("production", "190 - 290", None, 190.0, 290.0),
        6278: ("reserves", "<200,000", None, 0.0, 200_000.0),
        6549: ("capacity", "90", 90.0, None, None),
        6550: ("production", "80", 80.0, None, None),
        8533: ("production", "10,000 - 15,000", None, 10_000.0, 15_000.0),
    }
    read = published["world_figure"].filter(
        pl.col("file_row").is_in(list(printed)), edition="MCS2026"
    )
    columns = ("statistic", "published_value", "value_number", "value_lower", "value_upper")
    assert {row[0]: row[1:] for row in read.select("file_row", *columns).rows()} == printed


def test_clinker_capacity_is_capacity(published: dict[str, pl.DataFrame]) -> None:
    """MCS2025_World_Data.csv, rows 201 to 216: capacity, in the columns of production."""
    clinker = published["world_figure"].filter(
        pl.col("published_stage").str.starts_with("Clinker"), edition="MCS2025"
    )
    assert sorted(clinker["file_row"].unique()) == list(range(201, 217))
    assert clinker["statistic"].unique().to_list() == ["capacity"]
    china = clinker.filter(published_country="China").sort("reference_year")
    assert china["value_number"].to_list() == [2_000_000.0, 1_900_000.0]


def test_magnesite_of_2024_is_gross(lake_tables: dict[str, pl.DataFrame]) -> None:
    """mcs2024-mgcomp_world.csv says MgO and prints the gross tonnes of MCS 2023 and 2025."""
    for table in ("production", "reserve"):
        magnesite = lake_tables[table].filter(mineral_id="magnesite")
        assert magnesite["basis"].unique().to_list() == ["gross"]
        of_2024 = magnesite.filter(edition="MCS2024")
        assert of_2024["derivation"].unique().to_list() == ["corrected"]
        assert of_2024["published_stage"].unique().to_list() == [
            "Mine production, magnesite - contained magnesium oxide (MgO)"
        ]
    china = lake_tables["production"].filter(
        mineral_id="magnesite", geography_id="CHN", reference_year=2023
    )
    assert sorted(china.select("edition", "quantity_tonnes").rows()) == [
        ("MCS2024", 13_000_000.0),
        ("MCS2025", 13_000_000.0),
    ]
