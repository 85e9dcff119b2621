"""The real file against an independent reading of it, with `csv` only; and what is refused."""

import csv
from collections import defaultdict
from pathlib import Path

import polars as pl
import pytest

from sources.eurostat_comext.reader import READER
from sources.eurostat_comext.tidy import exchange_rates
from sources.reading import catalog
from sources.reading.catalog import load_source
from sources.reading.errors import SourceError
from tests.mirror.comext import UNION

SOURCE = load_source("eurostat_comext")
EDITION = SOURCE.editions[0]
HEADER = "DECLARANT_ISO,PARTNER_ISO,PRODUCT_NC,FLOW,PERIOD,VALUE_IN_EUROS"
Tables = dict[str, pl.DataFrame]

# Row (header = 1), record as printed, reporter, partner, mineral, stage.
GOLDEN = [
    (1451, "DE,CN,81129289,1,2022,6329627", "DEU", "CHN", "gallium", "refined"),
    (19212, "DE,CN,81129295,1,2024,1054675", "DEU", "CHN", "germanium", "refined"),
    (765, "BG,AT,25041000,1,2022,237.755", "BGR", "AUT", "graphite_natural", "mine"),
    (3877, "EL,FR,75021000,1,2022,382682", "GRC", "FRA", "nickel", "refined"),
    (8206, "SE,XC,25041000,1,2022,199.555", "SWE", "ESP", "graphite_natural", "mine"),
    (623, "BE,NA,25041000,1,2022,28245", "BEL", "NAM", "graphite_natural", "mine"),
    (13568, "IE,NA,25309040,1,2023,12", "IRL", "NAM", "lithium", "mine"),
    (19561, "DE,NA,25309050,1,2024,1190", "DEU", "NAM", "rare_earths", "mine"),
]


@pytest.fixture(scope="module")
def records(shared_data: Path) -> list[list[str]]:
    path = shared_data / "eurostat_comext" / "eu_comext_critical_inputs_cn8_2022_2024.csv"
    with path.open(encoding="ascii", newline="") as handle:
        return list(csv.reader(handle))


@pytest.mark.shared
@pytest.mark.parametrize(("row", "record", "reporter", "partner", "mineral", "stage"), GOLDEN)
def test_a_printed_flow_arrives(
    records: list[list[str]],
    lake_tables: Tables,
    *,
    row: int,
    record: str,
    reporter: str,
    partner: str,
    mineral: str,
    stage: str,
) -> None:
    assert ",".join(records[row - 1]) == record
    [got] = lake_tables["cn8_import"].filter(file_row=row).to_dicts()
    assert (got["reporter_iso3"], got["partner_iso3"]) == (reporter, partner)
    assert (got["mineral_id"], got["stage"]) == (mineral, stage)
    assert (got["cn8"], got["value_eur"]) == (record.split(",")[2], float(record.split(",")[5]))
    assert got["hs6"] == got["cn8"][:6]


@pytest.mark.shared
def test_namibia_is_never_missing(records: list[list[str]], lake_tables: Tables) -> None:
    printed = sum(record[1] == "NA" for record in records)
    assert printed == 13
    lake = lake_tables["cn8_import"]
    assert lake.filter(partner_iso3="NAM").height == printed
    assert lake["partner_iso3"].null_count() == 0


@pytest.mark.shared
def test_gallium_from_outside_the_eu_by_an_independent_sum(
    records: list[list[str]], lake_tables: Tables
) -> None:
    sums: dict[str, float] = defaultdict(float)
    for _, partner, code, _, year, value in records[1:]:
        if code == "81129289" and year == "2022" and partner not in UNION:
            sums[partner] += float(value)
    outside = lake_tables["cn8_import"].filter(
        ~pl.col("is_intra_eu") & (pl.col("cn8") == "81129289"), reference_year=2022
    )
    assert outside["value_eur"].sum() == pytest.approx(sum(sums.values()))
    china = outside.filter(partner_iso3="CHN")["value_eur"].sum()
    assert china == sums["CN"] == 15_013_134


