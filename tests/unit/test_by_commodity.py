"""Editions 2023 and 2024, one small file per commodity: headers, names, padding, footnotes, estimates."""

import re
from pathlib import Path

import pytest
from publisher_files import SOURCE, Records, assert_error_says, read_small, tidied

from sources.reading.errors import SourceError

BASE = "Source,Country,Type,"
FLUORSPAR = 'Source,Country,"Mine production, fluorspar",'
NOTES, NOTE, RESERVES = "Prod_notes", "Prod_note", "Reserves_notes"
# Columns behind Source, Country, Type as the publisher wrote them, of edition 2024 (2023: a year less),
# and what each value column says: statistic, qualifier, unit, year, estimated.
HEADERS = {
    f"Prod_t_2022,Prod_t_est_2023,{NOTES},Reserves_t,{RESERVES}": "P t 22, P t 23 e, R t 23",
    f"Prod_t_2022,Prod_t_est_2023,{NOTE},Reserves_t,{RESERVES}": "P t 22, P t 23 e, R t 23",
    f"Prod_t_est_2022,Prod_t_est_2023,{NOTES},Reserves_t,{RESERVES}": "P t 22 e, P t 23 e, R t 23",
    f"Prod_t_2022,Prod_t_est_2023,{NOTES},Reserves_kt,{RESERVES}": "P t 22, P t 23 e, R kt 23",
    f"Prod_t_est_2022,Prod_t_est_2023,{NOTES},Reserves_kt,{RESERVES}": "P t 22 e, P t 23 e, R kt 23",
    f"Prod_kt_2022,Prod_kt_est_2023,{NOTES},Reserves_kt,{RESERVES}": "P kt 22, P kt 23 e, R kt 23",
    f"Prod_kt_2022,Prod_kt_est_2023,{NOTE},Reserves_kt,{RESERVES}": "P kt 22, P kt 23 e, R kt 23",
    f"Prod_kt_2022,Prod_kt_Est_2023,{NOTES},Reserves_kt,{RESERVES}": "P kt 22, P kt 23 e, R kt 23",
    f"Prod_kt_est_2022,Prod_kt_est_2023,{NOTES},Reserves_kt,{RESERVES}": "P kt 22 e, P kt 23 e, R kt 23",
    f"Prod_kt_est_2022,Prod_kt_est_2023,{NOTES},Reserves_kt_2023,{RESERVES}": "P kt 22 e, P kt 23 e, R kt 23",
    f"Prod_kt_est_2022,Prod_kt_est_2023,{NOTES},Reserves_t,{RESERVES}": "P kt 22 e, P kt 23 e, R t 23",
    f"Prod_kt_2022,Prod_kt_est_2023,{NOTES},Reserves_t,{RESERVES}": "P kt 22, P kt 23 e, R t 23",
    f"Prod_kt_2022,Prod_kt_est_2023,{NOTE},Reserves_t,{RESERVES}": "P kt 22, P kt 23 e, R t 23",
    f"Prod_kt_2022,Prod_kt_est_2023,{NOTES},Reserves_mt,{RESERVES}": "P kt 22, P kt 23 e, R mt 23",
    f"Prod_kt_2022,Prod_kt_est_2023,{NOTES},Reserves_Mt,{RESERVES}": "P kt 22, P kt 23 e, R Mt 23",
    f"Prod_mmt_2022,Prod_mmt_est_2023,{NOTES},Reserves_mmt,{RESERVES}": "P mmt 22, P mmt 23 e, R mmt 23",
    f"Prod_kg_2022,Prod_kg_est_2023,{NOTES},Reserves_kg,{RESERVES}": "P kg 22, P kg 23 e, R kg 23",
    f"Prod_kg_est_2022,Prod_kg_est_2023,{NOTES},Reserves_kg,{RESERVES}": "P kg 22 e, P kg 23 e, R kg 23",
    f"Prod_kg_est_2022,Prod_kg_est_2023,{NOTES},Reserves_kt,{RESERVES}": "P kg 22 e, P kg 23 e, R kt 23",
    f"Prod_mct_2022,Prod_mct_est_2023,{NOTES},Reserves_mct,{RESERVES}": "P mct 22, P mct 23 e, R mct 23",
    f"Prod_kct_2022,Prod_kct_est_2023,{NOTES},Reserves_kct,{RESERVES}": "P kct 22, P kct 23 e, R kct 23",
    f"Prod_mcm_2022,Prod_mcm_est_2023,{NOTES},Reserves_mcm,{RESERVES}": "P mcm 22, P mcm 23 e, R mcm 23",
    f"Prod_kt_2022,Prod_kt_est_2023,{NOTES},Reserves_ore_kt,Reserves_ore_K2O_equiv_kt,{RESERVES}": (
        "P kt 22, P kt 23 e, R ore kt 23, R ore_K2O_equiv kt 23"
    ),
    f"Prod_kt_2022,Prod_kt_est_2023,{NOTES},Cap_kt_2022,Cap_kt_est_2023,Cap_notes": (
        "P kt 22, P kt 23 e, C kt 22, C kt 23 e"
    ),
    f"Prod_kg_2022,Prod_kg_est_2023,{NOTES},Cap_kg_2022,Cap_notes,Reserves_kg,{RESERVES}": (
        "P kg 22, P kg 23 e, C kg 22, R kg 23"
    ),
    f"Prod_kg_2022,Prod_kg_est_2023,{NOTES},Cap_kg_2023,Cap_notes": "P kg 22, P kg 23 e, C kg 23",
    f"Prod_Sponge_t_Est_2022,Prod_Sponge_t_Est_2023,{NOTES},Cap_Sponge_t_2023,Cap_Pigment_t_2023": (
        "P Sponge t 22 e, P Sponge t 23 e, C Sponge t 23, C Pigment t 23"
    ),
    f"Cap_t_est_2022,Cap_t_est_2023,{NOTES}": "C t 22 e, C t 23 e",
    "Cap_t_est_2022,Cap_t_est_2023": "C t 22 e, C t 23 e",
    f"Prod_kt_2022,Prod_kt_est_2023,{NOTES}": "P kt 22, P kt 23 e",
    f"Prod_Mt_2022,Prod_Mt_est_2023,{NOTES}": "P Mt 22, P Mt 23 e",
    "Prod_kt_est_2022,Prod_kt_est_2023": "P kt 22 e, P kt 23 e",
}
LETTERS = {"P": "production", "C": "capacity", "R": "reserves"}
NAME = "mcs2024-antim_world.csv"
SIMPLE = BASE + f"Prod_t_2022,Prod_t_est_2023,{NOTES},Reserves_t,{RESERVES}"


