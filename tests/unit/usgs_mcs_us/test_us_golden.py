"""Figures copied by hand from the publisher's rows (quoted), and the publisher against himself."""

import csv
from pathlib import Path

import polars as pl
import pytest

pytestmark = pytest.mark.shared
Tables = dict[str, pl.DataFrame]
OPEN = 1.0


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        # MCS2026 Rare Earths, "…: Compounds and metals", 2021-25: >95, >95, >90, 53, 67
        (("MCS2026", "rare_earths", "compounds_and_metals", 2023), ("bounded", None, 0.9, OPEN)),
        (("MCS2026", "rare_earths", "compounds_and_metals", 2024), ("numeric", 0.53, None, None)),
        (("MCS2026", "rare_earths", "compounds_and_metals", 2025), ("numeric", 0.67, None, None)),
        # "…: Mineral concentrates": E, E, E, E, E
        (
            ("MCS2026", "rare_earths", "mineral_concentrates", 2025),
            ("net_exporter", None, None, None),
        ),
        # MCS2026 Gallium: 100 in every year; Graphite (Natural): 100 in every year
        (("MCS2026", "gallium", "total", 2025), ("numeric", 1.0, None, None)),
        (("MCS2026", "graphite_natural", "total", 2024), ("numeric", 1.0, None, None)),
        # MCS2026 Copper: 44, 41, 42, 45, 57
        (("MCS2026", "copper", "refined", 2025), ("numeric", 0.57, None, None)),
        # MCS2026 Lithium: >25, >25, >50, >50, >50
        (("MCS2026", "lithium", "total", 2022), ("bounded", None, 0.25, OPEN)),
        (("MCS2026", "lithium", "total", 2025), ("bounded", None, 0.5, OPEN)),
        # MCS2026 Germanium and Tungsten: >50 in every year
        (("MCS2026", "germanium", "total", 2025), ("bounded", None, 0.5, OPEN)),
        (("MCS2026", "tungsten", "total", 2025), ("bounded", None, 0.5, OPEN)),
        # MCS2026 Nickel: 38, 43, 41, 43, 41
        (("MCS2026", "nickel", "total", 2025), ("numeric", 0.41, None, None)),
        # MCS2026 Zirconium ores and concentrates: <25, <50, <25, <25, <25; Hafnium: NA
        (("MCS2026", "zirconium", "ores_and_concentrates", 2022), ("bounded", None, 0.0, 0.5)),
        (("MCS2026", "hafnium", "total", 2025), ("not_available", None, None, None)),
        # MCS2025,Rare Earths,2024,45000,1300,8000,220,90,43000,1100,320,6600,1,260,27,1,5,56,810,570,80,E
        (("MCS2025", "rare_earths", "compounds_and_metals", 2024), ("numeric", 0.8, None, None)),
        # MCS2025,Nickel,2024,8000,W,92000,…,17000,7.7,22000,400,48 under `NIR_ct`
        (("MCS2025", "nickel", "total", 2024), ("numeric", 0.48, None, None)),
        # MCS2025,Germanium,2024,0,NA,…,2100,1400,>50 under `NIR_ct`
        (("MCS2025", "germanium", "total", 2024), ("bounded", None, 0.5, OPEN)),
        # MCS2024,Fluorspar,2023, ,NA,40,350,40,390,100,25,34,22,370,430,360,15,100,,, - shifted by one
        (("MCS2024", "fluorspar", "total", 2023), ("numeric", 1.0, None, None)),
        # MCS2024,Gallium,2023,…,2700,100; MCS2024,Tungsten,2023,…,W,>50
        (("MCS2024", "gallium", "total", 2023), ("numeric", 1.0, None, None)),
        (("MCS2024", "tungsten", "total", 2023), ("bounded", None, 0.5, OPEN)),
        # MCS2023 copper: …,33|37|38|44|41 for 2018-22
        (("MCS2023", "copper", "refined", 2022), ("numeric", 0.41, None, None)),
    ],
)
def test_net_import_reliance(
    us_lake: Tables,
    line: tuple[str, str, str, int],
    expected: tuple[str, float | None, float | None, float | None],
) -> None:
    key = dict(zip(("edition", "mineral_id", "form", "reference_year"), line, strict=True))
    [row] = us_lake["net_import_reliance"].filter(**key).iter_rows(named=True)
    got = [row[f"net_import_reliance_share{end}"] for end in ("", "_lower", "_upper")]
    assert (row["value_status"], *got) == expected


