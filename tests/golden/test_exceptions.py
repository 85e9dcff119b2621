"""Where we answer otherwise than FIGURES.md: seldom, with the publisher's row and the reason."""

from tests.golden.cells import (
    MOST_EXCEPTIONS,
    MOST_TRADE_EXCEPTIONS,
    exceptions,
    f1_cells,
    f2_cells,
    f6_cells,
    f7_cells,
    key_of,
    read_rows,
)


def test_exceptions_are_few_and_each_quotes_the_publisher() -> None:
    pages = {
        "F1": f1_cells(),
        "F2": f2_cells(),
        "F6": f6_cells("F6"),
        "F6b": f6_cells("F6b"),
        "F7": f7_cells(),
    }
    trade = {"F6", "F6b", "F7"}
    rows = read_rows("exceptions.csv")
    assert len([row for row in rows if row["page"] not in trade]) <= MOST_EXCEPTIONS
    assert len([row for row in rows if row["page"] in trade]) <= MOST_TRADE_EXCEPTIONS
    assert {row["page"] for row in rows} <= pages.keys()
    for page, cells in pages.items():
        printed = {key_of(cell): cell["expected"] for cell in cells}
        assert len(printed) == len(cells), f"{page}: a cell stands twice"
        for key, row in exceptions(page).items():
            assert row["expected"] == printed[key], key
            assert row["got"] != row["expected"], key
            assert row["publisher_row"], key
            assert row["reason"], key
