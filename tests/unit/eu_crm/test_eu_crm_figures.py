"""The study's real files against an independent reading of them, with `csv` only."""

import csv
import re
from collections import Counter, defaultdict
from pathlib import Path

import polars as pl
import pytest
from eu_crm_files import NAMES

from sources.eu_crm.reader import READER
from sources.reading.checks import records_are_accounted_for, satisfies_schema

pytestmark = pytest.mark.shared

WORLD, EU = NAMES["supply_shares_world"], NAMES["supply_shares_eu"]
OVER_TIME, USES = NAMES["criticality"], NAMES["use_shares"]
USED = ("supply_share", "criticality", "use_share")
Records = dict[str, dict[int, list[str]]]
Tables = dict[str, pl.DataFrame]

# The publisher's record (header = row 1), read by eye in the file, and where its figure must arrive.
# Columns: file, row, record, key of four (mineral, material, stage, country), share, factor t.
SHARES = [
    # Rare earths, processing: the file has no group, so China's share is given element by element.
    (WORLD, 479, "Dysprosium,P,China,100.0%,1.0", "rare_earths dysprosium refined CHN", 1.0, 1.0),
    (WORLD, 520, "Neodymium,P,China,84.9%,1.0", "rare_earths neodymium refined CHN", 0.849, 1.0),
    (WORLD, 469, "Cerium,P,China,84.9%,1.0", "rare_earths cerium refined CHN", 0.849, 1.0),
    (WORLD, 488, "Gallium,P,China,93.8%,1.0", "gallium gallium refined CHN", 0.938, 1.0),
    (WORLD, 489, "Germanium,P,China,83.1%,1.0", "germanium germanium refined CHN", 0.831, 1.0),
    (WORLD, 513, "Magnesium,P,China,90.6%,1.0", "magnesium magnesium refined CHN", 0.906, 1.0),
    (WORLD, 558, "Tungsten,E,China,82.6%,1.1", "tungsten tungsten mine CHN", 0.826, 1.1),
    (WORLD, 559, "Tungsten,P,China,85.6%,1.0", "tungsten tungsten refined CHN", 0.856, 1.0),
    (
        WORLD,
        517,
        "Natural Graphite,E,China,66.7%,1.0",
        "graphite_natural graphite_natural mine CHN",
        0.667,
        1.0,
    ),
    (WORLD, 604, 'Cobalt,E,"Congo, D.R.",62.8%,1.1', "cobalt cobalt mine COD", 0.628, 1.1),
    (WORLD, 443, "Lithium,P,Chile,32.1%,1.0", "lithium lithium refined CHL", 0.321, 1.0),
    (WORLD, 553, "Tin,P,China,50.1%,1.5", "tin tin refined CHN", 0.501, 1.5),
    (WORLD, 1043, "Nickel,E,Indonesia,26.3%,1.3", "nickel nickel mine IDN", 0.263, 1.3),
    (WORLD, 2241, "Antimony,E,Türkiye,2.5%,1.0", "antimony antimony mine TUR", 0.025, 1.0),
    (EU, 75, "Antimony,E,Türkiye,63%,1", "antimony antimony mine TUR", 0.63, 1.0),
    (EU, 263, "Germanium,P,China,83%,1", "germanium germanium refined CHN", 0.83, 1.0),
    (EU, 471, "Magnesium,P,China,97%,1", "magnesium magnesium refined CHN", 0.97, 1.0),
    (EU, 599, "Niobium,P,Brasil,82%,1", "niobium niobium refined BRA", 0.82, 1.0),
    (EU, 831, "Tungsten,P,China,31%,1", "tungsten tungsten refined CHN", 0.31, 1.0),
    (EU, 847, "Vanadium,P,South Korea,17%,1", "vanadium vanadium refined KOR", 0.17, 1.0),
    (
        EU,
        294,
        "Heavy Rare earths Elements,E,Japan,55%,1",
        "rare_earths heavy_rare_earths mine JPN",
        0.55,
        1.0,
    ),
]

# Supply risk and economic importance of 2023, as printed.
SCORES = [
    (304, "Gallium,2023,3.9,3.7", "gallium", 3.9, 3.7),
    (305, "Germanium,2023,1.8,3.6", "germanium", 1.8, 3.6),
    (321, "Magnesium,2023,4.1,7.4", "magnesium", 4.1, 7.4),
    (352, "Tungsten,2023,1.2,8.7", "tungsten", 1.2, 8.7),
    (298, "Cobalt,2023,2.8,6.8", "cobalt", 2.8, 6.8),
    (310, "HREEs,2023,5.1,4.2", "heavy_rare_earths", 5.1, 4.2),
    (319, "LREEs,2023,3.7,5.9", "light_rare_earths", 3.7, 5.9),
    (351, "Titanium metal,2023,1.6,6.3", "titanium_metal", 1.6, 6.3),
]


