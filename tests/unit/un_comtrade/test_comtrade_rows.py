"""What becomes of a row of UN Comtrade: kept as the total of its key, or counted with a reason."""

import polars as pl
import pytest
from declared_rows import API, api_csv, api_json, api_parquet, bulk, lake, row

from sources.reading.checks import records_are_accounted_for
from sources.reading.lake_schemas import NotUsed
from sources.un_comtrade.checks import partners_add_up_to_the_world, reporters_cover_trade
from sources.un_comtrade.schema import Declaration

PATH = "un_comtrade/rows"
CODES = (
    "36 40 56 76 124 156 191 203 208 233 246 251 300 348 372 380 392 410 428 440 484 528 554 579"
)
MANY = tuple(CODES.split())


def _text(rows: list[dict[str, str]]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=dict.fromkeys(API, pl.String))


@pytest.mark.parametrize(
    ("layout", "content"),
    [
        ("api_csv", api_csv(row())),
        ("api_csv", b"\xef\xbb\xbf" + api_csv(row(), beside=("commodity_name", "query_year"))),
        ("api_json", api_json(row(reporterCode="276"))),
        ("api_parquet", api_parquet(_text([row()]))),
    ],
)
def test_every_shape_of_the_api_gives_the_same_declaration(layout: str, content: bytes) -> None:
    declaration = lake(content, layout, PATH)["declaration"].row(0, named=True)
    told = {
        "reporter_iso3": "DEU",
        "partner_iso3": "CHL",
        "hs6": "283691",
        "flow": "import",
        "reference_year": 2024,
        "value_usd": 1100.0,
        "value_basis": "cif",
        "quantity_tonnes_gross": 0.5,
        "quantity_status": "numeric",
        "quantity_source": "net_weight",
        "is_quantity_estimated": False,
        "published_value": "1100.0",
        "published_classification": "H6",
    }
    assert {name: declaration[name] for name in told} == told


def test_numbers_of_json_are_taken_as_they_are_written() -> None:
    numbers = {**row(), "primaryValue": 0.1, "cifvalue": None, "fobvalue": 0.1, "reporterCode": 276}
    declaration = lake(api_json(numbers), "api_json", PATH)["declaration"].row(0, named=True)
    assert declaration["published_value"] == "0.1"
    assert declaration["value_basis"] == "fob"


@pytest.mark.parametrize(
    ("changed", "tonnes", "source", "is_estimated"),
    [
        ({"netWgt": "0.0"}, 0.5, "quantity", False),
        ({"netWgt": "", "isQtyEstimated": "True"}, 0.5, "quantity", True),
        ({"netWgt": "250", "isNetWgtEstimated": "True"}, 0.25, "net_weight", True),
        # Pieces are no kilograms.
        ({"netWgt": "0.0", "qtyUnitCode": "5"}, None, None, None),
        ({"netWgt": "", "qty": "0.0"}, None, None, None),
    ],
)
def test_a_weight_of_zero_is_missing(
    changed: dict[str, str], tonnes: float | None, source: str | None, is_estimated: bool | None
) -> None:
    declaration = lake(api_csv(row(**changed)), "api_csv", PATH)["declaration"].row(0, named=True)
    assert declaration["quantity_tonnes_gross"] == tonnes
    assert declaration["quantity_source"] == source
    assert declaration["is_quantity_estimated"] == is_estimated
    assert (declaration["quantity_status"] == "numeric") == (tonnes is not None)


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"partnerCode": "0"}, "total over all partners"),
        ({"reporterCode": "97"}, "a group as reporter"),
        ({"reporterCode": "975"}, "a group as reporter"),
        ({"partnerCode": "899"}, "partner not told by country"),
        ({"partnerCode": "276"}, "goods that came back"),
        ({"cmdCode": "2836"}, "no line of six digits"),
        ({"flowCode": "RM"}, "already count"),
        ({"motCode": "2100"}, "a part of the key's total"),
        ({"customsCode": "C01"}, "a part of the key's total"),
        ({"partner2Code": "528"}, "a part of the key's total"),
        ({"primaryValue": "0.0"}, "no value"),
    ],
)
def test_what_is_no_total_of_two_countries_is_counted(changed: dict[str, str], reason: str) -> None:
    tables = lake(api_csv(row(), row(**changed)), "api_csv", PATH)
    assert tables["declaration"].height == 1
    (told,) = tables["not_used"].iter_rows(named=True)
    assert reason in told["not_used_reason"]
    assert told["file_rows"] == 1


@pytest.mark.parametrize(
    ("world", "partners", "severity"),
    [
        # Alike; apart by an eighth; by 90,000 dollars, as a small country's row may be.
        ("300000000", ("100000000", "200000000"), None),
        ("300000000", ("100000000", "240000000"), None),
        ("150000", ("60000",), None),
        # A partner's row is lost, or a thousand times too large; all are lost.
        ("300000000", ("100000000",), "stop"),
        ("300000000", ("100000000000", "200000000"), "stop"),
        ("300000000", (), "stop"),
    ],
)
def test_partners_add_up_to_the_world(
    world: str, partners: tuple[str, ...], severity: str | None
) -> None:
    of_partners = zip(("152", "899"), partners, strict=False)
    rows = [row(partnerCode=code, primaryValue=value) for code, value in of_partners]
    # Not asked by partner: an edition of its own line stays as it is.
    exports = row(flowCode="X", partnerCode="156", primaryValue="7000000")
    total = row(partnerCode="0", primaryValue=world)
    outcome = partners_add_up_to_the_world(lake(api_csv(*rows, exports, total), "api_csv", PATH))
    assert (None if outcome.passed else outcome.severity) == severity