@pytest.mark.parametrize("columns", HEADERS)
def test_a_column_says_statistic_unit_year_and_whether_it_is_an_estimate(columns: str) -> None:
    names = columns.split(",")
    cells = ["" if "note" in name else str(number) for number, name in enumerate(names, 1)]
    got = read_small(BASE + columns, f"MCS2024,China,Made,{','.join(cells)}")["world_figure"]
    expected = []
    values = [number for number, name in enumerate(names, 1) if "note" not in name]
    for value, says in zip(values, HEADERS[columns].split(", "), strict=True):
        letter, *qualifier, unit, year = says.removesuffix(" e").split(" ")
        stage = f"Made [{qualifier[0]}]" if qualifier else "Made"
        expected.append(
            (LETTERS[letter], stage, unit, 2000 + int(year), float(value), says.endswith(" e"))
        )
    assert sorted(
        got.select(
            "statistic",
            "published_stage",
            "published_unit",
            "reference_year",
            "value_number",
            "is_estimated",
        ).rows()
    ) == sorted(expected)


@pytest.mark.shared
def test_the_headers_shown_here_are_those_of_the_real_files(records: Records) -> None:
    variants: dict[str, set[str]] = {"MCS2023": set(), "MCS2024": set()}
    for (edition, _), rows in records.items():
        if edition in variants:
            names = [name.strip() for name in rows[2] if name and name.strip()]
            variants[edition].add(",".join(names))
    assert {edition: len(found) for edition, found in variants.items()} == {
        "MCS2023": 22,
        # The 24 of FORMATS, and fluorspar's.
        "MCS2024": 25,
    }
    shown = set(HEADERS)
    for edition, found in variants.items():
        for header in found:
            columns = header.removeprefix(BASE).removeprefix(FLUORSPAR.replace('"', ""))
            if edition == "MCS2023":
                columns = re.sub(r"20\d\d", lambda year: str(int(year[0]) + 1), columns)
            # Titanium and gallium name the year of capacity, one edition another than the next.
            years = {columns, columns.replace("Cap_kg_2023", "Cap_kg_2022")}
            years |= {re.sub(r"(Cap_(Sponge|Pigment)_t)_2022", r"\1_2023", columns)}
            assert years & shown, header


