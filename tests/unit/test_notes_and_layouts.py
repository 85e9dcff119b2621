"""Small hand-made files in the exact layout of each edition: labels, notes, estimates, sentences."""

import pytest
from publisher_files import (
    EDITION_2026,
    FILE_2025,
    FILE_2026,
    SOURCE,
    assert_error_says,
    long_row,
    read_long,
    read_wide,
    tidied,
    wide_row,
)

from sources.reading.errors import SourceError
from sources.usgs_mcs.reader import READER


@pytest.mark.parametrize(
    ("note", "status", "excluded"),
    [
        ("W for 23-24", "withheld", None),
        ("W", "withheld", None),
        ("NA", "not_available", None),
        ("na for 2023", "not_available", None),
        ("xx", "not_applicable", None),
        ("Less than 1/2 unit", "below_unit", None),
        ("Less than ½unit.", "below_unit", None),
        ("Included with “Other countries.”", "included_elsewhere", None),
        (
            "United States rutile production and reserves data are included with ilmenite.",
            "included_elsewhere",
            None,
        ),
        ("", "not_available", None),
        ("Large", "qualitative", None),
        ("Moderate to Large", "qualitative", None),
        # Words that only resemble a rule.
        ("Wollastonite only", "not_available", None),
        ("Namibia only", "not_available", None),
    ],
)
def test_a_note_gives_an_empty_cell_its_status(
    note: str, status: str, excluded: str | None
) -> None:
    figures = read_wide(wide_row("United States", "", "", note))["world_figure"]
    assert figures["value_status"].to_list() == [status, status]
    assert figures["value_number"].to_list() == [None, None]
    assert figures["excluded_producers"].to_list() == [excluded, excluded]


@pytest.mark.parametrize(
    ("note", "excluded"),
    [
        ("Excludes U.S. production.", "USA"),
        ("Estimated. -- Excludes U.S. production.", "USA"),
        ("excludes U.S. production", "USA"),
        ("Does not include production in the United States.", "USA"),
        # A part of the US output only: the US row itself stands in the total.
        ("Does not include U.S. production of attapulgite.", None),
        ("Production quota; does not include undocumented production.", None),
        ("Secondary rhenium production not included.", None),
        ("Reported.", None),
        ("", None),
    ],
)
def test_a_world_total_says_which_producers_it_leaves_out(note: str, excluded: str | None) -> None:
    row = long_row("World total", "222,000", note, detail="Mine production: rounded")
    figures = read_long(row)["world_figure"]
    assert figures["excluded_producers"].to_list() == [excluded]
    assert figures["value_number"].to_list() == [222_000.0]


def test_exclusions_that_no_rule_covers_stop_the_run_all_at_once() -> None:
    with pytest.raises(SourceError) as raised:
        read_long(
            long_row("World total", "1", "Excludes Chinese production."),
            long_row("World total", "2", "Excludes U.S. production."),
            long_row("World total", "3", "Peru is not included", year="2025"),
            long_row("World total", "4", "Excluding Russia and Belarus", year="2025"),
        )
    assert_error_says(
        raised,
        problem="an exclusion that no rule covers",
        where="MCS2026_Commodities_Data.csv, notes",
        expected="mappings/note_rules.csv",
        got="2 notes without one",
        next_step="add a rule",
        offenders=["Excludes Chinese production.", "Excluding Russia and Belarus"],
    )


@pytest.mark.parametrize(
    ("stage", "note", "of_2023", "of_2024"),
    [
        ("Mine production, lithium content", "", False, True),
        ("Mine production, lithium content", "estimated 2023", True, True),
        ("Mine production, lithium content", "Estimated for 2023", True, True),
        ("Mine production, barite, estimated", "", True, True),
        ("Mine production, barite, estimated", "reported", False, False),
        ("Mine production, barite, estimated", "Reported.", False, False),
        ("Mine production, barite, estimated", "reproted", False, False),
        ("Mine production", "Processed ore sold and used by producers, reported", False, False),
        # "reported" inside a sentence says nothing about this figure.
        ("Mine production", "Export sales reported by the only producer", False, True),
        ("Mine production, estimated output", "", False, True),
    ],
)
def test_what_is_an_estimate_in_2025(stage: str, note: str, of_2023: bool, of_2024: bool) -> None:
    figures = read_wide(wide_row("Chile", "10", "20", note, stage=stage))["world_figure"]
    assert figures.select("reference_year", "value_number", "is_estimated").rows() == [
        (2023, 10.0, of_2023),
        (2024, 20.0, of_2024),
    ]


@pytest.mark.parametrize(
    ("value", "note", "estimated"),
    [
        ("10", "Estimated.", True),
        ("10", "Estimated . -- Excludes U.S. production.", True),
        ("10", "Refined tellurium only. -- Estimated.", True),
        ("—", "Estimated.", True),
        ("<1", "Estimated.", True),
        ("10", "Reported.", False),
        ("10", "", False),
        ("10", "China is estimated to produce natural trona", False),
        # Where there is no figure, "estimated" says nothing about it.
        ("W", "Estimated.", False),
        ("NA", "Estimated.", False),
    ],
)
def test_what_is_an_estimate_in_2026(value: str, note: str, estimated: bool) -> None:
    figures = read_long(long_row("Chile", value, note))["world_figure"]
    assert figures["is_estimated"].to_list() == [estimated]


