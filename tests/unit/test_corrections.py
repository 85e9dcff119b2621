"""The ledger of corrections: applied beside the publisher's words, refused once it no longer fits."""

from pathlib import Path

import polars as pl
import pytest
from publisher_files import (
    SOURCE,
    assert_error_says,
    long_row,
    read_long,
    read_wide,
    tidied,
    wide_row,
)

from sources.reading import catalog
from sources.reading.corrections import corrections, with_corrections
from sources.reading.errors import SourceError
from sources.usgs_mcs.reader import READER

LEDGER = """
- id: one
  edition: MCS2026
  published_commodity: Lithium
  published_country: Chile
  field: published_unit
  expected: [metric tons]
  value: thousand metric tons
  reason: r
  evidence: e
  reported_to_publisher: false
"""


def _titanium(unit: str, country: str = "China") -> list[str]:
    stage = "Mine production, rutile, titanium dioxide (TiO2) content"
    commodity = "Titanium Mineral Concentrates"
    return wide_row(country, "5", "6", commodity=commodity, stage=stage, unit=unit)


def test_a_correction_stands_beside_the_publishers_words() -> None:
    published = read_wide(
        _titanium("metric tons"), _titanium("", "Kenya"), wide_row("Chile", "3", "4")
    )
    got = tidied(published)["production"].filter(reference_year=2024)
    assert got.select(
        "geography_id", "published_unit", "published_value", "quantity_tonnes", "derivation"
    ).sort("geography_id").rows() == [
        ("CHL", "metric tons", "4", 4.0, "as_published"),
        ("CHN", "metric tons", "6", 6_000.0, "corrected"),
        ("KEN", None, "6", 6_000.0, "corrected"),
    ]


@pytest.mark.parametrize(
    "units",
    [["thousand metric tons"], ["metric tons", "thousand metric tons"]],
    ids=["all mended", "some mended"],
)
def test_a_correction_that_the_publisher_has_made_himself_is_refused(units: list[str]) -> None:
    with pytest.raises(SourceError) as raised:
        READER.lake_tables(read_wide(*(_titanium(unit) for unit in units)))
    assert_error_says(
        raised,
        problem="correction MCS2025-titanium-unit no longer fits",
        where="sources/usgs_mcs/corrections.yml",
        expected="published_unit in ['metric tons', None]",
        got="thousand metric tons",
        next_step="remove or adapt the entry",
    )


def test_a_correction_that_selects_no_row_is_refused() -> None:
    with pytest.raises(SourceError) as raised:
        READER.lake_tables(read_wide(wide_row("Chile", "41400", "49000")))
    assert_error_says(
        raised,
        problem="correction MCS2025-titanium-unit no longer fits",
        where="sources/usgs_mcs/corrections.yml",
        expected="published_unit in",
        got="no row that it selects",
        next_step="look at the file",
    )


@pytest.fixture
def figures() -> pl.DataFrame:
    return read_long(long_row("Chile", "1"), long_row("China", "2"))["world_figure"]


@pytest.fixture
def ledger(figures: pl.DataFrame, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A ledger in a folder that the source now points to, once its figures are read."""
    monkeypatch.setattr(catalog, "SOURCES_ROOT", tmp_path)
    (tmp_path / "usgs_mcs").mkdir()
    path = tmp_path / "usgs_mcs" / "corrections.yml"
    path.write_text(LEDGER, encoding="utf-8")
    return path


def test_every_selecting_key_of_an_entry_must_hold(ledger: Path, figures: pl.DataFrame) -> None:
    got = with_corrections(figures, SOURCE, "published_unit")
    assert got.select(
        "published_country", "published_unit", "corrected_published_unit", "is_corrected"
    ).rows() == [
        ("Chile", "metric tons", "thousand metric tons", True),
        ("China", "metric tons", "metric tons", False),
    ]


@pytest.mark.parametrize(
    ("mine", "yours"),
    [("field: published_unit", "field: published_stage"), ("edition: MCS2026", "edition: MCS2099")],
)
def test_an_entry_for_another_field_or_edition_does_nothing(
    ledger: Path, figures: pl.DataFrame, mine: str, yours: str
) -> None:
    ledger.write_text(LEDGER.replace(mine, yours), encoding="utf-8")
    got = with_corrections(figures, SOURCE, "published_unit")
    assert got["corrected_published_unit"].to_list() == ["metric tons", "metric tons"]
    assert not got["is_corrected"].any()


def test_an_empty_ledger_corrects_nothing(ledger: Path, figures: pl.DataFrame) -> None:
    for text in ("", "# nothing is wrong now\n", "[]\n"):
        ledger.write_text(text, encoding="utf-8")
        assert corrections(SOURCE) == ()
        assert not with_corrections(figures, SOURCE, "published_unit")["is_corrected"].any()


def test_corrections_that_share_an_id_are_refused(ledger: Path, figures: pl.DataFrame) -> None:
    ledger.write_text(LEDGER * 2 + LEDGER.replace("id: one", "id: two"), encoding="utf-8")
    with pytest.raises(SourceError) as raised:
        with_corrections(figures, SOURCE, "published_unit")
    assert_error_says(
        raised,
        problem="corrections share an id",
        where="sources/usgs_mcs/corrections.yml",
        expected="an id of its own",
        got="1 ids given more than once",
        next_step="rename all but one",
        offenders=["one: 2 entries"],
    )


def test_a_figure_is_corrected_as_a_unit_is_and_both_marks_stay(
    ledger: Path, figures: pl.DataFrame
) -> None:
    number = LEDGER.replace("id: one", "id: two").replace("published_unit", "value_number")
    number = number.replace("[metric tons]", "[2.0]").replace("thousand metric tons", "20.0")
    ledger.write_text(LEDGER + number.replace("Chile", "China"), encoding="utf-8")
    got = with_corrections(figures, SOURCE, "published_unit")
    got = with_corrections(got, SOURCE, "value_number")
    assert got.select(
        "published_country", "corrected_published_unit", "value_number", "corrected_value_number"
    ).rows() == [
        ("Chile", "thousand metric tons", 1.0, 1.0),
        ("China", "metric tons", 2.0, 20.0),
    ]
    assert got["is_corrected"].to_list() == [True, True]


def test_an_entry_does_not_touch_a_row_whose_key_is_missing(
    ledger: Path, figures: pl.DataFrame
) -> None:
    nameless = figures.with_columns(published_country=pl.lit(None, pl.String))
    got = with_corrections(pl.concat([figures, nameless]), SOURCE, "published_unit")
    assert got["is_corrected"].to_list() == [True, False, False, False]


def test_a_source_without_a_ledger_corrects_nothing(ledger: Path, figures: pl.DataFrame) -> None:
    ledger.unlink()
    got = with_corrections(figures, SOURCE, "published_unit")
    assert got["corrected_published_unit"].to_list() == ["metric tons", "metric tons"]
    assert not got["is_corrected"].any()