def test_fluorspar_has_its_type_for_a_header() -> None:
    header = FLUORSPAR + f"Prod_kt_2022,Prod_kt_Est_2023,{NOTES},Reserves_kt,{RESERVES}"
    row = 'MCS2024,China,"Mine production, fluorspar",5700,5600,,67000,'
    got = read_small(header, row, name="mcs2024-fluor_world.csv")["world_figure"]
    assert got["published_stage"].unique().to_list() == ["Mine production, fluorspar"]
    assert sorted(got["value_number"]) == [5600, 5700, 67000]


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("MCS2024-bismu_world.csv", "bismu"),
        ("mcs2024-bismu_world.csv", "bismu"),
        ("mcs2023-zirco-hafni_world.csv", "zirco-hafni"),
    ],
)
def test_the_commodity_is_the_code_in_the_name_whatever_its_case(name: str, code: str) -> None:
    got = read_small(SIMPLE, "MCS2024,China,Refinery production,1,2,,3,", name=name)
    assert got["world_figure"]["published_commodity"].unique().to_list() == [code]
    assert got["file_rows"]["source_file"].to_list() == [name]


@pytest.mark.parametrize(
    "name",
    ["mcs2024-bismu_salient.csv", "mcs2024_world.csv", "bismu.csv", "mcs2024-bi smu_world.csv"],
)
def test_a_name_without_a_commodity_is_refused(name: str) -> None:
    with pytest.raises(SourceError) as raised:
        read_small(SIMPLE, "MCS2024,China,Refinery production,1,2,,3,", name=name)
    assert_error_says(
        raised,
        problem="a file's name does not say its commodity",
        where=name,
        expected="mcs<year>-<code>_world.csv",
        got=name,
        next_step="restore the publisher's file name",
    )


def test_empty_columns_and_blank_records_of_a_spreadsheet_are_dropped_and_counted() -> None:
    published = read_small(
        SIMPLE + ",,,",
        "MCS2024,China,Mine production,1,2,,3,,,,",
        ",,,,,,,,,,",
        " ,\u00a0,,,, ,,,,,",
        "MCS2024,Chile,Mine production,,,,,,,,",
        ",Peru,Mine production,4,,,,,,,",
    )
    figures = published["world_figure"]
    assert sorted(figures["file_row"].unique()) == [2, 5, 6]
    assert published["row_account"].select("not_used_reason", "file_rows").rows() == [
        ("blank record", 2)
    ]
    assert published["file_rows"]["file_rows"].to_list() == [5]
    # A record of a series that has figures, with none of its own: not available, never 0.
    chile = figures.filter(published_country="Chile")
    assert chile["value_status"].unique().to_list() == ["not_available"]
    assert chile["value_number"].null_count() == 3


