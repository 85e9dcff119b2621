"""HS lines against the product list and the rows inside the zips; factors against atomic weights."""

import csv
import io
import re
import zipfile
from pathlib import Path

import polars as pl
import pytest

Lists = dict[str, pl.DataFrame]
ZIPS = {
    "hs92": "BACI_HS92_V202601.zip",
    "hs17": "BACI_HS17_V202601.zip",
    "hs17_top6": "BACI_HS17_V202601_top6.zip",
    "hs02_top6": "BACI_HS02_V202601_top6.zip",
}
# IUPAC standard atomic weights, abridged (2021), of the elements in our formulas.
WEIGHTS = {
    "H": 1.008, "Li": 6.94, "Be": 9.0122, "B": 10.81, "C": 12.011, "N": 14.007, "O": 15.999,
    "F": 18.998, "Mg": 24.305, "Al": 26.982, "P": 30.974, "S": 32.06, "Cl": 35.45, "Ca": 40.078,
    "Sc": 44.956, "Ti": 47.867, "V": 50.942, "Cr": 51.996, "Mn": 54.938, "Co": 58.933, "Ni": 58.693,
    "Ga": 69.723, "Ge": 72.630, "As": 74.922, "Y": 88.906, "Zr": 91.224, "Nb": 92.906, "Mo": 95.95,
    "Sr": 87.62, "In": 114.82, "Sb": 121.76, "Te": 127.60, "Ba": 137.33, "La": 138.91, "Ce": 140.12,
    "Pr": 140.91, "Nd": 144.24, "Sm": 150.36, "Eu": 151.96, "Gd": 157.25, "Tb": 158.93,
    "Dy": 162.50, "Ho": 164.93, "Er": 167.26, "Yb": 173.05, "Lu": 174.97, "Ta": 180.95, "W": 183.84,
    "Bi": 208.98,
}  # fmt: skip
TOKEN = re.compile(r"([A-Z][a-z]?)(\d*)|\(([^()]+)\)(\d*)")


def atoms(formula: str) -> dict[str, int]:
    """Atoms of a formula: `(NH4)10(H2W12O42).4H2O` has 42 + 4 of oxygen."""
    found: dict[str, int] = {}
    for part in formula.split("."):
        ahead = re.match(r"\d*", part)
        assert ahead is not None
        times = int(ahead.group() or 1)
        for element, count, inner, repeat in TOKEN.findall(part[ahead.end() :]):
            inside = {element: int(count or 1)} if element else atoms(inner)
            for name, number in inside.items():
                found[name] = found.get(name, 0) + number * times * int(repeat or 1)
    return found


def test_formulas_are_read_right() -> None:
    assert atoms("(NH4)10(H2W12O42).4H2O") == {"N": 10, "H": 50, "W": 12, "O": 46}
    assert atoms("NiSO4.6H2O") == {"Ni": 1, "S": 1, "O": 10, "H": 12}


def test_stoichiometric_factors_follow_from_atomic_weights(lists: Lists) -> None:
    pure = lists["contained_factor"].filter(kind="stoichiometric")
    assert pure.height == 58
    for row in pure.iter_rows(named=True):
        counts = atoms(row["formula"])
        mass = {name: WEIGHTS[name] * number for name, number in counts.items()}
        share = mass[row["contained_as"]] / sum(mass.values())
        # Four decimals are printed; lithium's own weight is uncertain in the third digit.
        assert row["factor"] == pytest.approx(share, abs=0.0001), row["factor_key"]


def test_no_grade_claims_to_be_verified(lists: Lists) -> None:
    grades = lists["contained_factor"].filter(kind="typical_grade")
    assert set(grades["verified"]) == {"from memory, unverified", "reported"}


def test_a_factor_belongs_to_the_lines_mineral(lists: Lists) -> None:
    parents = dict(lists["mineral"].select("mineral_id", "parent_mineral_id").iter_rows())
    joined = lists["hs_line"].join(
        lists["contained_factor"].rename({"mineral_id": "factor_mineral"}),
        left_on="contained_factor_key",
        right_on="factor_key",
    )
    assert joined.height > 80
    for line in joined.iter_rows(named=True):
        fits = {None, line["mineral_id"], parents[line["mineral_id"]]}
        assert line["factor_mineral"] in fits, line["hs6"]


@pytest.fixture(scope="module")
def products(shared_data: Path) -> dict[str, str]:
    """Codes of HS92 and their meaning, as CEPII lists them."""
    with zipfile.ZipFile(shared_data / "cepii_baci" / ZIPS["hs92"]) as archive:
        text = archive.read("product_codes_HS92_V202601.csv").decode("utf-8")
    return {row["code"].zfill(6): row["description"] for row in csv.DictReader(io.StringIO(text))}


@pytest.fixture(scope="module")
def held(shared_data: Path) -> dict[str, dict[str, set[int]]]:
    """Zip to line to years, read without our code."""
    found: dict[str, dict[str, set[int]]] = {}
    for name, file in ZIPS.items():
        lines: dict[str, set[int]] = {}
        with zipfile.ZipFile(shared_data / "cepii_baci" / file) as archive:
            for member in archive.namelist():
                if "_Y" not in member:
                    continue
                frame = pl.read_csv(archive.read(member), columns=["t", "k"], infer_schema=False)
                for year, code in frame.unique().iter_rows():
                    lines.setdefault(code.zfill(6), set()).add(int(year))
        found[name] = lines
    return found


