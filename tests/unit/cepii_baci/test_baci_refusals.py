"""Every refusal is one `SourceError` that says what, where, expected, got and what to do next."""

from pathlib import Path

import polars as pl
import pytest
from baci_files import (
    EDITION,
    HEADER,
    MEMBER,
    ROWS,
    SOURCE,
    ZIP,
    lake_of,
    read_small,
    refused,
    small_zip,
    text_of,
    write_zip,
)
from publisher_files import assert_error_says

from sources.cepii_baci import layouts
from sources.cepii_baci.reader import READER
from sources.reading.catalog import SourceFile
from sources.reading.errors import SourceError

GOOD = ROWS[1]


@pytest.mark.parametrize(
    ("row", "offender"),
    [
        ("2024,999,842,850511,1.484,0.029", "'999' in 2024"),
        ("2024,842,250,850511,1.484,0.029", "'250' in 2024"),
        # The customs union of southern Africa ended with 1999, Czechoslovakia with 1992.
        ("2024,711,842,850511,1.484,0.029", "'711' in 2024"),
        ("2024,842,200,850511,1.484,0.029", "'200' in 2024"),
    ],
)
def test_a_code_unknown_or_out_of_its_years_stops(tmp_path: Path, row: str, offender: str) -> None:
    raised = refused(small_zip(tmp_path, GOOD, row))
    assert_error_says(
        raised,
        source="cepii_baci",
        problem="country labels that the closed table does not have",
        where="scheme 'm49'",
        expected="one row of sources/reference/country_aliases.csv for each label and year",
        got="1 rows without one",
        next_step="country_aliases.csv",
        offenders=[offender],
    )


def test_a_line_that_no_list_has_stops(tmp_path: Path) -> None:
    raised = refused(small_zip(tmp_path, GOOD, "2024,156,842,999998,1.484,0.029"))
    assert_error_says(
        raised,
        source="cepii_baci",
        problem="HS6 codes that no list has",
        where="series hs17_2024, column k",
        expected="a line of reference/hs_lines.csv",
        got="1 codes in 1 rows",
        next_step="not_used_lines.csv",
        offenders=["999998 in 2024 (1 rows)"],
    )


def test_a_line_of_the_zips_own_list_of_products_is_counted(tmp_path: Path) -> None:
    products = b'code,description\r\n999998,"Odd, and ends"\r\n'
    content = {
        MEMBER: text_of(GOOD, "2024,156,842,999998,1.484,0.029"),
        "product_codes_HS17_V202601.csv": products,
    }
    lines = read_small(write_zip(tmp_path / ZIP, content))["line_account"]
    [other] = lines.filter(hs6="999998").to_dicts()
    assert other["not_used_reason"] == "not in sources/reference/hs_lines.csv"


@pytest.mark.parametrize(
    ("row", "wrong"),
    [
        ("2024,156,842,850511,1.484,n/a", "row 3: q is 'n/a', neither such a number nor NA"),
        ("2024,156,842,850511,1.484,-0.029", "row 3: q is '-0.029'"),
        ("2024,156,842,850511,1.484,1e3", "row 3: q is '1e3'"),
        ("2024,156,842,850511,1.484,NaN", "row 3: q is 'NaN'"),
        ("2024,156,842,850511,one,0.029", "row 3: v is 'one', no number"),
        ("2024,156,842,850511,-1.484,0.029", "row 3: v is '-1.484', no number"),
        ("2024,156,842,850511,NA,0.029", "row 3: v is 'NA'"),
        ("2024,156,842,850511,1.4845,0.029", "row 3: v is '1.4845', no number of at most three"),
        ('2024,156,842,850511,"1,484",0.029', "row 3: 7 cells instead of 6"),
        ("2024,156,842,850511,,0.029", "row 3: v is ''"),
        ("2024,156,842,850511,1.484,", "row 3: q is ''"),
        ("2024,156,842,850511,1.484", "row 3: 5 cells instead of 6"),
        ("2024,156,842", "row 3: 3 cells instead of 6"),
        ("2023,156,842,850511,1.484,0.029", "row 3: t is '2023', in the file of 2024"),
        ("2024,CHN,842,850511,1.484,0.029", "row 3: i is 'CHN'"),
        ("2024,0,842,850511,1.484,0.029", "row 3: i is '0'"),
        ("2024,156,1000,850511,1.484,0.029", "j is '1000': no codes"),
        ("2024,156,842,10111,1.484,0.029", "row 3: k is '10111', no six digits"),
        ("2024,156,842,85051x,1.484,0.029", "row 3: k is '85051x', no six digits"),
        ("", "row 3: 1 cells instead of 6"),
    ],
)
def test_a_row_of_another_form_stops_and_is_named(tmp_path: Path, row: str, wrong: str) -> None:
    raised = refused(small_zip(tmp_path, GOOD, row, ROWS[0]))
    assert_error_says(
        raised,
        source="cepii_baci",
        problem="rows that are not laid out as BACI's",
        where=MEMBER,
        expected="v thousand US$, q tonnes or NA",
        got="1 rows",
        next_step="fetch the zip again",
        offenders=[wrong],
    )


def test_all_bad_rows_are_named_at_once_and_capped(tmp_path: Path) -> None:
    bad = ["2024,156,842,850511,one,0.029"] * 200
    text = str(refused(small_zip(tmp_path, *bad)).value)
    assert "row 2: v is 'one'" in text
    assert "row 3: v is 'one'" in text
    assert "50+ rows" in text
    assert "… and 38 more" in text


