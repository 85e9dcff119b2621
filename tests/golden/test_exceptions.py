"""Where we answer otherwise than FIGURES.md: seldom, with the publisher's row and the reason."""

from tests.golden.cells import MOST_EXCEPTIONS, exceptions, f1_cells, f2_cells, key_of, read_rows


def test_exceptions_are_few_and_each_quotes_the_publisher() -> None:
    pages = {"F1": f1_cells(), "F2": f2_cells()}
    rows = read_rows("exceptions.csv")
    assert len(rows) <= MOST_EXCEPTIONS
    assert {row["page"] for row in rows} <= pages.keys()
    for page, cells in pages.items():
        printed = {key_of(cell): cell["expected"] for cell in cells}
        assert len(printed) == len(cells), f"{page}: a cell stands twice"
        for key, row in exceptions(page).items():
            assert row["expected"] == printed[key], key
            assert row["got"] != row["expected"], key
            assert row["publisher_row"], key
            assert row["reason"], key