@pytest.mark.shared
def test_lines_of_1992_are_in_the_product_list_and_younger_ones_are_not(
    lists: Lists, products: dict[str, str]
) -> None:
    first = lists["hs_line"].group_by("hs6").agg(pl.col("hs_revision_from").min())
    assert len(products) == 5022
    for hs6, revision in first.iter_rows():
        assert (hs6 in products) == (revision == "HS1992"), hs6


@pytest.mark.shared
@pytest.mark.parametrize(
    ("hs6", "words"),
    [
        ("811230", "Germanium: including waste and scrap"),
        ("280450", "Boron: tellurium"),
        ("282560", "Germanium oxides and zirconium dioxide"),
        ("261590", "Niobium, tantalum, vanadium ores and concentrates"),
        ("711041", "Metals: iridium, osmium, ruthenium, unwrought or in powder form"),
        ("740120", "Copper: cement copper (precipitated copper)"),
        ("750400", "Nickel: powders and flakes"),
    ],
)
def test_lines_mean_what_the_list_says(products: dict[str, str], hs6: str, words: str) -> None:
    assert products[hs6] == words


@pytest.mark.shared
def test_the_list_says_what_the_zips_hold(
    lists: Lists, held: dict[str, dict[str, set[int]]]
) -> None:
    assert [len(held[name]) for name in ZIPS] == [74, 30, 30, 30]
    for line in lists["hs_line"].iter_rows(named=True):
        hs6 = line["hs6"]
        in_hs92, in_hs17 = hs6 in held["hs92"], hs6 in held["hs17"]
        assert (line["data_held"] == "hs92") == in_hs92, hs6
        assert (line["data_held"] == "hs17_2024") == (in_hs17 and not in_hs92), hs6
        assert (line["second_series"] == "hs17_2024") == (in_hs92 and in_hs17), hs6
        if in_hs92:
            years = held["hs92"][hs6]
            assert (line["data_from_year"], line["data_to_year"]) == (min(years), max(years))
            assert len(years) == line["data_to_year"] - line["data_from_year"] + 1, hs6
        if in_hs17:
            assert held["hs17"][hs6] == {2024}
            assert held["hs17_top6"][hs6] == set(range(2017, 2024))
            assert held["hs02_top6"][hs6] == set(range(2002, 2017))


@pytest.mark.shared
def test_the_list_says_what_importers_declared(lists: Lists, shared_data: Path) -> None:
    path = shared_data / "un_comtrade" / "importer_declarations_2018_2024.parquet"
    years = (
        pl.read_parquet(path, columns=["cmdCode", "refYear"])
        .group_by("cmdCode")
        .agg(first=pl.col("refYear").min(), last=pl.col("refYear").max())
    )
    declared = {code: (int(first), int(last)) for code, first, last in years.iter_rows()}
    for line in lists["hs_line"].iter_rows(named=True):
        if line["data_held"] == "comtrade_importers":
            got = (line["data_from_year"], line["data_to_year"])
            assert got == declared[line["hs6"]], line["hs6"]
        elif line["data_held"] == "none":
            assert line["hs6"] not in declared


@pytest.mark.shared
def test_germanium_fades_from_2007(shared_data: Path) -> None:
    values: dict[int, float] = {}
    with zipfile.ZipFile(shared_data / "cepii_baci" / ZIPS["hs92"]) as archive:
        for year in (2006, 2007, 2017):
            frame = pl.read_csv(archive.read(f"BACI_HS92_Y{year}_V202601.csv"), infer_schema=False)
            flows = frame.filter(pl.col("k") == "811230")["v"].str.strip_chars().cast(pl.Float64)
            values[year] = float(flows.sum()) / 1000
    assert values[2006] == pytest.approx(80.7, abs=0.05)
    assert values[2007] == pytest.approx(4.6, abs=0.05)
    assert values[2017] == 0


def test_mixed_lines_are_groups_and_list_their_members(lists: Lists) -> None:
    lines = lists["hs_line"]
    members = {
        hs6: set(lines.filter(hs6=hs6)["mineral_id"])
        for hs6 in ("811292", "811291", "811299", "280450", "282560", "261590")
    }
    minor = {"gallium", "indium", "niobium", "rhenium", "hafnium"}
    assert members == {
        "811292": minor | {"germanium", "vanadium"},
        "811291": minor,
        "811299": minor | {"germanium", "vanadium"},
        "280450": {"boron", "tellurium"},
        "282560": {"germanium", "zirconium"},
        "261590": {"niobium", "tantalum", "vanadium"},
    }
    # Mixed, and yet wholly within a mineral that is a group.
    within = lines.filter(pl.col("group_id").is_not_null() & pl.col("is_exclusive"))
    assert set(within.select("hs6", "mineral_id").iter_rows()) == {
        ("280530", "rare_earths"),
        ("284690", "rare_earths"),
        ("711041", "other_pgm"),
    }
    kinds = dict(lists["mineral"].select("mineral_id", "mineral_kind").iter_rows())
    assert {kinds[mineral] for mineral in within["mineral_id"]} == {"group"}
    groups = lines.drop_nulls("group_id").select("hs6", "group_id").unique()
    assert groups["group_id"].is_unique().all()
    # The question names these four.
    assert {"811292", "284690", "280530", "850511"} <= set(groups["hs6"])


def test_overrides_name_lines_of_the_same_mineral(lists: Lists) -> None:
    factors = dict(lists["contained_factor"].select("factor_key", "mineral_id").iter_rows())
    joined = lists["hs_flow_override"].join(lists["hs_line"], on="hs6", suffix="_line")
    assert joined.height == lists["hs_flow_override"].height == 15
    for row in joined.iter_rows(named=True):
        if key := row["contained_factor_key"]:
            assert factors[key] == row["mineral_id"]
        assert row["stage"] in {"mine", "intermediate"}
