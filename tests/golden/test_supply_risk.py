"""GeoPolRisk by hand: five scores of the library geopolrisk-py out of published inputs, and our own.

The library (2.0.1, read and run in an environment of its own, never copied) takes world and own production
from World Mining Data, imports from BACI's HS92 in tonnes as shipped, and instability from the World Bank's
governance indicators: the last two are files that we read too. Each score below is worked out here from
CEPII's and the World Bank's files and four printed sums of World Mining Data; nothing of ours takes part.
"""

import csv
import io
import zipfile
from collections import defaultdict
from pathlib import Path

import duckdb
import pytest

YEAR = 2023
BACI = "cepii_baci/BACI_HS92_V202601.zip"
WGI = "world_bank_wgi/wgi_political_stability_estimate_1996_2024.csv"
EU = [
    "AUT",
    "BEL",
    "BGR",
    "CYP",
    "CZE",
    "DEU",
    "DNK",
    "ESP",
    "EST",
    "FIN",
    "FRA",
    "GRC",
    "HRV",
    "HUN",
    "IRL",
    "ITA",
    "LTU",
    "LUX",
    "LVA",
    "MLT",
    "NLD",
    "POL",
    "PRT",
    "ROU",
    "SVK",
    "SVN",
    "SWE",
]
BLOCS = {"JPN": ["JPN"], "EU": EU, "G7": ["CAN", "DEU", "FRA", "GBR", "ITA", "JPN", "USA"]}
# Lines that the library adds up, tonne by tonne: ore with metal, oxide with powder.
LINES = {
    "graphite": ["250410", "250490"],
    "tungsten": ["261100", "810110"],
    "rare_earths": ["284610", "284690", "280530"],
    "cobalt": ["282200", "810510"],
}
# Mine production of 2023 in World Mining Data as the library carries it, tonnes: the sum of the squares of
# its countries, their sum, and the figures of the bloc's members. Mine content also for cobalt and rare
# earths, whose imports are refined.
SQUARES = {
    "graphite": (1_494_301_431_189, 1_665_295),
    "tungsten": (4_398_096_647, 81_395),
    "rare_earths": (70_468_938_145, 394_221),
    "cobalt": (20_155_690_586, 199_348),
}
OWN = {
    ("EU", "tungsten"): {"AUT": 835, "ESP": 711, "PRT": 427},
    ("G7", "cobalt"): {"CAN": 3_260, "USA": 500},
}
PRINTED = {
    ("JPN", "graphite"): 0.2925,
    ("JPN", "tungsten"): 0.3624,
    ("JPN", "rare_earths"): 0.2392,
    ("EU", "tungsten"): 0.0665,
    ("G7", "cobalt"): 0.1012,
}


@pytest.fixture(scope="module")
def flows(shared_data: Path) -> dict[tuple[str, str, str], float]:
    """Tonnes of each importer, line and exporter in 2023, from CEPII's own file."""
    wanted = {line for lines in LINES.values() for line in lines}
    found: dict[tuple[str, str, str], float] = defaultdict(float)
    with zipfile.ZipFile(shared_data / BACI) as archive:
        with archive.open("country_codes_V202601.csv") as handle:
            rows = csv.DictReader(io.TextIOWrapper(handle, "utf-8"))
            iso3 = {row["country_code"]: row["country_iso3"] for row in rows}
        iso3["490"] = "TWN"  # "Other Asia, nes"
        with archive.open(f"BACI_HS92_Y{YEAR}_V202601.csv") as handle:
            for row in csv.DictReader(io.TextIOWrapper(handle, "utf-8")):
                if row["k"] in wanted and row["q"].strip() != "NA":
                    found[iso3[row["j"]], row["k"], iso3[row["i"]]] += float(row["q"])
    return dict(found)


@pytest.fixture(scope="module")
def instability(shared_data: Path) -> dict[str, float]:
    """(2.5 - estimate) / 5 of every country in 2023, from the World Bank's own file."""
    with (shared_data / WGI).open(encoding="utf-8", newline="") as handle:
        cells = {row["Code"]: row[str(YEAR)] for row in csv.DictReader(handle)}
    return {
        code: min(1.0, max(0.0, 0.5 - float(cell) / 5))
        for code, cell in cells.items()
        if cell not in {"nan", "None", ""}
    }


@pytest.mark.shared
@pytest.mark.parametrize(("importer", "material"), list(PRINTED))
def test_the_library_s_score_comes_out_of_published_inputs(
    flows: dict[tuple[str, str, str], float],
    instability: dict[str, float],
    importer: str,
    material: str,
) -> None:
    # Taiwan's estimate does not meet BACI's code 490 there, and a country without one counts as 0.5.
    known = {**instability, "TWN": 0.5}
    members = BLOCS[importer]
    bought = [
        (exporter, tonnes)
        for (buyer, line, exporter), tonnes in flows.items()
        if buyer in members and line in LINES[material]
    ]
    weighed = sum(t * known.get(exporter, 0.5) for exporter, t in bought if exporter not in members)
    supply = sum(t for _, t in bought) + sum(OWN.get((importer, material), {}).values())
    squares, world = SQUARES[material]
    assert squares / world**2 * weighed / supply == pytest.approx(
        PRINTED[importer, material], abs=0.00005
    )