def test_an_empty_year_of_2025_is_never_called_an_estimate() -> None:
    figures = read_wide(wide_row("Mali", "", "770"))["world_figure"]
    assert figures.select("value_status", "value_number", "is_estimated").rows() == [
        ("not_available", None, False),
        ("numeric", 770.0, True),
    ]


@pytest.mark.parametrize(
    ("printed", "folded"),
    [
        ("World total (rounded) 10", "World total (rounded)"),
        ("China6", "China"),
        ("New Caledonia11", "New Caledonia"),
        ("United\u00a0States", "United States"),
        ("Canada ", "Canada"),
        ("Russia  (Siberia)", "Russia (Siberia)"),
        ("Côte d\u2019Ivoire", "Côte d'Ivoire"),
        # A digit within the words is not a footnote.
        ("Zone 51 North", "Zone 51 North"),
    ],
)
def test_labels_lose_white_space_and_footnotes_and_nothing_else(printed: str, folded: str) -> None:
    for published in (read_wide(wide_row(printed, "1", "2")), read_long(long_row(printed, "1"))):
        assert published["world_figure"]["published_country"].unique().to_list() == [folded]


def test_blank_cells_of_either_layout_are_null() -> None:
    assert read_wide(wide_row("Chile", " ", "\u00a0"))["world_figure"][
        "published_value"
    ].to_list() == [
        None,
        None,
    ]
    assert read_long(long_row("Chile", "  "))["world_figure"]["published_value"].to_list() == [None]


def test_the_rounded_suffix_and_the_case_of_a_stage_do_not_part_a_total_from_its_countries() -> (
    None
):
    kiloton = {"commodity": "Titanium Mineral Concentrates", "unit": "thousand metric tons"}
    palladium = {"commodity": "Palladium", "unit": "kilograms"}
    lake = tidied(
        read_long(
            long_row("China", "3,040", detail="Mine production: Ilmenite", **kiloton),
            long_row(
                "World total", "9,210", detail="Mine production: ilmenite, rounded", **kiloton
            ),
            long_row("Canada", "15,000", detail="Mine production: Palladium", **palladium),
            long_row(
                "World total", "217,000", detail="Mine production: Palladium: Rounded", **palladium
            ),
        )
    )["production"]
    got = lake.select("mineral_id", "form", "geography_id", "quantity_tonnes").sort(
        "mineral_id", "geography_id"
    )
    assert got.rows() == [
        ("palladium", "ore_or_concentrate", "CAN", 15.0),
        ("palladium", "ore_or_concentrate", "WORLD", 217.0),
        ("titanium", "ilmenite", "CHN", 3_040_000.0),
        ("titanium", "ilmenite", "WORLD", 9_210_000.0),
    ]
    # The publisher's own words stay.
    assert "Mine production: ilmenite, rounded" in lake["published_stage"].to_list()


def test_a_country_s_own_series_wins_over_the_general_one() -> None:
    wide = {
        "commodity": "Titanium Mineral Concentrates",
        "stage": "Mine production, ilmentite, titanium dioxide (TiO2) content",
    }
    lake = tidied(
        read_wide(
            wide_row("China", "3300", "3300", **wide),
            wide_row("World total (ilmenite and rutile, rounded)", "9300", "9400", **wide),
        )
    )["production"].filter(reference_year=2024)
    assert lake.select("geography_id", "form", "quantity_tonnes", "derivation").rows() == [
        ("CHN", "ilmenite", 3_300_000.0, "corrected"),
        ("WORLD", "ilmenite_and_rutile", 9_400_000.0, "corrected"),
    ]


def test_every_record_of_2026_is_a_figure_or_stands_in_the_account() -> None:
    published = read_long(
        long_row("Chile", "48,900"),
        long_row("Chile", "9,300,000", statistics="Reserves", detail="Reserves", year="2025"),
        long_row("China", "22", statistics="Capacity", detail="Smelter capacity"),
        # A sentence of the chapter's text for a label holds a figure all the same: lower case, or long.
        long_row("World total", "80", detail="global production"),
        long_row("United States", "5", section="Salient Statistics—United States"),
        long_row("Chile", "50", section="Import Sources", year="2021–24"),
        long_row("Chile", "56,000", section="World Refinery Production and Capacity:", year="2025"),
        long_row("World total", "80", detail="Chile, China, and Peru " + "accounted for most " * 4),
    )
    figures = published["world_figure"]
    assert figures.select("file_row", "statistic", "reference_year", "value_number").rows() == [
        (2, "production", 2024, 48_900.0),
        (3, "reserves", 2025, 9_300_000.0),
        (4, "capacity", 2024, 22.0),
        (5, "production", 2024, 80.0),
        (8, "production", 2025, 56_000.0),
        (9, "production", 2024, 80.0),
    ]
    assert figures["source_row_id"].to_list() == [
        f"MCS2026:{FILE_2026}:{n}" for n in (2, 3, 4, 5, 8, 9)
    ]
    assert published["row_account"].select("not_used_reason", "file_rows").rows() == [
        ("US tables: read by source usgs_mcs_us", 2),
    ]
    assert published["file_rows"].rows() == [("MCS2026", FILE_2026, 8)]