@pytest.mark.parametrize(
    ("mineral", "form", "shares"),
    [
        # Gallium, Metal: Canada 28, Japan 22, China 18, Germany 16, Other countries 16
        ("gallium", "metal", {"CAN": 0.28, "JPN": 0.22, "CHN": 0.18, "DEU": 0.16, "REST": 0.16}),
        # Rare-earth compounds and metals: China 71, Malaysia 13, Japan 5, Estonia 5, Other countries 6
        ("rare_earths", "compounds_and_metals", {"CHN": 0.71, "MYS": 0.13, "JPN": 0.05, "EST": 0.05, "REST": 0.06}),
        # Scandium is none of our minerals; Niobium total: Brazil 67, Canada 28, Other countries 5
        ("niobium", "total", {"BRA": 0.67, "CAN": 0.28, "REST": 0.05}),
    ],
)  # fmt: skip
def test_import_sources(us_lake: Tables, mineral: str, form: str, shares: dict[str, float]) -> None:
    rows = us_lake["us_import_source"].filter(mineral_id=mineral, form=form)
    assert dict(rows.select("geography_id", "import_share").iter_rows()) == shares
    assert rows.select("period_from", "period_to").unique().rows() == [(2021, 2024)]
    assert set(rows["published_partner"]) & {"Other countries"}


def test_hong_kong_is_said_to_be_in_china_where_the_note_says_so(us_lake: Tables) -> None:
    china = us_lake["us_import_source"].filter(country_iso3="CHN")
    # "Includes Hong Kong. -- Compounds and metals imported from Estonia …" / gallium: no note
    said = dict(
        china.select(pl.format("{} {}", "mineral_id", "form"), "includes_hong_kong").iter_rows()
    )
    assert said["rare_earths compounds_and_metals"]
    assert not said["gallium metal"]
    assert not us_lake["us_import_source"].filter(pl.col("country_iso3") == "HKG").height


def test_a_bounded_import_share_keeps_its_bounds(us_lake: Tables) -> None:
    # Phosphate Rock: Peru >99, Other countries <1
    rows = us_lake["us_import_source"].filter(mineral_id="phosphate").sort("geography_id")
    got = rows.select("geography_id", "import_share", "import_share_lower", "import_share_upper")
    assert got.rows() == [("PER", None, 0.99, 1.0), ("REST", None, 0.0, 0.01)]


def test_import_shares_of_a_line_add_up(us_lake: Tables) -> None:
    line = ["edition", "mineral_id", "form"]
    sums = (
        us_lake["us_import_source"]
        .group_by(line)
        .agg(pl.col("import_share").sum(), numeric=(pl.col("value_status") == "numeric").all())
        .filter("numeric")
    )
    assert sums.height > 80
    assert sums.filter(~pl.col("import_share").is_between(0.985, 1.015)).is_empty()


