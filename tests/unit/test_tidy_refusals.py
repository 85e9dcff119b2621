"""Labels, countries, units and corrections that don't fit the closed tables stop the run, and say why."""

import shutil
from pathlib import Path

import polars as pl
import pytest
from publisher_files import SOURCE, assert_error_says, long_row, read_long, read_small, tidied

from sources.reading import catalog
from sources.reading.errors import SourceError
from sources.reading.lake_schemas import NotUsed
from sources.reading.mappings import mapping
from sources.reading.passport import lake_table
from sources.reading.text import cleaned
from sources.reference.labels import with_country
from sources.usgs_mcs.tidy import tonnes_per_unit


def test_unknown_series_labels_are_refused_all_at_once() -> None:
    with pytest.raises(SourceError) as raised:
        tidied(
            read_long(
                long_row("Chile", "1", commodity="Lithiun"),
                long_row("China", "2", commodity="Lithiun"),
                long_row("Chile", "3", detail="Brine production"),
                long_row("Chile", "4"),
            )
        )
    assert_error_says(
        raised,
        problem="labels that the closed table of series does not have",
        where="commodity and stage of MCS2026",
        expected="a row of mappings/world_series.csv for each",
        got="3 figures without one",
        next_step="add the label to sources/usgs_mcs/mappings/world_series.csv",
        offenders=[
            "MCS2026, production: 'Lithiun', 'Mine production' (2 figures, from row 2)",
            "MCS2026, production: 'Lithium', 'Brine production' (1 figures, from row 4)",
        ],
    )


def test_unknown_labels_are_listed_to_the_last() -> None:
    """A new edition may lack hundreds of rows: who maps them wants them all in one run."""
    stages = [f"Mine production, kind {number:02}" for number in range(40)]
    with pytest.raises(SourceError) as raised:
        tidied(read_long(*(long_row("Chile", "1", detail=stage) for stage in stages)))
    text = str(raised.value)
    assert [stage for stage in stages if repr(stage) not in text] == []
    assert "more" not in text


def test_a_record_without_a_country_that_holds_a_number_is_refused() -> None:
    header = "Source,Country,Type,Prod_t_2022,Prod_t_est_2023,Prod_notes"
    stage = '"Mine production, contained antimony"'
    with pytest.raises(SourceError) as raised:
        read_small(header, f"MCS2024,China,{stage},1,2,", f"MCS2024,,{stage},7,,")
    assert_error_says(
        raised,
        problem="cells that hold something and became no figure",
        where="mcs2024-antim_world.csv, Prod_t_2022",
        expected="a figure, or an account entry with its reason",
        got="1 cells without",
        next_step="the record may lack its country",
        offenders=["row 3, None, Prod_t_2022: '7'"],
    )


def test_a_label_of_one_edition_is_unknown_in_another() -> None:
    with pytest.raises(SourceError) as raised:
        tidied(read_long(long_row("Chile", "1", detail="Mine production, lithium content")))
    assert "labels that the closed table of series does not have" in str(raised.value)


def test_a_commodity_that_we_do_not_use_is_counted_with_its_reason() -> None:
    kilo = {"commodity": "Vermiculite", "unit": "thousand metric tons"}
    lake = tidied(read_long(long_row("Chile", "4"), *[long_row("Mexico", "s", **kilo)] * 2))
    assert lake["production"]["geography_id"].to_list() == ["CHL"]
    assert lake["not_used"].select("label", "not_used_reason", "file_rows").rows() == [
        ("Vermiculite", "not among the minerals of reference/minerals.csv", 2)
    ]