@pytest.mark.shared
def test_a_point_is_a_decimal_point(records: list[list[str]]) -> None:
    """Decimals stand only with members that had another currency than the euro in that year."""
    with_point = {(record[0], record[4]) for record in records[1:] if "." in record[5]}
    others = {"BG", "CZ", "DK", "HU", "PL", "RO", "SE"}
    assert {name for name, _ in with_point} == others | {"HR"}
    # Croatia has had the euro since 2023.
    assert {year for name, year in with_point if name == "HR"} == {"2022"}


def test_dollars_follow_from_euro_and_the_rate_of_the_year(embedded: Tables) -> None:
    lake = READER.lake_tables(embedded)
    rates = dict(lake["exchange_rate"].select("reference_year", "usd_per_eur").iter_rows())
    assert rates == {2022: 1.053, 2023: 1.0813, 2024: 1.0824}
    for row in lake["cn8_import"].filter(cn8="81129295").iter_rows(named=True):
        assert row["value_usd"] == pytest.approx(row["value_eur"] * rates[row["reference_year"]])


def test_rates_say_how_far_they_were_verified() -> None:
    rates = exchange_rates(SOURCE)
    assert dict(rates.select("reference_year", "verified").iter_rows()) == {
        2022: "reported",
        2023: "reported",
        2024: "from memory, unverified",
    }
    # The inverse rates that a company's report prints as averages of the two years.
    inverse = {2022: 0.9497, 2023: 0.9248}
    for year, euro in inverse.items():
        rate = rates.filter(reference_year=year)["usd_per_eur"].item()
        assert round(1 / rate, 4) == euro


def test_a_listed_zero_is_unknown(embedded: Tables) -> None:
    lake = READER.lake_tables(embedded)["cn8_import"]
    zeros = lake.filter(published_value="0")
    assert sorted(zeros["cn8"]) == ["25049000", "25101000", "25309050"]
    assert zeros["value_eur"].null_count() == zeros["value_usd"].null_count() == 3
    assert set(zeros["value_status"]) == {"not_available"}


def test_the_eu_of_27_and_no_other_country_is_inside(embedded: Tables) -> None:
    lake = READER.lake_tables(embedded)["cn8_import"]
    assert lake["reporter_iso3"].n_unique() == 27
    inside = set(lake.filter("is_intra_eu")["partner_iso3"])
    assert inside == set(lake["reporter_iso3"])
    assert not {"GBR", "CHE", "NOR", "SRB"} & inside
    # Ceuta is Spanish, and outside the statistical territory.
    assert lake.filter(published_partner="XC")["is_intra_eu"].to_list() == [False]


def test_five_minor_metals_are_kept_apart(embedded: Tables) -> None:
    lake = READER.lake_tables(embedded)["cn8_import"].filter(hs6="811292")
    assert dict(lake.select("cn8", "mineral_id").unique().iter_rows()) == {
        "81129240": "niobium",
        "81129281": "indium",
        "81129289": "gallium",
        "81129291": "vanadium",
        "81129295": "germanium",
    }


def test_rare_earths_of_2022_are_marked_as_a_part(embedded: Tables) -> None:
    part = READER.lake_tables(embedded)["cn8_import"].filter(line_coverage="part")
    assert set(part.select("hs6", "reference_year").iter_rows()) == {
        ("280530", 2022),
        ("284690", 2022),
    }