@pytest.mark.parametrize(
    ("header", "got"),
    [
        ("t,i,j,k,v", "'t,i,j,k,v'"),
        ("t,i,j,hs6,v,q", "'t,i,j,hs6,v,q'"),
        ("t,j,i,k,v,q", "'t,j,i,k,v,q'"),
        ("<!DOCTYPE html>", "<!DOCTYPE html>"),
    ],
    ids=["missing", "renamed", "swapped", "page"],
)
def test_another_header_stops(tmp_path: Path, header: str, got: str) -> None:
    raised = refused(small_zip(tmp_path, GOOD, header=header))
    assert_error_says(
        raised,
        source="cepii_baci",
        problem="the header is not BACI's",
        where=MEMBER,
        expected=HEADER,
        got=got,
        next_step="adapt sources/cepii_baci/rows.py",
    )


def test_a_year_without_rows_stops(tmp_path: Path) -> None:
    assert "a header and no rows" in str(refused(small_zip(tmp_path)).value)
    assert "header is not BACI's" in str(refused(write_zip(tmp_path / ZIP, {MEMBER: b""})).value)


def test_a_missing_year_and_one_too_many_stop(tmp_path: Path) -> None:
    name = "BACI_HS17_V202601_top6.zip"
    years = [2017, 2018, 2019, 2021, 2022, 2023, 2030]
    content = {f"BACI_HS17_Y{year}_V202601.csv": text_of(GOOD) for year in years}
    raised = refused(write_zip(tmp_path / name, content), name)
    assert_error_says(
        raised,
        source="cepii_baci",
        problem="the zip's years are not those of its series",
        where=name,
        expected="7 years",
        got="1 missing, 1 unknown",
        next_step="mappings/series.csv",
        offenders=[
            "missing: BACI_HS17_Y2020_V202601.csv",
            "unknown: BACI_HS17_Y2030_V202601.csv",
        ],
    )


def test_a_file_of_no_series_stops(tmp_path: Path) -> None:
    raised = refused(small_zip(tmp_path, GOOD), "BACI_HS22_V202601.zip")
    assert "a file that no series is made of" in str(raised.value)


def test_a_key_twice_stops(tmp_path: Path) -> None:
    again = GOOD.replace("1.484", "2.484")
    text = str(refused(small_zip(tmp_path, GOOD, again, ROWS[0])).value)
    assert "rows break the rules of their schema" in text
    assert "primary_key: 2 rows" in text


def test_a_country_listed_as_lacking_that_is_there_stops(tmp_path: Path) -> None:
    tables = read_small(small_zip(tmp_path, *ROWS))
    gap = pl.DataFrame(
        {
            "edition": ["BACI202601"],
            "series_id": ["hs17_2024"],
            "country_code": pl.Series([180], dtype=pl.Int32),
            "first_year": pl.Series([2020], dtype=pl.Int32),
            "last_year": pl.Series([2024], dtype=pl.Int32),
            "note": ["none"],
        }
    )
    with pytest.raises(SourceError, match="180 in hs17_2024: 1 rows"):
        READER.lake_tables({**tables, "series_gap": gap})


ASEAN = "t,hs6,i,j,trade_usd_thousands,qty_tons,i_iso3,j_iso3,mineral"


def _read_asean(folder: Path, *rows: str, header: str = ASEAN) -> dict[str, pl.DataFrame]:
    path = folder / "baci_hs07_asean_2010_2024.csv"
    path.write_text("\n".join([header, *rows, ""]), encoding="ascii")
    file = SourceFile(
        table="trade_hs07_asean",
        path=f"cepii_baci/{path.name}",
        layout="csv_of_pairs",
        sha256="0" * 64,
    )
    return layouts.read_asean(SOURCE, EDITION, file, path)


def _asean_rows() -> list[str]:
    return [f"{year},750210,360,156,1.5,,IDN,CHN,Refined nickel" for year in range(2010, 2025)]


def test_an_empty_quantity_of_the_asean_file_is_not_available(tmp_path: Path) -> None:
    trade = _read_asean(tmp_path, *_asean_rows())["trade_hs07_asean"]
    assert trade.height == 15
    assert trade["value_usd"].unique().to_list() == [1_500]
    assert trade["quantity_kg"].null_count() == 15


def test_the_asean_file_is_refused_like_the_zips(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="missing: 2024"):
        _read_asean(tmp_path, *_asean_rows()[:-1])
    with pytest.raises(SourceError, match="the header is not the one of this edition"):
        _read_asean(tmp_path, *_asean_rows(), header=ASEAN.replace("qty_tons", "qty"))
    with pytest.raises(SourceError, match="v is 'many', no number"):
        _read_asean(tmp_path, *_asean_rows()[:-1], _asean_rows()[-1].replace("1.5", "many"))
    # The tonnes, of which some are empty, one heading to the left.
    shifted = [f"{tonnes}{_asean_rows()[0].removeprefix('2010')}" for tonnes in ("", "27.5")]
    with pytest.raises(SourceError, match="0 missing, 2 unknown"):
        _read_asean(tmp_path, *_asean_rows(), *shifted)


def test_a_sound_release_is_not_refused(tmp_path: Path) -> None:
    assert lake_of(small_zip(tmp_path, *ROWS))["trade"].height == 3