def test_unknown_countries_are_refused_all_at_once() -> None:
    with pytest.raises(SourceError) as raised:
        tidied(
            read_long(
                long_row("Chyle", "1"),
                long_row("Chyle", "2", year="2025"),
                long_row("china", "3"),
                long_row("China", "4"),
                # Known, and names no place: the mark of a missing value.
                long_row("NA", "5"),
            )
        )
    assert_error_says(
        raised,
        problem="country labels that the closed table does not have",
        where="published_country, scheme 'usgs_name'",
        expected="sources/reference/country_aliases.csv",
        got="4 rows without one, 1 of 5 matched",
        next_step="add the spelling to sources/reference/country_aliases.csv",
        offenders=[
            "'Chyle' in 2024 (1 rows)",
            "'Chyle' in 2025 (1 rows)",
            "'china' in 2024 (1 rows)",
            "'NA' in 2024 (1 rows)",
        ],
    )


def _coded(*rows: tuple[str, int]) -> pl.DataFrame:
    schema = {"code": pl.String, "reference_year": pl.Int32}
    return pl.DataFrame(rows, schema=schema, orient="row")


def test_an_alias_holds_in_its_years_and_keeps_the_order_of_rows() -> None:
    got = with_country(
        _coded(("842", 2024), ("280", 1990), ("710", 2000), ("711", 1999), ("490", 2024)),
        SOURCE,
        "m49",
        "code",
    )
    assert got["country_iso3"].to_list() == ["USA", "DEU", "ZAF", "XCU", "TWN"]
    assert got["geography_id"].to_list() == ["USA", "DEU", "ZAF", "XCU", "TWN"]
    assert got.columns[:2] == ["code", "reference_year"]


@pytest.mark.parametrize(("code", "year"), [("280", 1991), ("710", 1999), ("711", 2000)])
def test_an_alias_out_of_its_years_is_refused(code: str, year: int) -> None:
    with pytest.raises(SourceError) as raised:
        with_country(_coded((code, year), ("842", year)), SOURCE, "m49", "code")
    assert_error_says(
        raised,
        problem="country labels that the closed table does not have",
        where="code, scheme 'm49'",
        expected="for each label and year",
        got="1 rows without one, 1 of 2 matched",
        next_step="or correct its years",
        offenders=[f"'{code}' in {year} (1 rows)"],
    )


def test_world_rest_and_groups_are_no_countries() -> None:
    rows = [("World total", 2024), ("Other countries", 2024), ("United States and Canada", 2024)]
    got = with_country(_coded(*rows), SOURCE, "usgs_name", "code")
    assert got.select("geography_kind", "geography_id", "country_iso3").rows() == [
        ("world", "WORLD", None),
        ("rest", "REST", None),
        ("group", "United States and Canada", None),
    ]


@pytest.mark.parametrize(
    ("unit", "named"),
    [("kilograms", "'kilograms'"), ("short tons", "'short tons'"), ("", "None")],
    ids=["changed", "unknown", "blank"],
)
def test_a_unit_that_is_not_the_expected_one_is_refused(unit: str, named: str) -> None:
    with pytest.raises(SourceError) as raised:
        tidied(read_long(long_row("Chile", "48,900", unit=unit), long_row("China", "41,400")))
    assert_error_says(
        raised,
        problem="units that are not the ones these series are published in",
        where="unit of MCS2026",
        expected="the unit of mappings/world_series.csv, with a factor to tonnes in mappings/units.csv",
        got="1 figures in another",
        next_step="corrections.yml",
        offenders=[f":2, Lithium: expected 'metric tons', got {named}"],
    )


def test_a_series_mapped_without_a_unit_or_to_one_without_a_factor_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    published = read_long(long_row("Chile", "48,900", unit=""), long_row("China", "1", unit="kt?"))
    shutil.copytree(SOURCE.folder / "mappings", tmp_path / "usgs_mcs" / "mappings")
    path = tmp_path / "usgs_mcs" / "mappings" / "world_series.csv"
    text = path.read_text(encoding="utf-8")
    mapped = "MCS2026,production,Lithium,Mine production,,metric tons,"
    assert mapped in text
    monkeypatch.setattr(catalog, "SOURCES_ROOT", tmp_path)
    for unit in ("", "million carats"):
        path.write_text(text.replace(mapped, mapped.replace("metric tons", unit)), encoding="utf-8")
        same = pl.col("published_unit").fill_null("") != "kt?"
        figures = (
            published["world_figure"]
            .filter(same)
            .with_columns(published_unit=pl.lit(unit or None, pl.String))
        )
        with pytest.raises(SourceError) as raised:
            tidied({**published, "world_figure": figures})
        assert_error_says(
            raised,
            problem="units that are not the ones these series are published in",
            where="unit of MCS2026",
            expected="with a factor to tonnes in mappings/units.csv",
            got="1 figures in another",
            next_step="change the mapping",
            offenders=[f":2, Lithium: expected {unit or None!r}, got {unit or None!r}"],
        )