def _row(frame: pl.DataFrame, **wanted: object) -> dict[str, object]:
    found = frame.filter(pl.all_horizontal(pl.col(name) == value for name, value in wanted.items()))
    assert found.height == 1, found
    return found.row(0, named=True)


@pytest.mark.parametrize("line", SHARES, ids=[f"{line[0][5:11]}-{line[1]}" for line in SHARES])
def test_a_printed_share_arrives(
    records: Records, lake_tables: Tables, line: tuple[str, int, str, str, float, float]
) -> None:
    file, row, record, key, share, factor = line
    assert records[file][row] == next(csv.reader([record]))
    mineral, material, stage, country = key.split()
    got = _row(
        lake_tables["supply_share"],
        scope="world" if file == WORLD else "eu_sourcing",
        material_id=material,
        stage=stage,
        country_iso3=country,
    )
    assert (got["mineral_id"], got["file_row"], got["source_file"]) == (mineral, row, file)
    assert got["supply_share"] == pytest.approx(share, abs=1e-12)
    assert got["trade_restriction_factor"] == factor
    assert (got["value_status"], got["derivation"]) == ("numeric", "as_published")
    assert (got["period_from_year"], got["period_to_year"]) == (2016, 2020)


@pytest.mark.parametrize("line", SCORES, ids=[line[2] for line in SCORES])
def test_printed_scores_arrive(
    records: Records, lake_tables: Tables, line: tuple[int, str, str, float, float]
) -> None:
    row, record, material, risk, importance = line
    assert ",".join(records[OVER_TIME][row]) == record
    got = _row(lake_tables["criticality"], material_id=material, assessment_year=2023)
    assert (got["file_row"], got["supply_risk"], got["economic_importance"]) == (
        row,
        risk,
        importance,
    )


def test_a_dash_is_not_assessed_and_no_zero(records: Records, lake_tables: Tables) -> None:
    # Row 291: bauxite was merged into aluminium. Row 220: it was assessed three years before.
    assert records[OVER_TIME][291] == ["Bauxite", "2023", "-", "-"]
    got = _row(lake_tables["criticality"], material_id="bauxite", assessment_year=2023)
    assert (got["value_status"], got["supply_risk"], got["economic_importance"]) == (
        "not_available",
        None,
        None,
    )
    assert got["mineral_id"] == "aluminium"
    assert records[OVER_TIME][220] == ["Bauxite", "2020", "2.1", "2.9"]
    got = _row(lake_tables["criticality"], material_id="bauxite", assessment_year=2020)
    assert (got["supply_risk"], got["economic_importance"]) == (2.1, 2.9)


def test_below_a_tenth_of_a_percent_is_bounded_and_no_zero(
    records: Records, lake_tables: Tables
) -> None:
    # Row 7: Copper,E,Albania,<0.1%,1.0
    assert records[WORLD][7] == ["Copper", "E", "Albania", "<0.1%", "1.0"]
    got = _row(
        lake_tables["supply_share"],
        scope="world",
        material_id="copper",
        stage="mine",
        country_iso3="ALB",
    )
    assert (got["value_status"], got["supply_share"]) == ("bounded", None)
    assert got["supply_share_lower"] == 0
    assert got["supply_share_upper"] == pytest.approx(0.001, abs=1e-15)
    printed = sum(cells[3] == "<0.1%" for cells in records[WORLD].values())
    assert printed == 514


def test_every_bounded_share_and_no_other_lacks_a_figure(
    published: Tables, lake_tables: Tables
) -> None:
    assert published["supply_share"].filter(value_status="bounded").height == 514
    lake = lake_tables["supply_share"]
    assert set(lake.filter(pl.col("supply_share").is_null())["published_value"]) == {"<0.1%"}


def test_a_printed_zero_stays_zero(records: Records, lake_tables: Tables) -> None:
    # Row 1060: Borate,E,Iran,0.0%,1.0
    assert records[WORLD][1060] == ["Borate", "E", "Iran", "0.0%", "1.0"]
    zeros = lake_tables["supply_share"].filter(pl.col("supply_share") == 0)
    assert set(zeros["published_value"]) == {"0.0%"}
    assert set(zeros["value_status"]) == {"zero"}
    assert zeros.select("material_id", "country_iso3").sort("material_id").rows() == [
        ("boron", "IRN"),
        ("selenium", "ARM"),
    ]


