"""The real file against an independent reading of it, with `csv` only; and what is refused."""

import csv
from pathlib import Path

import polars as pl
import pytest

from sources.reading.catalog import load_source
from sources.reading.errors import SourceError
from sources.world_bank_wgi.reader import READER
from sources.world_bank_wgi.tidy import tidy

SOURCE = load_source("world_bank_wgi")
EDITION = SOURCE.editions[0]
HEADER = (
    "Country/Territory,Code,1996,1998,2000,2002,2003,2004,2005,2006,2007,2008,2009,2010,2011,2012,"
    "2013,2014,2015,2016,2017,2018,2019,2020,2021,2022,2023,2024,country_code"
)
Tables = dict[str, pl.DataFrame]

# Row (header = 1), country, year, and the cell as read by eye in the file.
GOLDEN = [
    (4, "AFG", 1996, "-2.417309522628784"),
    (3, "AND", 2024, "1.5437957"),
    (5, "AGO", 2010, "-0.22618234157562256"),
    (83, "GUY", 1996, "-0.26641353964805603"),
    (83, "GUY", 2022, "0.02706216275691986"),
    (201, "USA", 1996, "0.935005784034729"),
    (213, "COD", 2023, "-1.9812287"),
]


@pytest.fixture(scope="module")
def records(shared_data: Path) -> list[list[str]]:
    path = shared_data / "world_bank_wgi" / "wgi_political_stability_estimate_1996_2024.csv"
    with path.open(encoding="utf-8", newline="") as handle:
        return list(csv.reader(handle))


@pytest.mark.shared
@pytest.mark.parametrize(("row", "iso3", "year", "cell"), GOLDEN)
def test_a_printed_estimate_arrives(
    records: list[list[str]], lake_tables: Tables, *, row: int, iso3: str, year: int, cell: str
) -> None:
    column = records[0].index(str(year))
    assert records[row - 1][column] == cell
    [got] = lake_tables["governance"].filter(country_iso3=iso3, reference_year=year).to_dicts()
    assert (got["file_row"], got["file_column"]) == (row, column + 1)
    assert got["estimate"] == float(cell)
    assert (got["value_status"], got["published_value"]) == ("numeric", cell)


@pytest.mark.shared
def test_every_number_of_the_file_is_somewhere(records: list[list[str]], published: Tables) -> None:
    cells = sum(len(record[2:-1]) for record in records[1:])
    assert published["governance_cell"].height == cells == 217 * 26
    missing = sum(cell in {"nan", "None"} for record in records[1:] for cell in record[2:-1])
    assert missing == 225
    tokens = published["governance_cell"].filter(pl.col("published_value").is_in(["nan", "None"]))
    assert tokens.height == missing


@pytest.mark.shared
def test_the_range_is_wider_than_the_publisher_says(lake_tables: Tables) -> None:
    estimates = lake_tables["governance"]
    assert estimates["estimate"].min() == -3.31295108795166
    beyond = estimates.filter(pl.col("estimate").abs() > 2.5)
    assert (beyond.height, beyond["country_iso3"].n_unique()) == (72, 13)


def test_nan_is_null_and_never_zero(embedded: Tables) -> None:
    lake = READER.lake_tables(embedded)["governance"]
    [aruba] = lake.filter(country_iso3="ABW", reference_year=1996).to_dicts()
    assert (aruba["estimate"], aruba["value_status"]) == (None, "not_available")
    assert lake.filter(pl.col("estimate") == 0).is_empty()


def test_one_guyana_and_none_of_the_mislabelled(embedded: Tables) -> None:
    lake = READER.lake_tables(embedded)
    guyana = lake["governance"].filter(country_iso3="GUY")
    assert (guyana.height, set(guyana["file_row"])) == (26, {83})
    countries = set(lake["governance"]["country_iso3"])
    assert not countries & {"GUF", "XKX", "VIR"}
    assert len(countries) == 214
    reasons = dict(lake["not_used"].select("label", "file_rows").iter_rows())
    assert reasons == {
        "Europe EFTA, nes": 26,
        "Guyana": 26,
        "Netherlands Antilles (...2010)": 14,
        "US Misc. Pacific Isds": 26,
    }


def test_the_antilles_end_in_2010(embedded: Tables) -> None:
    antilles = READER.lake_tables(embedded)["governance"].filter(country_iso3="ANT")
    assert antilles["reference_year"].max() == 2010
    assert antilles.drop_nulls("estimate")["reference_year"].min() == 2004


def test_two_editions_are_kept_apart(embedded: Tables) -> None:
    lake = READER.lake_tables(embedded)["governance"].drop_nulls("estimate")
    parts = lake.group_by("series_part").agg(
        first=pl.col("reference_year").min(), last=pl.col("reference_year").max()
    )
    assert set(parts.iter_rows()) == {("1996-2022", 1996, 2022), ("2023-2024", 2023, 2024)}
    means = dict(
        lake.filter(pl.col("reference_year") >= 2022)
        .group_by("reference_year")
        .agg(pl.col("estimate").mean())
        .iter_rows()
    )
    assert means[2023] - means[2022] > 0.03


# --- refusals


def _changed(tables: Tables, row: int, **cells: str) -> Tables:
    here = pl.col("file_row") == row
    changed = tables["governance_cell"].with_columns(
        pl.when(here).then(pl.lit(value)).otherwise(name).alias(name)
        for name, value in cells.items()
    )
    return {**tables, "governance_cell": changed}


def _told(tables: Tables) -> SourceError:
    with pytest.raises(SourceError) as raised:
        READER.lake_tables(tables)
    return raised.value


def test_an_unknown_code_is_refused(embedded: Tables) -> None:
    error = _told(_changed(embedded, 201, published_code="US2"))
    assert error.problem == "country codes that the closed table does not have"
    assert error.offenders == ["'US2': USA, row 201"]