@pytest.mark.parametrize(
    ("line", "price", "usd_per_tonne"),
    [
        # Antimony 2025, dollars per pound: 25 -> 25 / 0.45359237 kg
        (("MCS2026", "antimony", "metal", 2025), 25, 55_115.57),
        # Germanium metal 2025, dollars per kilogram: "4,100"
        (("MCS2026", "germanium", "metal", 2025), 4_100, 4_100_000),
        # Copper LME 2024, cents per pound: 414.7
        (("MCS2026", "copper", "lme_cash", 2024), 414.7, 9_142.57),
        # Nickel LME 2024: 16,812 dollars per metric ton; 7.63 dollars per pound
        (("MCS2026", "nickel", "lme_cash", 2024), 16_812, 16_812),
        (("MCS2026", "nickel", "lme_cash_per_pound", 2024), 7.63, 16_821.27),
        # Palladium 2024, dollars per troy ounce: 994.9
        (("MCS2026", "palladium", "metal", 2024), 994.9, 31_986_777.76),
        # Tungsten 2025, dollars per dry metric ton unit of WO3: 380 -> per tonne of WO3
        (("MCS2026", "tungsten", "concentrate", 2025), 380, 38_000),
        # MCS2024,Fluorspar,2020,…: acid grade 309 under "Employment", metallurgical 149 under "NIR_Mine"
        (("MCS2024", "fluorspar", "acid_grade_import_unit_value", 2020), 309, 309),
        (("MCS2024", "fluorspar", "metallurgical_grade_import_unit_value", 2020), 149, 149),
        # MCS2025,Magnesium Metal,2024,…,3.50 under "Price_European_dlb", 2900 under "Price_dt"
        (("MCS2025", "magnesium", "us_spot_western", 2024), 3.5, 7_716.18),
        (("MCS2025", "magnesium", "european_free_market", 2024), 2_900, 2_900),
    ],
)
def test_prices(
    us_lake: Tables, line: tuple[str, str, str, int], price: float, usd_per_tonne: float
) -> None:
    key = dict(zip(("edition", "mineral_id", "price_label", "reference_year"), line, strict=True))
    [row] = us_lake["unit_value"].filter(**key).iter_rows(named=True)
    assert row["price_value"] == price
    assert row["value_usd_per_tonne"] == pytest.approx(usd_per_tonne, rel=1e-6)


def test_a_figure_under_a_wrong_heading_is_corrected_and_keeps_the_words(us_lake: Tables) -> None:
    wrong = us_lake["unit_value"].filter(mineral_id="fluorspar", edition="MCS2024")
    assert wrong["derivation"].unique().to_list() == ["corrected"]
    assert set(wrong["published_measure"]) == {"Employment_Metallurgical_num", "NIR_Mine_pct"}
    right = us_lake["unit_value"].filter(mineral_id="fluorspar", edition="MCS2025")
    assert right["derivation"].unique().to_list() == ["as_published"]


def test_one_price_of_one_year_is_of_one_size_in_every_edition(us_lake: Tables) -> None:
    """A pound read as a kilogram, or a tonne as a unit, would be a factor of 2.2 or more."""
    same = ["mineral_id", "price_label", "reference_year"]
    spread = (
        us_lake["unit_value"]
        .group_by(same)
        .agg(low=pl.col("value_usd_per_tonne").min(), high=pl.col("value_usd_per_tonne").max())
        .with_columns(ratio=pl.col("high") / pl.col("low"))
        .filter(pl.col("ratio") > 1.6)
        .sort(same)
    )
    # The publisher's own: lithium nominal or real; neodymium 2021 repeats 2020 in MCS 2023; celestite 2024
    # is 390 estimated, 807 in MCS 2026, of 29 tonnes.
    assert spread.select(same).rows() == [
        ("lithium", "battery_grade_carbonate", 2022),
        ("rare_earths", "neodymium_oxide", 2021),
        ("strontium", "celestite_imports", 2024),
    ]
    assert spread["ratio"].to_list() == pytest.approx([71_100 / 37_000, 2.0, 807 / 390])