def test_the_bare_six_is_six_percent_by_the_ledger(records: Records, lake_tables: Tables) -> None:
    assert records[EU][712] == ["Silicon metal", "P", "Germany", "6", "0.8"]
    [got] = lake_tables["supply_share"].filter(derivation="corrected").to_dicts()
    assert (got["file_row"], got["published_value"], got["published_unit"]) == (712, "6", None)
    assert got["supply_share"] == pytest.approx(0.06, abs=1e-12)
    assert got["country_iso3"] == "DEU"


def test_trade_factors_run_from_eu_member_to_ban(records: Records, published: Tables) -> None:
    printed = Counter(
        float(cells[4]) for file in (WORLD, EU) for row, cells in records[file].items() if row > 1
    )
    got = published["supply_share"]["trade_restriction_factor"]
    assert Counter(got.to_list()) == printed
    assert (min(printed), max(printed)) == (0.8, 1.5)


def test_names_in_the_windows_code_page_are_read_right(
    shared_data: Path, published: Tables
) -> None:
    # ü is the one byte 0xFC in the file of EU shares.
    assert b"T\xfcrkiye" in (shared_data / "eu_crm_2023" / EU).read_bytes()
    names = set(published["supply_share"]["published_country"])
    assert {"Türkiye", "Cote d'Ivoire"} <= names
    assert not [name for name in names if re.search(r"[^\x20-\x7eü]", name)]


def test_a_line_break_inside_a_name_is_folded(records: Records, lake_tables: Tables) -> None:
    assert records[USES][189] == [
        "Magnesium",
        "Transportation (automotive)",
        "48%",
        "C29 - Manufacture of motor\nvehicles, trailers and semi-trailers",
        "194448",
    ]
    got = _row(lake_tables["use_share"], file_row=189)
    assert got["nace_sector"] == "C29 - Manufacture of motor vehicles, trailers and semi-trailers"
    assert (got["nace_code"], got["use_share"], got["value_added_million_eur"]) == (
        "C29",
        0.48,
        194_448.0,
    )


def test_an_unnamed_sector_is_not_stated(records: Records, lake_tables: Tables) -> None:
    unnamed = lake_tables["use_share"].filter(nace_sector="not stated")
    for row in unnamed["file_row"]:
        assert records[USES][row][3:] == ["", ""]
    assert unnamed.height > 5
    assert unnamed["nace_code"].null_count() == unnamed.height
    assert unnamed["value_added_million_eur"].null_count() == unnamed.height
    assert not unnamed["has_value_added_conflict"].any()


def test_more_than_nothing_has_a_lower_bound_only(records: Records, lake_tables: Tables) -> None:
    assert records[USES][86][:3] == ["Copper", "Building construction, building plant", ">0%"]
    got = _row(lake_tables["use_share"], file_row=86)
    assert (got["value_status"], got["use_share"]) == ("bounded", None)
    assert (got["use_share_lower"], got["use_share_upper"]) == (0.0, None)


def test_the_record_printed_twice_counts_once(records: Records, lake_tables: Tables) -> None:
    assert records[USES][186] == records[USES][187]
    magnesium = lake_tables["use_share"].filter(material_id="magnesium")
    assert magnesium["file_row"].sort().to_list() == [185, 186, 188, 189, 190]
    assert magnesium["use_share"].sum() == pytest.approx(1, abs=1e-12)


def test_five_manganese_uses_print_another_sectors_value_added(lake_tables: Tables) -> None:
    doubted = lake_tables["use_share"].filter("has_value_added_conflict")
    # Row 191 prints 204200, that of C28, beside C24 - Manufacture of basic metals.
    assert doubted["file_row"].sort().to_list() == [191, 194, 196, 197, 198]
    assert set(doubted["material_id"]) == {"manganese"}


def test_ore_rows_of_titanium_are_the_same_figures_twice(
    records: Records, lake_tables: Tables
) -> None:
    ores = {
        name: {tuple(cells[2:]) for cells in records[WORLD].values() if cells[:2] == [name, "E"]}
        for name in ("Titanium", "Titanium metal")
    }
    assert ores["Titanium"] == ores["Titanium metal"]
    titanium = lake_tables["supply_share"].filter(mineral_id="titanium", scope="world")
    assert titanium.group_by("stage", "material_id").len().sort("stage").rows() == [
        ("intermediate", "titanium", 18),
        ("mine", "titanium", 23),
        ("refined", "titanium_metal", 7),
    ]