def test_a_type_without_a_figure_of_a_statistic_is_no_series_of_it() -> None:
    figures = read_small(
        SIMPLE,
        "MCS2024,China,Mine production,1,2,,3,",
        "MCS2024,China,Refinery production,4,5,,,",
    )["world_figure"]
    reserves = figures.filter(statistic="reserves")
    assert reserves["published_stage"].to_list() == ["Mine production"]
    assert figures.height == 5


@pytest.mark.parametrize(
    ("printed", "country"),
    [
        ("China6", "China"),
        ("New Caledonia11", "New Caledonia"),
        ("United\u00a0States1", "United States"),
        ("World total (rounded)10", "World total (rounded)"),
        ("Other countriese", "Other countries"),
        ("Other Countriese", "Other Countries"),
        ("Japane", "Japan"),
        ("Russiae", "Russia"),
        ("Greecee", "Greece"),
        ('"Korea, Republic ofe"', "Korea, Republic of"),
        # An "e" that is a country's own.
        ("Greece", "Greece"),
        ("Ukraine", "Ukraine"),
        ("France", "France"),
    ],
)
def test_footnotes_glued_to_a_country_are_taken_off(printed: str, country: str) -> None:
    got = read_small(SIMPLE, f"MCS2024,{printed},Mine production,1,2,,3,")["world_figure"]
    assert got["published_country"].unique().to_list() == [country]


def test_a_footnote_glued_to_another_country_is_an_unknown_country() -> None:
    stage = '"Mine production, contained antimony"'
    row = f"MCS2023,Chinae,{stage},1,2,,3,"
    header = SIMPLE.replace("2023", "2021")
    published = read_small(header, row, name="mcs2023-antim_world.csv", edition="MCS2023")
    with pytest.raises(SourceError, match="country labels that the closed table does not have"):
        tidied(published)


@pytest.mark.parametrize(
    ("cell", "status", "number", "lower", "upper"),
    [
        ('"e5,000"', "numeric", 5000.0, None, None),
        (" e24000 ", "numeric", 24000.0, None, None),
        ("1230 ", "numeric", 1230.0, None, None),
        ("Less than ½ unit.", "below_unit", None, 0.0, 0.5),
        ("Included in World total.", "included_elsewhere", None, None, None),
        ("Included with “Other countries.”", "included_elsewhere", None, None, None),
        ("<100", "bounded", None, 0.0, 100.0),
        ('">9,100,000"', "bounded", None, 9_100_000.0, None),
        ("Very small", "qualitative", None, None, None),
        ("     NA", "not_available", None, None, None),
        ("XX", "not_applicable", None, None, None),
        ("W", "withheld", None, None, None),
        ("0", "zero", 0.0, None, None),
    ],
)
def test_a_cell_of_a_small_file_is_read(
    cell: str, status: str, number: float | None, lower: float | None, upper: float | None
) -> None:  # fmt: skip
    got = read_small(SIMPLE, f"MCS2024,China,Mine production,{cell},7,,,")["world_figure"]
    row = got.filter(reference_year=2022).row(0, named=True)
    assert row["value_status"] == status
    assert (row["value_number"], row["value_lower"], row["value_upper"]) == (number, lower, upper)
    # The column says reported; the prefix says estimated.
    assert row["is_estimated"] is cell.strip(' "').startswith("e")


@pytest.mark.parametrize("cell", ["e", "eW", "ee5", "5e", "e-5", "0.00"])
def test_a_prefix_without_a_number_behind_is_refused(cell: str) -> None:
    with pytest.raises(SourceError, match="no number and no known token"):
        read_small(SIMPLE, f"MCS2024,China,Mine production,{cell},7,,,")


