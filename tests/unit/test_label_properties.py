"""Whatever a label looks like, a cell that holds a number becomes a figure: nothing is prose by its look."""

from hypothesis import given, settings
from hypothesis import strategies as st
from publisher_files import long_row as row
from publisher_files import read_long, read_wide, wide_row

LABELS = st.text("abcXYZ019 ,.:()-’é", min_size=1, max_size=200).filter(str.strip)


@settings(deadline=None, max_examples=40)
@given(LABELS, st.sampled_from(["Production", "Capacity", "Reserves"]))
def test_a_world_row_of_2026_is_a_figure(label: str, statistic: str) -> None:
    published = read_long(
        row("Chile", "5", detail=label, statistics=statistic),
        row("World total", "330 - 390", detail=f"{label}: rounded", statistics=statistic),
    )
    figures = published["world_figure"].sort("file_row")
    assert figures["value_number"].to_list() == [5.0, None]
    assert figures["value_upper"].to_list() == [None, 390.0]
    assert published["row_account"].is_empty()


@settings(deadline=None, max_examples=40)
@given(st.sampled_from(["", "Plant capacity, ", "Clinker capacity ", "Reserves, "]), LABELS)
def test_every_filled_cell_of_2025_is_a_figure(kind: str, label: str) -> None:
    cells = wide_row("Chile", "5", "6", stage=kind + label)
    cells[8:12] = ["7", "8", "", "9"]
    figures = read_wide(cells)["world_figure"].sort("value_number")
    assert figures["value_number"].to_list() == [5.0, 6.0, 7.0, 8.0, 9.0]