@pytest.mark.parametrize(
    ("mineral", "country", "figures"),
    [
        # Gallium: China,900,100,900; Graphite (natural): China,1400000,78,1800000
        ("Gallium", "CHN", (1.0, 900, 900)),
        ("Graphite (natural)", "CHN", (0.78, 1_400_000, 1_800_000)),
        # Rare earths (compounds and metals)9: China,270000,69,390000
        ("Rare earths (compounds and metals)", "CHN", (0.69, 270_000, 390_000)),
        # Cobalt: Congo (Kinshasa),230000,74,310000; Tungsten: China,67000,79,85000
        ("Cobalt", "COD", (0.74, 230_000, 310_000)),
        ("Tungsten", "CHN", (0.79, 67_000, 85_000)),
        # Germanium: China,NA,NA,NA; Boron: Turkey,1500000,W,W
        ("Germanium", "CHN", (None, None, None)),
        ("Boron", "TUR", (None, 1_500_000, None)),
    ],
)
def test_leading_countries_of_table_7(
    us_lake: Tables, mineral: str, country: str, figures: tuple[float | None, ...]
) -> None:
    rows = us_lake["critical_mineral_t7"].filter(published_mineral=mineral)
    value = dict(rows.select("measure", "value").iter_rows())
    where = dict(rows.select("measure", "country_iso3").iter_rows())
    measures = ("leading_country_share", "leading_country_production", "world_production")
    assert tuple(value[measure] for measure in measures) == figures
    assert where["leading_country_share"] == where["leading_country_production"] == country


def test_statuses_and_notes_of_table_7(us_lake: Tables) -> None:
    table = us_lake["critical_mineral_t7"]
    rows = {(row["published_mineral"], row["measure"]): row for row in table.iter_rows(named=True)}
    # Lithium: W primary, NIR >50, world 290000 "Excludes U.S. production."
    assert rows["Lithium", "primary_production"]["value_status"] == "withheld"
    assert rows["Lithium", "net_import_reliance"]["value_lower"] == 0.5
    assert rows["Lithium", "net_import_reliance"]["value_upper"] == 1.0
    assert rows["Lithium", "world_production"]["excluded_producers"] == "USA"
    # Zirconium: "<100,000" primary; apparent consumption <100000
    assert rows["Zirconium (ores and concentrates)", "primary_production"]["value_upper"] == 100_000
    assert rows["Zirconium (ores and concentrates)", "apparent_consumption"]["value_lower"] == 0
    # Zinc: empty secondary, "Primary production includes both …"
    assert rows["Zinc", "secondary_production"]["value_status"] == "included_elsewhere"
    # Indium: " Republic of Korea" as first import source
    assert rows["Indium", "primary_import_source"]["country_iso3"] == "KOR"
    # Arsenic: 0 primary production is a printed zero
    assert rows["Arsenic", "primary_production"]["value_status"] == "zero"
    assert table["published_mineral"].n_unique() == 39


def test_tables_4_to_6(us_lake: Tables) -> None:
    controls = us_lake["export_control_t4"]
    # Row of Indonesia: bauxite 2023, copper concentrates 2023 and nickel ore 2020, in one cell.
    indonesia = controls.filter(country_iso3="IDN").sort("commodity")
    assert indonesia.select("mineral_id", "control_year", "control_type").rows() == [
        ("aluminium", 2023, "export_ban"),
        ("copper", 2023, "export_ban"),
        ("nickel", 2020, "export_ban"),
    ]
    china = controls.filter(country_iso3="CHN")
    years = dict(china.select("commodity", "control_year").iter_rows())
    assert years["gallium"] == years["germanium"] == years["graphite"] == 2023
    assert (years["antimony"], years["silver"]) == (2024, 2026)
    assert controls["file_row"].n_unique() == 19
    agreements = us_lake["trade_agreement_t5"]
    assert agreements.height == 9
    group = agreements.filter(geography_kind="group")
    # Japan and Republic of Korea,Trilateral Cooperation ,23-Aug,2025-09-23
    assert group["geography_id"].to_list() == ["Japan and Republic of Korea"]
    assert group["published_value"].to_list() == ["23-Aug"]
    assert str(group["signed_on"].item()) == "2025-09-23"
    minerals = us_lake["critical_mineral_t6"]
    assert minerals.height == 60
    assert minerals.filter(mineral_id="rare_earths").height == 15
    assert minerals.filter(chapter_code="no_chapter")["published_mineral"].sort().to_list() == [
        "Metallurgical coal",
        "Uranium",
    ]