def test_one_line_in_thirty_that_is_torn_warns() -> None:
    totals = [
        row(reporterCode=code, partnerCode=partner, primaryValue=value)
        for code, value in zip(("276", *MANY), ("900000", *["5000"] * len(MANY)), strict=True)
        for partner in ("152", "0")
    ]
    totals[0] |= {"primaryValue": "300000"}
    outcome = partners_add_up_to_the_world(lake(api_csv(*totals), "api_csv", PATH))
    assert (outcome.passed, outcome.severity) == (False, "warn")
    assert outcome.offenders == [{"edition": "BULK2024", "hs6": "283691", "lines": 1}]


def test_of_totals_and_parts_alike_the_largest_is_the_total() -> None:
    # Bolivia's key of FORMATS 2.4: mode of transport and procedure were dropped, their rows kept.
    tables = lake(
        bulk(
            "68,604,250490,M,541.0,300",
            "68,604,250490,M,541.0,300",
            "68,604,250490,M,200.0,100",
            "68,604,250490,X,7,",
            "68,0,250490,M,541.0,300",
        ),
        "bulk_csv_gz",
    )
    told = tables["declaration"].select("flow", "value_usd", "quantity_tonnes_gross", "file_rows")
    assert sorted(told.iter_rows()) == [("export", 7.0, None, 1), ("import", 541.0, 0.3, 3)]
    assert tables["not_used"]["file_rows"].sum() == 3
    assert tables["declaration"]["value_basis"].null_count() == 2
    outcome = records_are_accounted_for(
        [tables["declaration"]], tables["not_used"], tables["file_rows"]
    )
    assert outcome.passed, outcome.offenders


def test_the_bulk_export_with_a_year_of_its_own() -> None:
    header = "year,reporter,partner,cmd,flow,value,netwgt,qty,qtyunit"
    declaration = lake(
        bulk("2022,842,156,850511,M,10.5,0,2000,8", header=header), "bulk_csv_gz", "any.csv.gz"
    )["declaration"].row(0, named=True)
    assert declaration["reference_year"] == 2022
    assert declaration["reporter_iso3"] == "USA"
    assert declaration["quantity_tonnes_gross"] == 2


def test_the_second_spelling_of_net_weight_is_read() -> None:
    frame = _text([row(netWgt="0"), row(partnerCode="32", netWgt="70")]).with_columns(
        pl.Series("netWgt", [None, "70"]), netWeight=pl.Series(["60", None])
    )
    declared = lake(api_parquet(frame), "api_parquet", PATH)["declaration"]
    assert sorted(declared["quantity_tonnes_gross"]) == [0.06, 0.07]


def test_odd_codes_of_customs_are_countries() -> None:
    codes = {"842": "USA", "251": "FRA", "699": "IND", "579": "NOR", "757": "CHE", "490": "TWN"}
    declared = lake(
        api_csv(*(row(reporterCode=code, partnerCode="156") for code in codes)), "api_csv", PATH
    )["declaration"]
    assert sorted(declared["reporter_iso3"]) == sorted(codes.values())


def _declared(*rows: tuple[str, str, str, int, float]) -> dict[str, pl.DataFrame]:
    columns = ["reporter_iso3", "partner_iso3", "flow", "reference_year", "value_usd"]
    frame = pl.DataFrame(rows, schema=columns, orient="row").with_columns(
        edition=pl.lit("E"), hs6=pl.lit("283691")
    )
    return {"declaration": frame}


def test_coverage_is_by_value_not_by_count() -> None:
    """Nine small reporters late are nothing; one that had 40% of the year before stops."""
    before = [(f"A{n:02}", "CHL", "import", 2023, 1.0) for n in range(9)] + [
        ("CHN", "CHL", "import", 2023, 600.0),
        ("JPN", "CHL", "import", 2023, 400.0),
    ]
    china, japan = ("CHN", "CHL", "import", 2024, 5.0), ("JPN", "CHL", "import", 2024, 5.0)
    assert reporters_cover_trade(_declared(*before, china, japan)).passed
    late = reporters_cover_trade(_declared(*before, china))
    assert not late.passed
    assert late.severity == "stop"
    assert late.numbers["least_coverage_share"] == pytest.approx(600 / 1009)


def test_a_year_whose_exporters_have_not_declared_yet_warns() -> None:
    rows = [("CHN", "CHL", "import", 2024, 60.0), ("CHN", "ARG", "import", 2024, 40.0)]
    few = reporters_cover_trade(_declared(*rows, ("ARG", "CHN", "export", 2024, 30.0)))
    assert (few.passed, few.severity) == (False, "warn")
    assert few.numbers["least_coverage_share"] == pytest.approx(0.4)
    assert reporters_cover_trade(_declared(*rows, ("CHL", "CHN", "export", 2024, 30.0))).passed


def test_an_empty_lake_passes() -> None:
    empty = {"declaration": Declaration.create_empty(), "not_used": NotUsed.create_empty()}
    assert reporters_cover_trade(empty).passed