def test_another_country_twice_is_refused(embedded: Tables) -> None:
    error = _told(_changed(embedded, 201, published_code="CAN"))
    assert error.problem == "two rows of one country"
    assert error.offenders == ["CAN: rows 37, 201"]


def test_a_mended_guyana_stops_the_list(embedded: Tables) -> None:
    error = _told(_changed(embedded, 81, published_code="GUF"))
    assert error.problem == "records listed as not used are no longer there"
    assert error.offenders == [
        "wgi_political_stability_estimate_1996_2024.csv, row 81: Guyana, GUY"
    ]


@pytest.mark.parametrize("cell", ["..", "1,2", "5", "-", "1e3"])
def test_an_unreadable_estimate_is_refused(embedded: Tables, cell: str) -> None:
    error = _told(_changed(embedded, 201, published_value=cell))
    assert error.problem == "values that are no number and no known token"
    assert len(error.offenders) == 26
    assert error.offenders[0] == f"row 201, USA, 1996: {cell!r}"


def _read(text: str) -> Tables:
    return READER.read_file(SOURCE, EDITION, EDITION.files[0], text.encode())


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (HEADER.replace("1998", "1997") + "\n", "the header is not the one of this edition"),
        (HEADER + "\n", "the file holds a header and no rows"),
        (HEADER + "\nPeru,PER,1.0\n", "the file is no regular CSV"),
        (HEADER + "\nPeru,PER," + "," * 26 + "604\n", "empty cells"),
        ("<html></html>\n", "the header is not the one of this edition"),
    ],
)
def test_another_file_is_refused(text: str, problem: str) -> None:
    with pytest.raises(SourceError) as raised:
        _read(text)
    assert raised.value.problem == problem


def test_an_unknown_layout_is_refused() -> None:
    file = EDITION.files[0].model_copy(update={"layout": "long_2026"})
    with pytest.raises(SourceError) as raised:
        READER.read_file(SOURCE, EDITION, file, b"")
    assert raised.value.got == "long_2026"


# --- the next edition, which goes on by a year

NEXT = EDITION.model_copy(
    update={"edition": "WGI2026", "released_on": EDITION.released_on.replace(year=2026)}
)
NEXT_HEADER = HEADER.replace("2024", "2024,2025")


NOT_USED = {81, 119, 209}


def _with_2025(records: list[list[str]], header: str = NEXT_HEADER) -> bytes:
    """The real file with a column more before the last: each country's estimate of 2024, a little moved.

    Without the rows that a person judged in the edition of 2025 (`mappings/not_used_records.csv`, by edition).
    """
    rows = [
        [
            *row[:-1],
            row[-2] if row[-2] in {"nan", "None"} else f"{float(row[-2]) + 0.01:.7f}",
            row[-1],
        ]
        for number, row in enumerate(records[1:], 2)
        if number not in NOT_USED
    ]
    return "\n".join([header, *(_line(row) for row in rows)]).encode() + b"\n"


def _line(cells: list[str]) -> str:
    return ",".join(f'"{cell}"' if "," in cell else cell for cell in cells)


def _next(content: bytes) -> Tables:
    return READER.read_file(SOURCE, NEXT, EDITION.files[0], content)


@pytest.mark.shared
def test_the_next_year_is_read_without_code(records: list[list[str]]) -> None:
    source = SOURCE.model_copy(update={"editions": [NEXT]})
    lake = tidy(_next(_with_2025(records)), source)["governance"].drop_nulls("estimate")
    assert lake["reference_year"].max() == 2025
    [usa] = lake.filter(country_iso3="USA", reference_year=2025).to_dicts()
    column = records[0].index("2024")
    printed = next(float(row[column]) for row in records if row[1] == "USA")
    assert (usa["file_column"], usa["estimate"]) == (column + 2, round(printed + 0.01, 7))
    # No break where there is none: the new year belongs to the later estimation.
    parts = dict(lake.select("reference_year", "series_part").unique().iter_rows())
    assert {parts[2022], parts[2023], parts[2025]} == {"1996-2022", "2023-2025"}


@pytest.mark.parametrize(
    "header",
    [
        # A year more than an edition of 2026 can hold, a year left out, one twice, two swapped, all moved by one.
        HEADER.replace("2024", "2024,2025,2026"),
        HEADER.replace("2024", "2024,2026"),
        HEADER.replace("2024", "2024,2024"),
        HEADER.replace("2023,2024", "2024,2023,2025"),
        HEADER.replace("1996,", "").replace("2024", "2024,2025,2026"),
        HEADER.replace("2024", "2024,note"),
    ],
)
def test_years_that_do_not_go_on_are_refused(header: str) -> None:
    with pytest.raises(SourceError) as raised:
        _next(f"{header}\n".encode())
    assert raised.value.problem == "the header is not the one of this edition"


def test_the_edition_held_has_no_year_more() -> None:
    with pytest.raises(SourceError) as raised:
        _read(NEXT_HEADER + "\n")
    assert raised.value.offenders == ["unknown column '2025'"]


def test_columns_of_two_vintages_swapped_are_refused(embedded: Tables) -> None:
    """Under their own headers the figures of 2022 and 2023 have changed places."""
    year = pl.col("reference_year")
    swapped = embedded["governance_cell"].with_columns(
        pl.when(year == 2022)
        .then(2023)
        .when(year == 2023)
        .then(2022)
        .otherwise(year)
        .alias("reference_year")
        .cast(pl.Int32)
    )
    error = _told({**embedded, "governance_cell": swapped})
    assert error.problem == "columns of two vintages alternate"
    assert error.offenders[0].startswith("2023, column 26: ")