def test_the_mapping_is_closed_and_agrees_with_the_hs_lines() -> None:
    table = pl.read_csv(SOURCE.folder / "mappings" / "cn8.csv", infer_schema=False)
    assert table["cn8"].is_unique().all()
    assert (table["mineral_id"].is_null() != table["not_used_reason"].is_null()).all()
    lines = pl.read_csv(catalog.SOURCES_ROOT / "reference" / "hs_lines.csv", infer_schema=False)
    mapped = table.drop_nulls("mineral_id").with_columns(hs6=pl.col("cn8").str.slice(0, 6))
    joined = mapped.join(lines, on=["hs6", "mineral_id"], how="left", suffix="_line")
    assert joined["stage_line"].null_count() == 0
    assert (joined["stage"] == joined["stage_line"]).all()
    assert (joined["form"] == joined["form_line"]).all()
    undivided = joined.filter(pl.col("source").str.starts_with("six-digit line"))
    assert (undivided["verified"] == undivided["verified_line"]).all()


# --- refusals


def _read(*lines: str, header: str = HEADER) -> Tables:
    text = "\r\n".join([header, *lines, ""])
    return READER.read_file(SOURCE, EDITION, EDITION.files[0], text.encode())


@pytest.mark.parametrize(
    ("line", "offender"),
    [
        ("DE,,81129289,1,2022,5", "row 2, PARTNER_ISO: None"),
        ("DE,CN,81129289,2,2022,5", "row 2, FLOW: '2'"),
        ("DE,CN,8112928,1,2022,5", "row 2, PRODUCT_NC: '8112928'"),
        ("DE,CN,81129289,1,202212,5", "row 2, PERIOD: '202212'"),
        ("DE,CN,81129289,1,2022,", "row 2, VALUE_IN_EUROS: None"),
        ("EU27,CN,81129289,1,2022,5", "row 2, DECLARANT_ISO: 'EU27'"),
    ],
)
def test_another_cell_is_refused(line: str, offender: str) -> None:
    with pytest.raises(SourceError, match="cells that this layout can't hold") as raised:
        _read(line)
    assert raised.value.offenders == [offender]


def test_one_flow_twice_is_refused() -> None:
    with pytest.raises(SourceError, match="one flow twice") as raised:
        _read("DE,CN,81129289,1,2022,5", "DE,CN,81129289,1,2022,6")
    assert raised.value.offenders == [
        "row 2: DE, CN, 81129289, 2022",
        "row 3: DE, CN, 81129289, 2022",
    ]


@pytest.mark.parametrize(
    ("lines", "header", "problem"),
    [
        ((), HEADER, "the file holds a header and no rows"),
        (("DE,CN",), HEADER, "the file is no regular CSV"),
        (("x",), "<html>", "the header is not the one of this edition"),
        (("DE,CN,81129289,1,2022,5€",), HEADER, "wrong text encoding"),
    ],
)
def test_another_file_is_refused(lines: tuple[str, ...], header: str, problem: str) -> None:
    with pytest.raises(SourceError) as raised:
        _read(*lines, header=header)
    assert raised.value.problem == problem


@pytest.mark.parametrize(
    ("line", "problem", "offender"),
    [
        ("DE,CN,99999999,1,2022,5", "codes that the closed table", "99999999 in 2022 (1 records"),
        ("DE,CN,25309040,1,2022,5", "codes that the closed table", "25309040 in 2022 (1 records"),
        ("DE,ZZ,81129289,1,2022,5", "country labels that the closed", "'ZZ' in 2022 (1 rows)"),
        ("GB,CN,81129289,1,2022,5", "reporters that are no members", "GB"),
        ("DE,CN,81129289,1,2025,5", "years without a rate", "2025 (1 records, from row 2)"),
        ("DE,CN,81129289,1,2022,1.234.567", "no number", "'1.234.567'"),
        ("DE,CN,81129289,1,2022,:", "no number", "':'"),
        ("DE,CN,81129289,1,2022,-3", "no number", "'-3'"),
        ("DE,CN,81129289,1,2022,0.000", "no number", "'0.000'"),
    ],
)
def test_an_unknown_word_is_refused(line: str, problem: str, offender: str) -> None:
    with pytest.raises(SourceError, match=problem) as raised:
        READER.lake_tables(_read(line))
    assert len(raised.value.offenders) == 1
    assert offender in raised.value.offenders[0]