@pytest.mark.slow
@pytest.mark.shared
def test_japan_s_graphite_differs_by_the_source_of_production_alone(
    flows: dict[tuple[str, str, str], float],
    instability: dict[str, float],
    release: duckdb.DuckDBPyConnection,
) -> None:
    bought = {
        (line, exporter): tonnes
        for (buyer, line, exporter), tonnes in flows.items()
        if buyer == "JPN" and line in LINES["graphite"]
    }
    imports = sum(bought.values())
    weighed = sum(t * instability[exporter] for (_, exporter), t in bought.items()) / imports
    # MCS 2025, natural graphite, mine production of 2023 in tonnes; the world is 1,530,000.
    printed = release.execute(
        "select published_value, geography_kind from marts.fct_production where mineral_id = 'graphite_natural' "
        "and stage = 'mine' and edition = 'MCS2025' and reference_year = 2023 and published_value is not null"
    ).fetchall()
    world = next(float(value) for value, kind in printed if kind == "world")
    parts = [float(value) for value, kind in printed if kind == "country"]
    ours = release.execute(
        "select production_hhi, weighted_instability, import_quantity_tonnes, domestic_production_tonnes, "
        "score, null_reason from marts.mart_supply_risk where measure = 'geopolrisk' "
        "and importer_id = 'JPN' and mineral_id = 'graphite_natural' and reference_year = 2023"
    ).fetchall()
    assert ours == [
        (
            pytest.approx(sum(part**2 for part in parts) / world**2),
            pytest.approx(weighed),
            pytest.approx(imports),
            None,
            pytest.approx(sum(part**2 for part in parts) / world**2 * weighed),
            None,
        )
    ]
    assert weighed == pytest.approx(0.5429, abs=0.00005)


@pytest.mark.slow
def test_scores_come_out_of_the_facts(release: duckdb.DuckDBPyConnection) -> None:
    """Every score of three importers and four years again, in Python, from fct_* and the bloc lists."""
    instability = {
        (iso3, year): g
        for iso3, year, g in release.execute(
            "select country_iso3, reference_year, political_instability from marts.fct_governance "
            "where is_current_edition"
        ).fetchall()
    }
    scores = release.execute(
        "select importer_id, mineral_id, stage, form, reference_year, source_id, edition, trade_series_id, "
        "quantity_basis, production_hhi, score from marts.mart_supply_risk "
        "where measure = 'geopolrisk' and importer_id in ('JPN', 'EU', 'G7') and null_reason is null"
    ).fetchall()
    assert len(scores) > 100
    wrong: list[str] = []
    for importer, mineral, stage, form, year, source, edition, series, basis, hhi, score in scores:
        members = [*BLOCS[importer], *(["XBL"] if importer == "EU" else [])]
        quantity = "gross" if basis == "gross" else "contained"
        bought = release.execute(
            f"select exporter_id, quantity_tonnes_{quantity} from marts.fct_trade where mineral_id = ? "
            "and stage = ? and series_id = ? and reference_year = ? and list_contains(?, importer_id) "
            "and not is_suspected_double_count and coalesce(quality_flags, '') not like '%code_drift%' "
            f"and quantity_tonnes_{quantity} is not null",
            [mineral, stage, series, year, members],
        ).fetchall()
        own = release.execute(
            "select sum(quantity_tonnes) from marts.fct_production where mineral_id = ? and stage = ? "
            "and form = ? and source_id = ? and edition = ? and reference_year = ? "
            "and list_contains(?, country_iso3)",
            [mineral, stage, form, source, edition, year, members],
        ).fetchall()[0][0]
        weighed = sum(
            tonnes * (instability.get((exporter, year)) or 0.0)
            for exporter, tonnes in bought
            if exporter not in members
        )
        expected = hhi * weighed / (sum(tonnes for _, tonnes in bought) + (own or 0.0))
        if score != pytest.approx(expected, rel=1e-6):
            wrong.append(f"{importer} {mineral} {stage} {year}: {score}, by hand {expected}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("importer", "mineral", "stage", "told"),
    [
        ("JPN", "graphite_natural", "mine", 0.3440),
        ("JPN", "tungsten", "mine", 0.4079),
        ("EU", "tungsten", "mine", 0.0592),
        ("G7", "cobalt", "refined", 0.0930),
    ],
)
def test_our_answer_to_the_library_s_cases(
    release: duckdb.DuckDBPyConnection, importer: str, mineral: str, stage: str, told: float
) -> None:
    """As docs/methods/supply_risk.md tells them, each with what differs."""
    [(score,)] = release.execute(
        "select score from marts.mart_supply_risk where measure = 'geopolrisk' and importer_id = ? "
        "and mineral_id = ? and stage = ? and reference_year = 2023",
        [importer, mineral, stage],
    ).fetchall()
    assert score == pytest.approx(told, abs=0.00005)


@pytest.mark.slow
def test_no_score_lies_outside_its_bounds(release: duckdb.DuckDBPyConnection) -> None:
    outside = release.execute(
        "select measure, mineral_id, stage, importer_id, reference_year, score, score_lower, score_upper "
        "from marts.mart_supply_risk where score < score_lower or score > score_upper * (1 + 1e-12) "
        "or score_lower > score_upper * (1 + 1e-12)"
    ).fetchall()
    assert outside == []


@pytest.mark.slow
def test_rare_earths_have_no_score_because_no_tonnes_agree(
    release: duckdb.DuckDBPyConnection,
) -> None:
    """The library sets imports of oxide and metal against mine output; we have no refined tonnes in oxide."""
    found = release.execute(
        "select stage, score, null_reason from marts.mart_supply_risk where measure = 'geopolrisk' "
        "and importer_id = 'JPN' and mineral_id = 'rare_earths' and reference_year = 2023 order by stage"
    ).fetchall()
    assert found == [
        ("mine", None, "only_mixed_lines"),
        ("product", None, "only_mixed_lines"),
        ("refined", None, "production_on_another_basis"),
    ]