@pytest.mark.parametrize(
    ("commodity", "detail", "unit", "tonnes"),
    [
        ("Lithium", "Mine production", "metric tons", 7.0),
        ("Copper", "Mine production", "thousand metric tons", 7_000.0),
        ("Bauxite", "Bauxite, mine production", "thousand metric dry tons", 7_000.0),
        ("Gallium", "Primary production", "kilograms", 0.007),
    ],
)
def test_units_become_tonnes(commodity: str, detail: str, unit: str, tonnes: float) -> None:
    rows = (
        long_row("China", value, commodity=commodity, detail=detail, unit=unit)
        for value in ("7", "<7")
    )
    [exact], [bounded] = (
        tidied(read_long(row))["production"].select("^quantity_tonnes.*$").rows() for row in rows
    )
    assert exact == (pytest.approx(tonnes, rel=1e-12), None, None)
    assert bounded == (None, 0.0, pytest.approx(tonnes, rel=1e-12))


def test_parts_in_tonnes_add_up_to_their_total() -> None:
    # 14 and 61 of 169.2 t: as bare floats 2368.7999999999997 and 10321.199999999999, 1e-12 off their sum's 75.
    labels = {
        "commodity": "Helium",
        "detail": "Helium Production",
        "unit": "million cubic meters",
    }
    figures = read_long(long_row("Algeria", "14", **labels), long_row("Qatar", "61", **labels))
    assert tidied(figures)["production"]["quantity_tonnes"].to_list() == [2368.8, 10321.2]


def test_the_unit_table_is_exact_and_carats_and_liters_are_no_mass() -> None:
    masses = tonnes_per_unit(SOURCE)
    assert masses == {
        "metric tons": 1,
        "tons": 1,
        "thousand metric tons": 1e3,
        "thousand metric dry tons": 1e3,
        "million metric tons": 1e6,
        "kilograms": 1e-3,
        # Tokens of column names, editions 2023 and 2024.
        "t": 1,
        "kt": 1e3,
        "Mt": 1e6,
        "kg": 1e-3,
        # Helium's, of which tests/unit/test_gas_volumes.py.
        "million cubic meters": 169.2,
        "mcm": 169.2,
    }
    assert {"million carats", "million liters"} <= set(mapping(SOURCE, "units")["unit"]) - set(
        masses
    )


def test_cleaning_changes_spaces_and_apostrophes_only() -> None:
    frame = pl.DataFrame({"text": [" a\u00a0\t b\n", "d\u2019Or", "É–½—", None, " \u00a0 "]})
    assert frame.select(cleaned("text"))["text"].to_list() == ["a b", "d'Or", "É–½—", None, ""]


def test_a_column_that_the_lake_has_and_the_rows_lack_is_named() -> None:
    rows = pl.DataFrame({"edition": ["MCS2026"], "source_file": ["a.csv"], "label": ["x"]})
    with pytest.raises(SourceError) as raised:
        lake_table(rows, SOURCE, NotUsed)
    assert_error_says(
        raised,
        problem="columns that the lake table has and the tidied rows lack",
        where="sources/usgs_mcs/tidy.py, NotUsed",
        expected="sources.reading.lake_schemas says what they hold",
        got="2 missing",
        next_step="add them in tidy.py",
        offenders=["not_used_reason", "file_rows"],
    )