@pytest.mark.parametrize(
    ("column", "note", "earlier"),
    [
        ("Prod_t_2022", "", False),
        ("Prod_t_2022", "estimated in 2022 also", True),
        ("Prod_t_2022", "Also estimated in 2022", True),
        ("Prod_t_2022", "Production in 2022 is also estimated.", True),
        ("Prod_t_2022", "Other countries are thought to be estimated by others", False),
        ("Prod_t_est_2022", "", True),
        ("Prod_t_est_2022", "reported in 2022", False),
        ("Prod_t_est_2022", "Reported.", False),
        ("Prod_t_est_2022", "Data were reported by the producer", True),
    ],
)
def test_a_note_says_of_the_earlier_year_whether_it_is_an_estimate(
    column: str, note: str, earlier: bool
) -> None:
    header = SIMPLE.replace("Prod_t_2022", column)
    got = read_small(header, f"MCS2024,China,Mine production,1,2,{note},3,")["world_figure"]
    by_year = got.filter(statistic="production").select("reference_year", "is_estimated")
    assert by_year.sort("reference_year").rows() == [(2022, earlier), (2023, True)]
    assert not got.filter(statistic="reserves")["is_estimated"].any()


@pytest.mark.parametrize("name", ["mcs2024-barit_world.csv", "mcs2024-vermi_world.csv"])
def test_what_the_publisher_spilled_under_an_unnamed_column_is_known_and_not_read(
    name: str,
) -> None:
    row = "MCS2024,China,Mine production,1900,1800,,92000,,92000"
    got = read_small(SIMPLE + ",", row, name=name)["world_figure"]
    assert sorted(got["value_number"]) == [1800, 1900, 92000]


@pytest.mark.shared
def test_only_the_known_files_hold_something_under_an_unnamed_column(shared_data: Path) -> None:
    # Read without `csv.DictReader`, which keeps one of several columns without a name.
    import csv

    spilled = set()
    for year in ("2023", "2024"):
        for path in (shared_data / "usgs_mcs" / year / "world").iterdir():
            with path.open(encoding="utf-8-sig", newline="") as handle:
                header, *rows = csv.reader(handle)
            if any(
                cell.strip()
                for row in rows
                for name, cell in zip(header, row, strict=True)
                if not name.strip()
            ):
                spilled.add(path.name)
    assert spilled == {"mcs2024-barit_world.csv", "mcs2024-vermi_world.csv"}
    text = (SOURCE.folder / "mappings" / "unnamed_columns.csv").read_text(encoding="utf-8")
    assert {line.split(",")[0] for line in text.splitlines()[1:]} == spilled


def test_what_stands_under_an_unnamed_column_of_another_file_is_refused() -> None:
    with pytest.raises(SourceError) as raised:
        read_small(SIMPLE + ",", "MCS2024,China,Mine production,1900,1800,,92000,,92000")
    assert_error_says(
        raised,
        problem="the columns of the file are not told apart by their names",
        where=NAME,
        expected="nothing under an unnamed one",
        got="first line",
        next_step="mappings/unnamed_columns.csv",
        offenders=["row 2, column 9: '92000'"],
    )


def test_an_unknown_header_is_refused_with_all_its_columns() -> None:
    header = (
        "Source,Nation,Kind,Prod_lb_2022,Prod_t_est_2023,Prod_remarks,Reserves_t,Reserves_notes"
    )
    with pytest.raises(SourceError) as raised:
        read_small(header, "MCS2024,China,Mine production,1,2,,3,")
    assert_error_says(
        raised,
        problem="the header is not one of this layout",
        where=NAME,
        expected="Source, Country, Type, Prod_<unit>",
        got="Source, Nation, Kind",
        next_step="compare with the edition's other files",
        offenders=[
            "unknown column 'Nation'",
            "unknown column 'Kind'",
            "unknown column 'Prod_lb_2022'",
            "unknown column 'Prod_remarks'",
            "missing column 'Country'",
            "missing column 'Type'",
        ],
    )


def test_a_header_without_a_value_column_is_refused() -> None:
    with pytest.raises(SourceError, match="the header is not one of this layout"):
        read_small("Source,Country,Type,Prod_notes", "MCS2024,China,Mine production,x")