def test_figure_2_and_table_7_agree_with_the_chapters(us_lake: Tables, shared_data: Path) -> None:
    """Two other tables of the release print the reliance of 2025 once more."""
    chapters = {
        (row["mineral_id"], row["form"]): row["published_value"]
        for row in us_lake["net_import_reliance"]
        .filter(edition="MCS2026", reference_year=2025)
        .iter_rows(named=True)
    }
    path = shared_data / "usgs_mcs/2026/MCS2026_Fig2_Net_Import_Reliance.csv"
    with path.open(encoding="utf-8-sig", newline="") as handle:
        figure = {
            row["Commodity"].strip(): row["Net_Import_Reliance_pct_2025"]
            for row in csv.DictReader(handle)
        }
    for label, key in {
        "ANTIMONY, metal and oxide": ("antimony", "metal_and_oxide"),
        "BAUXITE": ("aluminium", "bauxite"),
        "COPPER, refined": ("copper", "refined"),
        "LITHIUM": ("lithium", "total"),
        "MAGNESIUM COMPOUNDS": ("magnesite", "magnesium_compounds"),
        "RARE EARTHS, compounds and metals": ("rare_earths", "compounds_and_metals"),
        "SILICON, metal and ferrosilicon": ("silicon", "total"),
        "TITANIUM MINERAL CONCENTRATES": ("titanium", "mineral_concentrates"),
        "TITANIUM, sponge metal": ("titanium", "sponge_metal"),
        "ZIRCONIUM, ores and concentrates": ("zirconium", "ores_and_concentrates"),
        "YTTRIUM": ("rare_earths", "yttrium"),
    }.items():
        assert figure[label] == chapters[key], label
    table = us_lake["critical_mineral_t7"].filter(measure="net_import_reliance")
    compared = 0
    for row in table.iter_rows(named=True):
        if (printed := chapters.get((row["mineral_id"], row["form"]))) is not None:
            assert row["published_value"] == printed, row["published_mineral"]
            compared += 1
    assert compared > 25


# Definitions that the publisher changed, and a stock and reports that it revised: more than twofold, and true.
REVISED = {
    ("beryllium", "stocks"),
    ("molybdenum", "apparent_consumption"),
    ("niobium", "reported_consumption"),
    ("silver", "stocks"),
    ("strontium", "apparent_consumption"),
}


def test_supply_of_one_year_is_of_one_magnitude_in_all_editions(us_lake: Tables) -> None:
    figure = pl.col("quantity_tonnes")
    key = ["mineral_id", "form", "statistic", "scrap_kind", "holder", "reference_year"]
    compared = (
        us_lake["us_supply"]
        .filter(figure > 0)
        .group_by(key)
        .agg(fold=figure.max() / figure.min(), editions=pl.len())
        .filter(pl.col("editions") > 1)
    )
    assert compared.height > 400
    off = compared.filter(pl.col("fold") > 2.1).select("mineral_id", "statistic").unique()
    assert set(off.rows()) == REVISED


@pytest.mark.parametrize(
    ("line", "tonnes"),
    [
        # mcs2024-galli_salient.csv, 2023: 2700 under `Stocks_g`, which is kilograms.
        (("MCS2024", "gallium", "stocks", 2023), 2.7),
        # mcs2025-germa_salient.csv, 2020: 30000 under `Consump_g`, which is kilograms.
        (("MCS2025", "germanium", "estimated_consumption", 2020), 30),
        # mcs2024-fluor_salient.csv, 2023: 370 thousand tonnes under `Price_Acid_dt`, columns shifted by one.
        (("MCS2024", "fluorspar", "apparent_consumption", 2023), 370_000),
    ],
)
def test_a_wrong_heading_is_read_for_what_it_holds(
    us_lake: Tables, line: tuple[str, str, str, int], tonnes: float
) -> None:
    key = dict(zip(("edition", "mineral_id", "statistic", "reference_year"), line, strict=True))
    [row] = us_lake["us_supply"].filter(**key).iter_rows(named=True)
    assert row["quantity_tonnes"] == pytest.approx(tonnes)
    assert row["derivation"] == "corrected"