@pytest.mark.parametrize("label", ["Reserve base", "reserves", "Employment", ""])
def test_a_world_table_of_an_unknown_kind_is_refused(label: str) -> None:
    # It was once counted and left out: a new label took all reserves with it, without a word.
    with pytest.raises(SourceError, match=rf"unknown kind[\s\S]*Reserves[\s\S]*{label or None}"):
        read_long(long_row("Chile", "48,900"), long_row("Chile", "7", statistics=label))


def test_every_record_of_2025_is_figures_or_stands_in_the_account() -> None:
    published = read_wide(
        wide_row("Chile", "41400", "49000"),
        # The publisher puts this capacity into the columns of production.
        wide_row("China", "60000", "", stage="Clinker capacity, estimated"),
        wide_row("China", "", "", stage="Plant capacity, silicon carbide"),
        wide_row("China", "", "", stage="Pigment Capacity"),
        wide_row("China", "", "", stage="Reserves, recoverable ore"),
    )
    assert published["world_figure"].select(
        "file_row", "source_row_id", "statistic", "value_number"
    ).rows() == [
        (2, f"MCS2025:{FILE_2025}:2:PROD_2023", "production", 41_400.0),
        (2, f"MCS2025:{FILE_2025}:2:PROD_EST_ 2024", "production", 49_000.0),
        (3, f"MCS2025:{FILE_2025}:3:PROD_2023", "capacity", 60_000.0),
    ]
    assert published["row_account"].select("not_used_reason", "file_rows").rows() == [
        ("record without a figure of any kind", 3)
    ]
    assert published["file_rows"].rows() == [("MCS2025", FILE_2025, 5)]


def test_capacity_and_reserves_stand_in_their_own_columns_of_2025() -> None:
    row = wide_row("China", "5", "6", commodity="Gallium ", unit="kilograms")
    row[8:13] = ["700", "800", "estimated", "900", "Large"]
    figures = read_wide(row)["world_figure"]
    assert figures.select(
        "statistic", "reference_year", "value_number", "is_estimated", "source_row_id"
    ).rows() == [
        ("capacity", 2023, 700.0, True, f"MCS2025:{FILE_2025}:2:CAP_2023"),
        ("capacity", 2024, 800.0, True, f"MCS2025:{FILE_2025}:2:CAP_EST_ 2024"),
        ("production", 2023, 5.0, False, f"MCS2025:{FILE_2025}:2:PROD_2023"),
        ("production", 2024, 6.0, True, f"MCS2025:{FILE_2025}:2:PROD_EST_ 2024"),
        ("reserves", 2024, 900.0, False, f"MCS2025:{FILE_2025}:2:RESERVES_2024"),
    ]


def test_years_that_an_edition_cannot_hold_are_refused_all_at_once() -> None:
    with pytest.raises(SourceError) as raised:
        read_long(
            long_row("Chile", "48,900", year="2024e"),
            long_row("China", "1"),
            long_row("Peru", "2", year=""),
            long_row("Mali", "3", year="2021–24"),
            # The year of release has no output yet.
            long_row("Niger", "4", year="2026"),
            # Reserves may be older than output.
            long_row("Cuba", "5", year="2023"),
            long_row("Cuba", "6", year="2023", statistics="Reserves"),
            # Import sources say a span of years, and are none of ours.
            long_row("Chile", "50", section="Import Sources", year="2021–24"),
        )
    assert_error_says(
        raised,
        problem="years that an edition can't hold",
        where=f"{FILE_2026}, column Year",
        expected="2024 or 2025 in every world figure, as four digits; of reserves 2023 too",
        got="5 figures without",
        next_step="compare with the printed chapter",
        offenders=[
            "row 2, Lithium, Chile: '2024e'",
            "row 4, Lithium, Peru: None",
            "row 5, Lithium, Mali: '2021–24'",
            "row 6, Lithium, Niger: '2026'",
            "row 7, Lithium, Cuba: '2023'",
        ],
    )


def test_a_layout_that_we_do_not_have_is_refused() -> None:
    file = EDITION_2026.files[0].model_copy(update={"layout": "long_2027"})
    with pytest.raises(SourceError) as raised:
        READER.read_file(SOURCE, EDITION_2026, file, b"")
    assert_error_says(
        raised,
        problem="unknown layout",
        where="MCS2026",
        expected="by_commodity, long_2026, wide_2025",
        got="long_2027",
        next_step="sources/usgs_mcs/layouts.py",
    )