def test_records_in_are_records_used_and_not_used(records: Records, lake_tables: Tables) -> None:
    counted = {file: len(rows) - 1 for file, rows in records.items()}
    assert counted == {
        WORLD: 2561,
        EU: 907,
        OVER_TIME: 355,
        USES: 339,
        NAMES["material_groupings"]: 90,
    }
    file_rows = lake_tables["file_rows"]
    assert dict(zip(file_rows["source_file"], file_rows["file_rows"], strict=True)) == counted
    used: dict[str, set[int]] = defaultdict(set)
    for table in USED:
        for file, row in lake_tables[table].select("source_file", "file_row").iter_rows():
            assert row not in used[file]
            used[file].add(row)
    left = Counter[str]()
    for file, rows in lake_tables["not_used"].select("source_file", "file_rows").iter_rows():
        left[file] += rows
    assert {file: len(used[file]) + left[file] for file in counted} == counted
    tables = [lake_tables[table] for table in USED]
    outcome = records_are_accounted_for(tables, lake_tables["not_used"], file_rows)
    assert outcome.passed, outcome.offenders


def test_what_is_not_used_says_why(records: Records, lake_tables: Tables) -> None:
    not_used = lake_tables["not_used"]
    assert not_used["not_used_reason"].str.len_chars().min() is not None
    gold = not_used.filter(label="Gold", source_file=WORLD)
    assert gold["file_rows"].sum() == sum(cells[0] == "Gold" for cells in records[WORLD].values())


def test_lake_tables_satisfy_their_schemas(lake_tables: Tables) -> None:
    assert set(lake_tables) == set(READER.lake)
    for table, frame in lake_tables.items():
        outcome = satisfies_schema(frame, READER.lake[table])
        assert outcome.passed, (table, outcome.offenders)


def share_sums(supply_share: pl.DataFrame) -> pl.DataFrame:
    """What the shares of each material add up to: `sum_lower` takes 0 for a bounded share, `sum_upper` its bound."""
    return supply_share.group_by("scope", "material_id", "stage").agg(
        sum_lower=pl.coalesce("supply_share", "supply_share_lower").sum(),
        sum_upper=pl.coalesce("supply_share", "supply_share_upper").sum(),
    )


def test_sums_are_those_of_the_file_and_none_is_rescaled(
    records: Records, lake_tables: Tables
) -> None:
    printed = sum(
        float(cells[3].rstrip("%"))
        for cells in records[WORLD].values()
        if cells[:2] == ["Nickel", "E"] and not cells[3].startswith("<")
    )
    sums = share_sums(lake_tables["supply_share"])
    got = _row(sums, scope="world", material_id="nickel", stage="mine")
    assert got["sum_lower"] == pytest.approx(printed / 100, abs=1e-9)
    assert printed == pytest.approx(90.9)
    # Four of its countries are below 0.1%.
    assert got["sum_upper"] == pytest.approx((printed + 0.4) / 100, abs=1e-9)


def test_sums_that_are_off_are_the_ones_of_the_readme(lake_tables: Tables) -> None:
    sums = share_sums(lake_tables["supply_share"])
    assert dict(sums.group_by("scope").len().rows()) == {"world": 98, "eu_sourcing": 71}
    distance = pl.max_horizontal(pl.col("sum_lower") - 1, 1 - pl.col("sum_upper"))
    # Two points, and a hair of binary arithmetic: twenty countries, each rounded to a tenth, are off by less.
    off = sums.with_columns(distance=distance).filter(pl.col("distance") > 0.02 + 1e-9)
    assert off.height == 43
    # Chromium ore: South Africa 7%, Türkiye 2%, nobody else.
    assert off["distance"].max() == pytest.approx(0.91)
    assert set(off.filter(scope="world").select("material_id", "stage").rows()) == {
        ("boron", "refined"),
        ("nickel", "mine"),
        ("nickel", "refined"),
        ("titanium", "intermediate"),
        ("vanadium", "refined"),
    }


def test_parts_of_the_rare_earths_are_marked(lake_tables: Tables) -> None:
    for table in USED:
        earths = lake_tables[table].filter(mineral_id="rare_earths")
        assert set(earths["material_scope"]) == {"part"}, table
        assert "rare_earths" not in set(earths["material_id"])
    elements = lake_tables["supply_share"].filter(mineral_id="rare_earths", scope="world")
    assert elements["material_id"].n_unique() == 15
