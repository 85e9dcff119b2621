"""Adding a mineral touches rows and nothing else: gold, in a copy of the repo, up to the open gate.

The rows and the query are those of docs/how-to/add-a-mineral.md. Printed in MCS 2026 for 2024: China
377 t, Russia 310, Australia 284, world 3,280.
"""

import duckdb
import pytest

from tests.pages import BLOCKS, answer, printed_cells

PAGE = [block for block in BLOCKS if block.path.name == "add-a-mineral.md"]
[QUERY] = [block.text for block in PAGE if block.language == "sql"]
[PRINTED] = [block.text for block in PAGE if block.language == "text"]

pytestmark = pytest.mark.slow


def test_gold_has_shares_as_the_page_prints_them(grown: duckdb.DuckDBPyConnection) -> None:
    assert printed_cells(answer(grown, QUERY)) == printed_cells(PRINTED)
    found = [(row[0], float(row[1]), float(row[2])) for row in printed_cells(PRINTED)[1:]]
    assert found == [
        ("CHN", 377, round(377 / 3280, 4)),
        ("RUS", 310, round(310 / 3280, 4)),
        ("AUS", 284, round(284 / 3280, 4)),
    ]


@pytest.mark.parametrize(
    "mart",
    [
        "dim_mineral",
        "fct_production",
        "fct_reserve",
        "mart_production_share",
        "mart_supplier_concentration",
        "mart_reserve_share",
        "mart_edition_revision",
        "mart_coverage",
    ],
)
def test_gold_is_in_the_marts(grown: duckdb.DuckDBPyConnection, mart: str) -> None:
    count = f"select count(*) from marts.{mart} where mineral_id = 'gold'"
    assert grown.execute(count).fetchall()[0][0] > 0


def test_all_editions_of_gold_are_read(grown: duckdb.DuckDBPyConnection) -> None:
    found = grown.execute(
        "select distinct edition from marts.fct_production where mineral_id = 'gold' order by 1"
    ).fetchall()
    assert found == [("MCS2023",), ("MCS2024",), ("MCS2025",), ("MCS2026",)]
